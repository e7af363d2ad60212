"""Files in which something was found and that are gone: deleted, moved, or their directory was."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping

from buildd.base.containment import relative_to
from buildd.base.task_set import log_failure

log = logging.getLogger(__name__)

SETTLING = 0.2
"""Seconds from a change to the look at it: who saves a file may move the old one away first."""


class DeletedFiles:
    """Of the project at `root`. `files` gives those to follow, each with whether it is known to
    have been there; `on_gone` is told, on the event loop, of those that were and are no more.
    `watch` has a directory watched: when something goes from there, `doubt` is to be called."""

    def __init__(
        self,
        root: str,
        files: Callable[[], Mapping[str, bool]],
        on_gone: Callable[[set[str]], None],
        watch: Callable[[str], None],
    ) -> None:
        self._root = root
        self._files = files
        self._on_gone = on_gone
        self._watch = watch
        self._known: dict[str, bool] = {}
        """Those that were looked at, and whether they were there then."""
        self._is_doubted = False
        self._waiting: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    def changed(self) -> None:
        """The files are others: look soon at those that are new."""
        if self._waiting is None and not self._closed:
            self._waiting = asyncio.get_running_loop().call_later(SETTLING, self._begin)

    def doubt(self) -> None:
        """Some may be gone: look soon at all."""
        self._is_doubted = True
        self.changed()

    async def close(self) -> None:
        """Look no more."""
        self._closed = True
        if self._waiting:
            self._waiting.cancel()
        if self._looking:
            await asyncio.wait((self._looking,))

    def _begin(self) -> None:
        self._waiting = None
        if self._looking:
            self.changed()
            return
        self._looking = asyncio.create_task(self._look())
        self._looking.add_done_callback(self._looked)

    def _looked(self, task: asyncio.Task[None]) -> None:
        self._looking = None
        log_failure(task, log)

    async def _look(self) -> None:
        files = self._files()
        asked = files.keys() if self._is_doubted else files.keys() - self._known.keys()
        self._is_doubted = False
        there = await asyncio.to_thread(self._which_are_there, asked) if asked else set()
        gone = {file for file in asked - there if files[file] or self._known.get(file)}
        self._known = {
            file: file in there if file in asked else self._known[file] for file in files
        }
        if gone and not self._closed:
            self._on_gone(gone)

    def _which_are_there(self, files: Iterable[str]) -> set[str]:
        # Watched first: what goes after the look is told of.
        for directory in set(_directories(files, self._root)):
            self._watch(directory)
        return {file for file in files if not _is_gone(file)}


def _directories(files: Iterable[str], root: str) -> Iterator[str]:
    """Those that the files are in, and those that these are in, up to the root."""
    for directory in {os.path.dirname(file) for file in files}:
        yield directory
        while relative_to(directory, root):
            directory = os.path.dirname(directory)
            yield directory


def _is_gone(file: str) -> bool:
    try:
        os.lstat(file)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        pass  # it cannot be told
    return False
