"""The lock of a state directory: of the daemons that would share one, exactly one gets it.

Two would take each other's containers for their own and remove them. Runtime directories may
differ, as those of a desktop session and of cron do, so their lock does not keep two apart.
Standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import os

from buildd.errors import BuilddError
from buildd.paths import owner_path, socket_of_owner, state_dir


def take(socket: str) -> int | None:
    """Take the lock for the daemon with this socket, and return its descriptor.

    None if the daemon that holds it has the same socket, and is about to find that out. Raises
    BuilddError if it has another.
    """
    path = owner_path()
    try:
        lock = _lock(path)
    except BlockingIOError:
        if (other := socket_of_owner()) == socket:
            return None
        raise BuilddError(
            f"another daemon uses the state directory {state_dir()}: the one at {other}",
            f"Use that one, with BUILDD_RUNTIME_DIR={os.path.dirname(other)}, or give this one "
            "another BUILDD_STATE_DIR.",
        ) from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, os.fsencode(socket), 0)
    _remove_older(os.path.dirname(path), os.path.basename(path))
    return lock


def _lock(path: str) -> int:
    """The descriptor of the file, made if missing, once it is locked. Raises BlockingIOError."""
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.stat(path), os.fstat(lock)):
                    return lock
        except BaseException:
            os.close(lock)
            raise
        os.close(lock)  # somebody has just removed it


def _remove_older(directory: str, ours: str) -> None:
    """Remove what daemons have left that ran before this machine was started last, or on another
    machine that shares the directory."""
    prefix = ours.partition("-")[0]
    for name in os.listdir(directory):
        if name != ours and name.startswith(f"{prefix}-"):
            path = os.path.join(directory, name)
            with contextlib.suppress(OSError):
                lock = _lock(path)
                os.unlink(path)
                os.close(lock)
