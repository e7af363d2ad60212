"""Where the daemon's socket, lock, state and logs are, and which build of it this is.

Standard library only: the terminal client imports this and nothing else of the package.
"""

from __future__ import annotations

import os
import stat

from buildd.errors import BuilddError

# `sun_path` holds 108 bytes with the closing NUL on Linux, 104 on macOS.
SOCKET_PATH_LIMIT = 103


def runtime_dir() -> str:
    """The private directory of the socket, the lock and the runs' pipes; made if missing.

    `$BUILDD_RUNTIME_DIR`, else `$XDG_RUNTIME_DIR/buildd`, else `buildd-UID` in the directory for
    temporary files; there too where the socket's path would be too long for the system.
    Raises BuilddError where it is not a directory that belongs to this user, or where others
    could have reached into it.
    """
    fallback = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"buildd-{os.getuid()}")  # noqa: S108 (owner and mode are checked)
    chosen = os.environ.get("BUILDD_RUNTIME_DIR")
    if not chosen:
        base = os.environ.get("XDG_RUNTIME_DIR", "")
        usable = os.path.isabs(base) and os.path.isdir(base)
        chosen = os.path.join(base, "buildd") if usable else fallback
    if len(os.fsencode(os.path.join(chosen, "daemon.sock"))) > SOCKET_PATH_LIMIT:
        # Two long directories must not meet in one short one.
        chosen = f"{fallback}-{short_hash(chosen)[:8]}"
    return _unspoilt_dir(chosen)


def socket_path() -> str:
    """The daemon's unix socket (0600, in `runtime_dir()`)."""
    return os.path.join(runtime_dir(), "daemon.sock")


def state_dir() -> str:
    """What outlives the daemon: trust, runs, the log. `$BUILDD_STATE_DIR`, else
    `$XDG_STATE_HOME/buildd`, else `~/.local/state/buildd`; made (0700) if missing."""
    return _unspoilt_dir(_own_dir("BUILDD_STATE_DIR", "XDG_STATE_HOME", "~/.local/state"))


def owner_path() -> str:
    """The lock of the state directory; the daemon that holds it has written its socket's path into
    it. Machines that share the directory have one each: they share no containers."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            machine = file.read(8)
    except OSError:
        machine = os.uname().nodename
    return os.path.join(state_dir(), f"daemon.lock-{machine}")


def socket_of_owner() -> str:
    """The socket of the daemon that has, or had, the state directory; empty where none is known."""
    try:
        with open(owner_path(), "rb") as file:
            return os.fsdecode(file.read())
    except OSError:
        return ""


def config_dir() -> str:
    """What the user says to buildd itself: `$BUILDD_CONFIG_DIR`, else `$XDG_CONFIG_HOME/buildd`,
    else `~/.config/buildd`. It need not exist."""
    return _own_dir("BUILDD_CONFIG_DIR", "XDG_CONFIG_HOME", "~/.config")


def _own_dir(own: str, base: str, otherwise: str) -> str:
    """What the variable `own` says; else `buildd` in the directory of the variable `base`, if that
    is absolute, else in `otherwise`."""
    if chosen := os.environ.get(own):
        return chosen
    found = os.environ.get(base, "")
    return os.path.join(found if os.path.isabs(found) else os.path.expanduser(otherwise), "buildd")


def log_path() -> str:
    """The daemon's log; older parts stand beside it with `.1`, `.2`, … appended."""
    return os.path.join(state_dir(), "daemon.log")


def private_dir(path: str) -> str:
    """Make `path` a directory of mode 0700 that is ours, and return it.

    Raises BuilddError where somebody else's, or no directory, stands there.
    """
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        found = os.lstat(path)
    except OSError as error:
        raise BuilddError(
            f"cannot make the directory {path}: {error.strerror}",
            "Set BUILDD_RUNTIME_DIR and BUILDD_STATE_DIR to directories that you can write.",
        ) from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise BuilddError(
            f"{path} is not a directory of yours",
            "Remove it, or set BUILDD_RUNTIME_DIR to a directory of your own.",
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        os.chmod(path, 0o700)
    return path


def _unspoilt_dir(path: str) -> str:
    """As `private_dir`, for one that stands where others may be at work. Raises BuilddError also
    where they could have put something into it, or could put another in its place."""
    before = _mode(path)
    if before & (stat.S_IWGRP | stat.S_IWOTH) and stat.S_ISDIR(before):
        raise BuilddError(
            f"others may write to {path}, so that what is in it may be theirs",
            "Look at what is in it, and remove it: buildd makes it anew.",
        )
    above = _mode(os.path.dirname(path))
    if above & stat.S_IWOTH and not above & stat.S_ISVTX:
        raise BuilddError(
            f"others may put another directory in the place of {path}",
            f"Run `chmod o-w {os.path.dirname(path)}`, or set BUILDD_RUNTIME_DIR and "
            "BUILDD_STATE_DIR to other directories.",
        )
    return private_dir(path)


def _mode(path: str) -> int:
    """Kind and permissions of what stands there, links not followed; 0 if nothing does."""
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


def build_id() -> int:
    """Which build this is: when the newest file of the package was written, in whole seconds.

    Greater is newer, so that a client can tell an older daemon of the same version.
    """
    return int(_newest(os.path.dirname(os.path.abspath(__file__))))


def _newest(folder: str) -> float:
    # Each client's start waits for it, and there are hundreds of files: `os.walk` takes half as
    # long again.
    newest = 0.0
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                newest = max(newest, entry.stat().st_mtime)
            elif entry.name != "__pycache__":
                newest = max(newest, _newest(entry.path))
    return newest


def short_hash(*parts: str) -> str:
    """16 hexadecimal digits that name `parts`."""
    import hashlib  # here: it loads OpenSSL, which the terminal client rarely needs

    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
