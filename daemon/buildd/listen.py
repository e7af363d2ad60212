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

BACKLOG = 128


class Listening(NamedTuple):
    """The lock's descriptor, held as long as the daemon lives, and the bound socket."""

    lock: int
    socket: socket.socket
    path: str


def listen() -> Listening | None:
    """Take the lock and bind the socket (0600); None if another daemon holds the lock."""
    directory = runtime_dir()
    lock = os.open(
        os.path.join(directory, "daemon.lock"),
        os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC,
        0o600,
    )
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    path = os.path.join(directory, "daemon.sock")
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
    return Listening(lock, listener, path)


def peer_uid(connection: socket.socket) -> int:
    """The user id of the process at the other end."""
    size = struct.calcsize("3i")
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    return int(struct.unpack("3i", credentials)[1])
