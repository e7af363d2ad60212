"""Locks on files, which the system releases when their holder ends, however it ends.

Standard library only. A lock's file is made with mode 0600 if it is missing, and stays.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Hold the lock as long as the context lasts.

    Blocks while another process holds it. Raises OSError if the file cannot be opened or is a
    link.
    """
    lock = _open(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def try_lock(path: str) -> int | None:
    """Take the lock at once; return the descriptor that holds it until it is closed.

    None if another process holds it. Raises OSError if the file cannot be opened or is a link.
    """
    lock = _open(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    except BaseException:
        os.close(lock)
        raise
    return lock


def _open(path: str) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
