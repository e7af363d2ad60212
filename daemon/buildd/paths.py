"""This module finds the daemon's socket, lock, state and logs, and identifies this build.

It uses the standard library only, because the terminal client imports it at every start.
"""

from __future__ import annotations

import os
import stat

from buildd.errors import BuilddError

SOCKET_PATH_LIMIT = 103
"""Longest path of a unix socket, in bytes: `sun_path` of unix(7) holds 108 bytes with the closing
NUL on Linux, and 104 on macOS."""


def runtime_dir() -> str:
    """Return the private directory of the socket, the lock and the runs' pipes, made if missing.

    It is `$BUILDD_RUNTIME_DIR`, else `$XDG_RUNTIME_DIR/buildd`, else `buildd-UID` in the directory
    for temporary files. If the socket's path would be longer than SOCKET_PATH_LIMIT, a directory
    with a short name beside the last one is used. Raises BuilddError if it is not a directory of
    this user, or if other users could have changed what is in it.
    """
    fallback = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"buildd-{os.getuid()}")  # noqa: S108 (owner and mode are checked)
    chosen = os.environ.get("BUILDD_RUNTIME_DIR")
    if not chosen:
        base = os.environ.get("XDG_RUNTIME_DIR", "")
        usable = os.path.isabs(base) and os.path.isdir(base)
        chosen = os.path.join(base, "buildd") if usable else fallback
    if len(os.fsencode(os.path.join(chosen, "daemon.sock"))) > SOCKET_PATH_LIMIT:
        # The hash keeps two long directories from sharing one short directory.
        chosen = f"{fallback}-{short_hash(chosen)[:8]}"
    return _checked_dir(chosen)


def socket_path() -> str:
    """Return the path of the daemon's unix socket, which has mode 0600."""
    return os.path.join(runtime_dir(), "daemon.sock")


def lock_path() -> str:
    """Return the file that a running daemon holds locked (flock), and that has its process id."""
    return os.path.join(runtime_dir(), "daemon.lock")


def state_dir() -> str:
    """Return the directory of the trust records, run results and logs, made (0700) if missing.

    It is `$BUILDD_STATE_DIR`, else `$XDG_STATE_HOME/buildd`, else `~/.local/state/buildd`.
    Raises BuilddError as `runtime_dir` does.
    """
    return _checked_dir(_base_dir("BUILDD_STATE_DIR", "XDG_STATE_HOME", "~/.local/state"))


def config_dir() -> str:
    """Return the directory of the user's own configuration, which need not exist.

    It is `$BUILDD_CONFIG_DIR`, else `$XDG_CONFIG_HOME/buildd`, else `~/.config/buildd`.
    """
    return _base_dir("BUILDD_CONFIG_DIR", "XDG_CONFIG_HOME", "~/.config")


def _base_dir(variable: str, xdg_variable: str, default: str) -> str:
    """Return the value of `variable`, else `buildd` in the directory that `xdg_variable` names.

    The XDG Base Directory Specification ignores relative paths; `default` is used then.
    """
    if chosen := os.environ.get(variable):
        return chosen
    base = os.environ.get(xdg_variable, "")
    return os.path.join(base if os.path.isabs(base) else os.path.expanduser(default), "buildd")


def log_path() -> str:
    """Return the path of the daemon's log; older parts have `.1`, `.2`, … appended."""
    return os.path.join(state_dir(), "daemon.log")


def private_dir(path: str) -> str:
    """Make `path` a directory of this user with mode 0700, and return it.

    Raises BuilddError if it cannot be made, or if something else is there already.
    """
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        status = os.lstat(path)
    except OSError as error:
        raise BuilddError(
            f"cannot create the directory {path}: {error.strerror}",
            "Set BUILDD_RUNTIME_DIR and BUILDD_STATE_DIR to directories that you can write to.",
        ) from error
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise BuilddError(
            f"{path} is not a directory that belongs to you",
            "Remove it, or set BUILDD_RUNTIME_DIR to a directory of your own.",
        )
    if stat.S_IMODE(status.st_mode) != 0o700:
        os.chmod(path, 0o700)
    return path


def is_utf8(text: str) -> bool:
    """Return whether the text is valid Unicode.

    Python keeps bytes of a path that are not UTF-8 as lone surrogates.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def require_utf8(path: str, remedy: str = "Rename the directory, or work in another one.") -> str:
    """Return the path. Raises BuilddError if it is not valid UTF-8.

    Neither JSON nor LSP can carry such a path, so no message could name it.
    """
    if not is_utf8(path):
        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        raise BuilddError(f"the path {shown} is not valid UTF-8, and buildd cannot name it", remedy)
    return path


def _checked_dir(path: str) -> str:
    """Return `private_dir(path)`, unless other users could have tampered with it.

    Raises BuilddError also if they could have written to it, or could replace it.
    """
    require_utf8(path, "Set BUILDD_RUNTIME_DIR and BUILDD_STATE_DIR to other directories.")
    mode = _mode(path)
    if mode & (stat.S_IWGRP | stat.S_IWOTH) and stat.S_ISDIR(mode):
        raise BuilddError(
            f"other users can write to {path}, so its files may not be yours",
            "Check what is in it, then remove it: buildd creates it again.",
        )
    parent_mode = _mode(os.path.dirname(path))
    if parent_mode & stat.S_IWOTH and not parent_mode & stat.S_ISVTX:
        raise BuilddError(
            f"other users can replace {path} with another directory",
            f"Run `chmod o-w {os.path.dirname(path)}`, or set BUILDD_RUNTIME_DIR and "
            "BUILDD_STATE_DIR to other directories.",
        )
    return private_dir(path)


def _mode(path: str) -> int:
    """Return `st_mode` of the path without following a link, or 0 if there is nothing."""
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


def build_id() -> int:
    """Return the time of the package's newest file, in whole seconds since the epoch.

    A greater number is a newer build, so a client can detect an older daemon of the same version.
    """
    return int(_newest(os.path.dirname(os.path.abspath(__file__))))


def _newest(folder: str) -> float:
    # Every start of a client waits for this, and there are hundreds of files: `os.walk` takes
    # half as long again.
    newest = 0.0
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                newest = max(newest, entry.stat().st_mtime)
            elif entry.name != "__pycache__":
                newest = max(newest, _newest(entry.path))
    return newest


def short_hash(*parts: str) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of `parts`."""
    import hashlib  # here: it loads OpenSSL, which the terminal client rarely needs

    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
