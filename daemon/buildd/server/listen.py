"""The daemon's lock and socket: of any number of starters exactly one gets them.

Standard library only, so that the socket is there before the slow imports.
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
from buildd.server import state_lock

BACKLOG = 128


class ListeningSocket(NamedTuple):
    """The lock's descriptor, held as long as the daemon lives, and the bound socket. `identity`
    tells the socket's file from another that has taken its place."""

    lock: int
    socket: socket.socket
    path: str
    identity: tuple[int, int]
    state: int
    """The descriptor of the state directory's lock, held as long."""

    def release(self) -> None:
        """Give both locks back."""
        # In this order: who waits for the other finds this one free.
        for lock in (self.state, self.lock):
            os.close(lock)


def listen() -> ListeningSocket | None:
    """Take the locks and bind the socket (0600); None if another daemon holds the lock. Raises
    BuilddError if one with another socket holds that of the state directory."""
    lock = _take_lock()
    if lock is None:
        return None
    try:
        state = state_lock.take(_socket_path())
    except BaseException:
        os.close(lock)
        raise
    if state is None:
        os.close(lock)
        return None
    try:
        return _bind(lock, state)
    except BaseException:
        os.close(state)
        raise


def is_found(listening: ListeningSocket) -> bool:
    """Whether who looks for the daemon still comes upon its socket."""
    return _identity(listening.path) == listening.identity


def renew(listening: ListeningSocket) -> ListeningSocket | None:
    """Bind the socket again, whose file somebody has removed or replaced; None if the lock has
    gone too, and another daemon holds the new one."""
    found = os.fstat(listening.lock)
    if _identity(_lock_path()) == (found.st_dev, found.st_ino):
        return _bind(os.dup(listening.lock), listening.state)
    lock = _take_lock()
    return None if lock is None else _bind(lock, listening.state)


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


def _socket_path() -> str:
    return os.path.join(runtime_dir(), "daemon.sock")


def _bind(lock: int, state: int) -> ListeningSocket:
    path = _socket_path()
    # We hold the lock: a socket that is there belongs to a daemon that is gone.
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
    return ListeningSocket(lock, listener, path, _identity(path), state)


def _identity(path: str) -> tuple[int, int]:
    try:
        found = os.lstat(path)
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def peer_uid(connection: socket.socket) -> int:
    """The user id of the process at the other end."""
    size = struct.calcsize("3i")
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    return int(struct.unpack("3i", credentials)[1])
