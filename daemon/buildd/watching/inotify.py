"""Tells whether something in directories was touched. Only this module imports inotify_simple.

The system's queue is read when the question is asked. So it has everything that happened before,
without a thread in between that would report it later.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable

log = logging.getLogger(__name__)


class TouchedDirectories:
    """Watches directories, calls `on_touch` on the event loop, and answers when asked.

    With `only_deleted`, only files count that are deleted or moved away. If the system cannot
    report changes, the answer is always yes.
    """

    def __init__(self, on_touch: Callable[[], None], *, only_deleted: bool = False) -> None:
        self._on_touch = on_touch
        self._only_deleted = only_deleted
        self._is_touched = True
        self._is_unreliable = False
        self._queue: INotify | None = None
        try:
            self._queue = INotify(nonblocking=True)
        except OSError as error:
            self._on_failure(error)
        else:
            asyncio.get_running_loop().add_reader(self._queue.fileno(), self._read)

    def add(self, directory: str) -> None:
        """Watch also what is directly in this directory, if it exists. Call it on any thread."""
        if self._queue is None or self._is_unreliable:
            return
        try:
            self._queue.add_watch(directory, _DELETED if self._only_deleted else _ANY)
        except (FileNotFoundError, NotADirectoryError):
            return
        except (OSError, ValueError) as error:
            self._on_failure(error)

    def take(self) -> bool:
        """Return whether something was touched since the last call."""
        self._drain()
        was_touched, self._is_touched = self._is_touched or self._is_unreliable, False
        return was_touched

    def close(self) -> None:
        """Stop watching."""
        if self._queue is not None:
            asyncio.get_running_loop().remove_reader(self._queue.fileno())
            self._queue.close()
            self._queue = None

    def _read(self) -> None:
        self._drain()
        if self._is_touched:
            self._on_touch()

    def _drain(self) -> None:
        if self._queue is not None and self._queue.read(timeout=0):
            # An overflow of the queue is an event too.
            self._is_touched = True

    def _on_failure(self, error: Exception) -> None:
        log.warning("changes of files are looked for at each use only: %s", error)
        self._is_unreliable = True


if sys.platform == "linux":
    from inotify_simple import INotify, flags

    _DELETED = flags.DELETE | flags.MOVED_FROM | flags.MOVE_SELF | flags.ONLYDIR
    _ANY = _DELETED | flags.CLOSE_WRITE | flags.ATTRIB | flags.CREATE | flags.MOVED_TO
