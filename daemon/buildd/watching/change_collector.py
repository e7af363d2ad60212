"""News of changes in a tree, which come one by one and may be wrong, made into what has changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from buildd.watching.snapshot import TreeSnapshot

SETTLE = 0.1
"""Seconds without further news after which a file that nobody was seen to close is looked at."""

POLL = 2.0
"""Seconds between two looks where there are no news; more where one takes long."""

POLL_SHARE = 20
"""So many times as long as a look takes is the time between two, at least."""


class ChangedFile(NamedTuple):
    """A file that was written, moved or removed. `born` is when it came to be (seconds since the
    epoch), 0 if it was there before the watching."""

    file: str
    born: float


class ChangeCollector:
    """Takes news from any thread; a thread of its own looks, and calls `report` with what it has
    found, many together."""

    def __init__(self, root: str, report: Callable[[list[ChangedFile]], None]) -> None:
        self._root = root
        self._report = report
        self._tree = TreeSnapshot(root)
        self._born: dict[str, float] = {}
        self._certain: set[str] = set()
        self._settling: dict[str, float] = {}
        self._folders: dict[str, float] = {}
        self._pause = POLL
        self._polls = False
        self._closed = False
        self._woken = threading.Condition()
        self._thread = threading.Thread(target=self._work, name=f"news of {root}", daemon=True)

    def start(self) -> None:
        """Begin: what is there now is what later changes are told against. Blocks while it is gone
        through."""
        started = time.monotonic()
        self._tree.scan(self._root)
        self._pause = max(POLL, POLL_SHARE * (time.monotonic() - started))
        self._thread.start()

    def close(self) -> None:
        """Stop. Blocks until the thread has gone."""
        with self._woken:
            self._closed = True
            self._woken.notify()
        if self._thread.is_alive():
            self._thread.join()

    def certain(self, file: str) -> None:
        """It was closed after writing, moved or removed."""
        with self._woken:
            self._settling.pop(file, None)
            self._certain.add(file)
            self._woken.notify()

    def uncertain(self, file: str, *, is_new: bool = False) -> None:
        """It is there since now, or being written, or something else about it is another."""
        with self._woken:
            if is_new:
                self._born[file] = time.time()
            is_first = not self._settling
            self._settling[file] = time.monotonic() + SETTLE
            if is_first:
                self._woken.notify()

    def folder(self, directory: str) -> None:
        """It has come, moved or gone, with what is in it."""
        with self._woken:
            self._folders.setdefault(directory, time.monotonic() + SETTLE / 2)
            self._woken.notify()

    def lost(self) -> None:
        """Nobody knows what has been missed: all is looked at."""
        self.folder(self._root)

    def poll(self) -> None:
        """Not all news will come: from now on all is looked at again and again."""
        with self._woken:
            self._polls = True
            self._folders.setdefault(self._root, time.monotonic() + self._pause)
            self._woken.notify()

    def _work(self) -> None:
        while True:
            with self._woken:
                while not self._closed and not self._certain and (wait := self._wait()) > 0:
                    self._woken.wait(wait if wait < float("inf") else None)
                if self._closed:
                    return
                now = time.monotonic()
                certain, self._certain = self._certain, set()
                settled = _due(self._settling, now)
                folders = _due(self._folders, now)
            changed = [file for file in certain if self._tree.is_of_it(file)]
            changed += [file for file in settled if self._tree.is_changed(file)]
            for folder in folders:
                changed += self._tree.scan(folder)
            if self._polls:
                self._folders.setdefault(self._root, time.monotonic() + self._pause)
            if changed:
                self._report(
                    [ChangedFile(file, self._birth(file)) for file in dict.fromkeys(changed)]
                )

    def _wait(self) -> float:
        times = (*self._settling.values(), *self._folders.values())
        return min(times, default=float("inf")) - time.monotonic()

    def _birth(self, file: str) -> float:
        return self._born.get(file, 0.0) if self._tree.holds(file) else self._born.pop(file, 0.0)


def _due(times: dict[str, float], now: float) -> list[str]:
    """Take out those whose time has come."""
    due = [name for name, when in times.items() if when <= now]
    for name in due:
        del times[name]
    return due
