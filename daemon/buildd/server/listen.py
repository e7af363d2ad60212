"""The daemon's lock and socket: of all processes that start, exactly one gets them.

It imports the standard library only, so that the socket is there before the slow imports.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import time
from typing import NamedTuple

from buildd.base.file_lock import try_lock
from buildd.errors import BuilddError
from buildd.paths import lock_path, socket_path

BACKLOG = 128

FIRST_PASSED = 3
"""The descriptor that a service manager passes a socket as; see sd_listen_fds(3)."""

PATIENCE = 30.0
"""Seconds that a daemon whose socket was passed waits for the lock: another may still be ending,
and a service manager starts the next one as soon as a client asks for it."""


class ListeningSocket(NamedTuple):
    """The lock's descriptor, which is held as long as the daemon runs, and the bound socket.

    `identity` distinguishes the socket's file from another one at the same path. `is_passed` says
    that a service manager made the socket, and listens on it while there is no daemon.
    """

    lock: int
    socket: socket.socket
    path: str
    identity: tuple[int, int]
    is_passed: bool = False


def listen() -> ListeningSocket | None:
    """Take the lock and bind the socket (mode 0600), unless a service manager passed one.

    None if another daemon holds the lock. Raises BuilddError if there can be no socket.
    """
    passed = _passed_socket()
    lock = _take_lock(PATIENCE if passed else 0)
    if lock is None:
        return None
    if passed is None:
        return _bind(lock)
    path = socket_path()
    return ListeningSocket(lock, passed, path, _identity(path), is_passed=True)


def is_found(listening: ListeningSocket) -> bool:
    """Return whether clients that look for the daemon still find its socket."""
    return _identity(listening.path) == listening.identity


def renew(listening: ListeningSocket) -> ListeningSocket | None:
    """Bind the socket again, whose file was removed or replaced.

    None if the lock's file was replaced too, and another daemon holds the new lock.
    """
    found = os.fstat(listening.lock)
    if _identity(lock_path()) == (found.st_dev, found.st_ino):
        return _bind(os.dup(listening.lock))
    return listen()


def _take_lock(patience: float) -> int | None:
    """The lock's descriptor, with our process id in the file; None if it is held for `patience`
    seconds by another."""
    deadline = time.monotonic() + patience
    while (lock := try_lock(lock_path())) is None:
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.05)
    os.ftruncate(lock, 0)
    os.pwrite(lock, b"%d\n" % os.getpid(), 0)
    return lock


def _passed_socket() -> socket.socket | None:
    """The socket that a service manager has passed to this process. Raises BuilddError where it
    is not the one that clients look for."""
    process, count = (os.environ.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS"))
    os.environ.pop("LISTEN_FDNAMES", None)
    if process != str(os.getpid()) or count in ("", "0"):
        return None
    path = socket_path()
    try:
        passed = socket.socket(fileno=FIRST_PASSED)
        listens = passed.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        if count == "1" and listens and passed.getsockname() == path:
            passed.set_inheritable(False)
            passed.setblocking(False)
            return passed
    except OSError:
        pass  # it is no socket
    raise BuilddError(
        f"what the service manager passes is not one socket that listens at {path}",
        "Run `buildd daemon install` again.",
    )


def _bind(lock: int) -> ListeningSocket:
    path = socket_path()
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
