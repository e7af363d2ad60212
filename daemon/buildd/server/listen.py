"""The daemon's lock and socket: of all processes that start, exactly one gets them.

It imports the standard library only, so that the socket is there before the slow imports.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import struct
from typing import NamedTuple

from buildd.errors import BuilddError
from buildd.paths import runtime_dir

BACKLOG = 128


class ListeningSocket(NamedTuple):
    """The lock's descriptor, which is held as long as the daemon runs, and the bound socket.

    `identity` distinguishes the socket's file from another one at the same path.
    """

    lock: int
    socket: socket.socket
    path: str
    identity: tuple[int, int]


def listen() -> ListeningSocket | None:
    """Take the lock and bind the socket (mode 0600); None if another daemon holds the lock."""
    lock = _take_lock()
    return None if lock is None else _bind(lock)


def is_found(listening: ListeningSocket) -> bool:
    """Return whether clients that look for the daemon still find its socket."""
    return _identity(listening.path) == listening.identity


def renew(listening: ListeningSocket) -> ListeningSocket | None:
    """Bind the socket again, whose file was removed or replaced.

    None if the lock's file was replaced too, and another daemon holds the new lock.
    """
    found = os.fstat(listening.lock)
    if _identity(_lock_path()) == (found.st_dev, found.st_ino):
        return _bind(os.dup(listening.lock))
    return listen()


def _lock_path() -> str:
    return os.path.join(runtime_dir(), "daemon.lock")


def _take_lock() -> int | None:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    lock = os.open(_lock_path(), flags, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _bind(lock: int) -> ListeningSocket:
    path = os.path.join(runtime_dir(), "daemon.sock")
    # This process holds the lock, so an existing socket belongs to a daemon that is gone.
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(path)
    except OSError as error:
        os.close(lock)
        raise BuilddError(
            f"the socket {path} cannot be made: {error.strerror}",
            "Set BUILDD_RUNTIME_DIR to a directory on a local file system.",
        ) from error
    finally:
        os.umask(before)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return ListeningSocket(lock, listener, path, _identity(path))


def _identity(path: str) -> tuple[int, int]:
    try:
        found = os.lstat(path)
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def peer_uid(connection: socket.socket) -> int:
    """Return the user id of the process at the other end."""
    size = struct.calcsize("3i")
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    return int(struct.unpack("3i", credentials)[1])
