"""Starts tasks at a save in an editor and at a change on the disk; each change starts them once."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager

from buildd.base.globs import Globs
from buildd.base.task_set import TaskSet
from buildd.errors import BuilddError
from buildd.model import Task, Trigger
from buildd.watching.change_collector import ChangedFile
from buildd.watching.file_watch import TreeWatch
from buildd.watching.self_changes import FileChange, SelfChanges

log = logging.getLogger(__name__)

Patterns = Mapping[str, Globs]
"""By a task's name: the files whose changes start it."""

Start = Callable[[str, Trigger, object], Awaitable[None]]
"""Runs a task, given its name, its trigger and who holds the run."""

OnError = Callable[[BuilddError], None]
"""Reports an error that no request answers with."""

_Identity = tuple[int, int, int]

LATENESS = 1.0
"""Seconds after which it is known at the latest that a file was deleted."""


def compiled(tasks: Iterable[Task], otherwise: str = "") -> Patterns:
    """Return the patterns of the tasks; `otherwise`, if given, is the pattern of those without."""
    lines = {task.name: task.on_save or ((otherwise,) if otherwise else ()) for task in tasks}
    return {name: Globs(patterns) for name, patterns in lines.items() if patterns}


class Triggers:
    """Starts tasks of the project at `root` when files change, by calling `start`.

    `on_error` is called when that is not possible.
    """

    def __init__(self, root: str, start: Start, on_error: OnError) -> None:
        self.self_changes = SelfChanges()
        self._root = root
        self._start = start
        self._on_error = on_error
        self._seen: dict[str, tuple[_Identity, Trigger]] = {}
        self._tasks = TaskSet(log)

    def saved(self, file: str, patterns: Patterns, holder: object) -> None:
        """Start the tasks whose patterns match a file that an editor saved.

        If the disk is watched, the save is noticed there too; whichever comes second does nothing.
        """
        self._tasks.start(self._saved(file, patterns, holder))

    @asynccontextmanager
    async def watching(self, patterns: Patterns, holder: object) -> AsyncIterator[None]:
        """Start tasks at changes on the disk, as long as the context lasts."""
        watch = TreeWatch(
            self._root,
            lambda seen: self._tasks.start(self._changed(seen, patterns, holder)),
            lambda reason: self._on_error(_polling(self._root, reason)),
        )
        try:
            await asyncio.to_thread(watch.start)
            yield
        finally:
            await asyncio.to_thread(watch.close)

    async def _saved(self, file: str, patterns: Patterns, holder: object) -> None:
        names = await asyncio.to_thread(self._wanted, file, Trigger.SAVE, patterns)
        self.self_changes.saved(file)
        for name in names:
            await self._start(name, Trigger.SAVE, holder)

    async def _changed(self, seen: list[ChangedFile], patterns: Patterns, holder: object) -> None:
        changes = await asyncio.to_thread(self._changes, seen, patterns)
        for name, found in changes.items():
            try:
                # Every change is asked about, because each one teaches something.
                starting = [self.self_changes.starts(name, change) for change in found]
                if any(starting):
                    await self._start(name, Trigger.WATCH, holder)
            except BuilddError as error:
                self._on_error(error)

    def _changes(self, seen: list[ChangedFile], patterns: Patterns) -> dict[str, list[FileChange]]:
        """By task, the changes that may start it."""
        found: dict[str, list[FileChange]] = {}
        for file, created in seen:
            if names := self._wanted(file, Trigger.WATCH, patterns):
                change = _change(file, created)
                for name in names:
                    found.setdefault(name, []).append(change)
        return found

    def _wanted(self, file: str, trigger: Trigger, patterns: Patterns) -> list[str]:
        """The tasks to start; none if the other trigger has already reported this change.

        The same trigger is always believed: an editor that reports a save twice means it.
        """
        relative = os.path.relpath(file, self._root)
        names = [name for name, files in patterns.items() if files.selects(relative)]
        if names:
            identity = _identity(file)
            before = self._seen.get(file)
            self._seen[file] = (identity, trigger)
            if before and before[0] == identity and before[1] is not trigger:
                return []
        return names


def _polling(root: str, reason: str) -> BuilddError:
    return BuilddError(
        f"{root} is looked at every few seconds: {reason}",
        "If the system has no watches left, raise fs.inotify.max_user_watches.",
    )


def _change(file: str, created: float) -> FileChange:
    try:
        # Not the modification time, which a copy may keep.
        when = os.stat(file).st_ctime
    except OSError:
        now = time.time()
        return FileChange(file, now - LATENESS, now, created, is_deleted=True)
    return FileChange(file, when, when, created, is_deleted=False)


def _identity(file: str) -> _Identity:
    try:
        found = os.stat(file)
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size
