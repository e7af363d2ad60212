"""Notices that files with diagnostics are gone: deleted or moved, or their directory was."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping

from buildd.base.containment import relative_to

log = logging.getLogger(__name__)

SETTLING = 0.2
"""Seconds from a change to the check, because an editor may move the old file away at a save."""


class DeletedFiles:
    """Follows the files of one project, and calls `on_deleted` with those that are gone.

    `files` returns the files to follow, each with whether it is known to have existed. `on_deleted`
    is called on the event loop. `watch` watches a directory: when something is deleted there,
    `check_all` must be called.
    """

    def __init__(
        self,
        root: str,
        files: Callable[[], Mapping[str, bool]],
        on_deleted: Callable[[set[str]], None],
        watch: Callable[[str], None],
    ) -> None:
        self._root = root
        self._files = files
        self._on_deleted = on_deleted
        self._watch = watch
        self._known: dict[str, bool] = {}
        """The files that were checked, and whether they existed then."""
        self._is_all_due = False
        self._waiting: asyncio.TimerHandle | None = None
        self._checking: asyncio.Task[None] | None = None
        self._closed = False

    def check_new(self) -> None:
        """Check soon the files that are new among those to follow."""
        if self._waiting is None and not self._closed:
            self._waiting = asyncio.get_running_loop().call_later(SETTLING, self._begin)

    def check_all(self) -> None:
        """Check soon all files, because some may be gone."""
        self._is_all_due = True
        self.check_new()

    async def close(self) -> None:
        """Stop checking."""
        self._closed = True
        if self._waiting:
            self._waiting.cancel()
        if self._checking:
            await asyncio.wait((self._checking,))

    def _begin(self) -> None:
        self._waiting = None
        if self._checking:
            self.check_new()
            return
        self._checking = asyncio.create_task(self._check())
        self._checking.add_done_callback(self._on_checked)

    def _on_checked(self, task: asyncio.Task[None]) -> None:
        self._checking = None
        task.result()

    async def _check(self) -> None:
        files = self._files()
        asked = files.keys() if self._is_all_due else files.keys() - self._known.keys()
        self._is_all_due = False
        there = await asyncio.to_thread(self._existing, asked) if asked else set()
        gone = {file for file in asked - there if files[file] or self._known.get(file)}
        self._known = {
            file: file in there if file in asked else self._known[file] for file in files
        }
        if gone and not self._closed:
            self._on_deleted(gone)

    def _existing(self, files: Iterable[str]) -> set[str]:
        # Watched first: what is deleted after the check is noticed.
        for directory in set(_directories(files, self._root)):
            self._watch(directory)
        return {file for file in files if not _is_gone(file)}


def _directories(files: Iterable[str], root: str) -> Iterator[str]:
    """The directories of the files, and the directories above those, up to the root."""
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
        pass  # not known
    return False
