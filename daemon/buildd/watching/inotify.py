"""Whether something in directories was touched; the only place that imports inotify_simple.

Asked directly, the system's queue holds what happened before the question: no thread in between
that would tell of it later.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable

log = logging.getLogger(__name__)


class TouchedDirectories:
    """Calls `on_touch()` on the event loop, and answers when asked; `only_gone`: of what is deleted
    or moved away. Where the system does not tell, the answer is always yes."""

    def __init__(self, on_touch: Callable[[], None], *, only_gone: bool = False) -> None:
        self._on_touch = on_touch
        self._only_gone = only_gone
        self._is_touched = True
        self._is_blind = False
        self._queue: INotify | None = None
        try:
            self._queue = INotify(nonblocking=True)
        except OSError as error:
            self._go_blind(error)
        else:
            asyncio.get_running_loop().add_reader(self._queue.fileno(), self._read)

    def add(self, directory: str) -> None:
        """Watch what is directly in the directory too, if there is one. Called on any thread."""
        if self._queue is None or self._is_blind:
            return
        try:
            self._queue.add_watch(directory, _GONE if self._only_gone else _ANY)
        except (FileNotFoundError, NotADirectoryError):
            return
        except (OSError, ValueError) as error:
            self._go_blind(error)

    def take(self) -> bool:
        """Whether something was touched since one last asked."""
        self._drain()
        was_touched, self._is_touched = self._is_touched or self._is_blind, False
        return was_touched

    def close(self) -> None:
        """Watch no more."""
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

    def _go_blind(self, error: Exception) -> None:
        log.warning("changes of files are looked for at each use only: %s", error)
        self._is_blind = True


if sys.platform == "linux":
    from inotify_simple import INotify, flags

    _GONE = flags.DELETE | flags.MOVED_FROM | flags.MOVE_SELF | flags.ONLYDIR
    _ANY = _GONE | flags.CLOSE_WRITE | flags.ATTRIB | flags.CREATE | flags.MOVED_TO
