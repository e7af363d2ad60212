"""Files that are exchanged while somebody uses them, as an attacker's loop does."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from inotify_simple import INotify, flags

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_LIBC = ctypes.CDLL(None, use_errno=True)


def exchange(first: str, second: str) -> None:
    """Have two files, directories or links take each other's place, at once."""
    names = (os.fsencode(first), os.fsencode(second))
    if _LIBC.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE):
        raise OSError(ctypes.get_errno(), "cannot exchange", first)


@contextmanager
def exchanged_for_ever(first: str, second: str) -> Iterator[None]:
    """Exchange them again and again while the context lasts; each is in its place afterwards."""

    def work() -> None:
        exchange(first, second)
        exchange(first, second)

    with _repeated(work):
        yield


@contextmanager
def exchanged_after_reading(read: str, times: int, file: str, other: str) -> Iterator[None]:
    """Exchange `file` and `other` once the file `read` was read so many times while the context
    lasts; each is in its place afterwards."""
    watch = INotify(nonblocking=True)
    watch.add_watch(os.path.dirname(read), flags.CLOSE_NOWRITE)
    name = os.path.basename(read)
    left = [times]

    def work() -> None:
        for event in watch.read(timeout=10):
            if event.name == name:
                left[0] -= 1
                if left[0] == 0:
                    exchange(file, other)

    try:
        with _repeated(work):
            yield
    finally:
        watch.close()
        if left[0] <= 0:
            exchange(file, other)


@contextmanager
def _repeated(work: Callable[[], None]) -> Iterator[None]:
    ended = threading.Event()

    def loop() -> None:
        while not ended.is_set():
            work()

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
