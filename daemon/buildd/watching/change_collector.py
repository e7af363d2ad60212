"""Collects events of a directory tree, which may be wrong, and finds what has really changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from buildd.watching.snapshot import TreeSnapshot

SETTLE = 0.1
"""Seconds without another event after which a file is checked that was not seen to be closed."""

POLL = 2.0
"""Seconds between two scans if there are no events; more if a scan takes long."""

POLL_SHARE = 20
"""The time between two scans is at least this many times the duration of one."""


class ChangedFile(NamedTuple):
    """A file that was written, moved or removed.

    `created` is when it was created, in seconds since the epoch; 0 if it was there before.
    """

    file: str
    created: float


class ChangeCollector:
    """Takes events from any thread, and checks the files in a thread of its own.

    That thread calls `report` with the files that have changed, many at once.
    """

    def __init__(self, root: str, report: Callable[[list[ChangedFile]], None]) -> None:
        self._root = root
        self._report = report
        self._tree = TreeSnapshot(root)
        self._created: dict[str, float] = {}
        self._certain: set[str] = set()
        self._settling: dict[str, float] = {}
        self._folders: dict[str, float] = {}
        self._pause = POLL
        self._polls = False
        self._closed = False
        self._woken = threading.Condition()
        self._thread = threading.Thread(target=self._work, name=f"changes of {root}", daemon=True)

    def start(self) -> None:
        """Begin: later changes are changes from what is there now. Blocks while that is scanned."""
        started = time.monotonic()
        self._tree.scan(self._root)
        self._pause = max(POLL, POLL_SHARE * (time.monotonic() - started))
        self._thread.start()

    def close(self) -> None:
        """Stop. Blocks until the thread has ended."""
        with self._woken:
            self._closed = True
            self._woken.notify()
        if self._thread.is_alive():
            self._thread.join()

    def certain(self, file: str) -> None:
        """Take note that a file was closed after writing, moved or removed."""
        with self._woken:
            self._settling.pop(file, None)
            self._certain.add(file)
            self._woken.notify()

    def uncertain(self, file: str, *, is_new: bool = False) -> None:
        """Take note that a file was created, is being written, or has changed in another way."""
        with self._woken:
            if is_new:
                self._created[file] = time.time()
            is_first = not self._settling
            self._settling[file] = time.monotonic() + SETTLE
            if is_first:
                self._woken.notify()

    def folder(self, directory: str) -> None:
        """Take note that a directory was created, moved or removed, with what is in it."""
        with self._woken:
            self._folders.setdefault(directory, time.monotonic() + SETTLE / 2)
            self._woken.notify()

    def lost(self) -> None:
        """Take note that events were lost: everything is scanned."""
        self.folder(self._root)

    def poll(self) -> None:
        """Scan everything again and again from now on, because not all events will come."""
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
            changed = [file for file in certain if self._tree.includes(file)]
            changed += [file for file in settled if self._tree.is_changed(file)]
            for folder in folders:
                changed += self._tree.scan(folder)
            if self._polls:
                self._folders.setdefault(self._root, time.monotonic() + self._pause)
            if changed:
                self._report(
                    [ChangedFile(file, self._creation(file)) for file in dict.fromkeys(changed)]
                )

    def _wait(self) -> float:
        times = (*self._settling.values(), *self._folders.values())
        return min(times, default=float("inf")) - time.monotonic()

    def _creation(self, file: str) -> float:
        if self._tree.holds(file):
            return self._created.get(file, 0.0)
        return self._created.pop(file, 0.0)


def _due(times: dict[str, float], now: float) -> list[str]:
    """Remove and return the names whose time has come."""
    due = [name for name, when in times.items() if when <= now]
    for name in due:
        del times[name]
    return due
