"""Two files or directories that swap their names all the time, as an attacker has them do."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def exchanging(one: Path, other: Path) -> Iterator[None]:
    """Exchange the two without a pause, for as long as the context lasts."""
    exchange = ctypes.CDLL(None, use_errno=True).renameat2
    names = os.fsencode(one), os.fsencode(other)
    at_cwd, flag = -100, 2
    if exchange(at_cwd, names[0], at_cwd, names[1], flag):
        pytest.skip("the file system exchanges no names")
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            exchange(at_cwd, names[0], at_cwd, names[1], flag)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
