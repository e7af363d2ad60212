"""What starts a task by itself: a save in an editor, a change on the disk; each change once."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager

import pathspec

from buildd.base.task_set import TaskSet
from buildd.errors import BuilddError
from buildd.model import Task, Trigger
from buildd.watching.change_collector import ChangedFile
from buildd.watching.file_watch import TreeWatch
from buildd.watching.self_changes import SelfChange, SelfChanges

log = logging.getLogger(__name__)

Patterns = Mapping[str, "pathspec.PathSpec[pathspec.Pattern]"]
"""By a task's name: which files' changes start it."""

Start = Callable[[str, Trigger, object], Awaitable[None]]
"""Runs a task, given its name, for the holder."""

OnError = Callable[[BuilddError], None]
"""Tells whoever looks at the project of something that nobody asked for."""

_Identity = tuple[int, int, int]

LATENESS = 1.0
"""Seconds after which it is known at the latest that a file is gone."""


def compiled(tasks: Iterable[Task], otherwise: str = "") -> Patterns:
    """The patterns of those that have some; of the others, `otherwise` if it is given."""
    lines = {task.name: task.on_save or ((otherwise,) if otherwise else ()) for task in tasks}
    return {
        name: pathspec.PathSpec.from_lines("gitignore", one) for name, one in lines.items() if one
    }


class Triggers:
    """Of the project at `root`."""

    def __init__(self, root: str, start: Start, tell: OnError) -> None:
        self.echoes = SelfChanges()
        self._root = root
        self._start = start
        self._tell = tell
        self._told: dict[str, tuple[_Identity, Trigger]] = {}
        self._tasks = TaskSet(log)

    def saved(self, file: str, patterns: Patterns, holder: object) -> None:
        """An editor has saved a file: run the tasks whose patterns it fits. The watching of the
        disk may tell of it, too: whichever comes second does nothing."""
        self._tasks.start(self._saved(file, patterns, holder))

    @asynccontextmanager
    async def watching(self, patterns: Patterns, holder: object) -> AsyncIterator[None]:
        """Have changes on the disk run tasks, as long as the context lasts."""
        watch = TreeWatch(
            self._root,
            lambda seen: self._tasks.start(self._seen(seen, patterns, holder)),
            lambda reason: self._tell(_polling(self._root, reason)),
        )
        try:
            await asyncio.to_thread(watch.start)
            yield
        finally:
            await asyncio.to_thread(watch.close)

    async def _saved(self, file: str, patterns: Patterns, holder: object) -> None:
        names = await asyncio.to_thread(self._wanted, file, Trigger.SAVE, patterns)
        self.echoes.saved(file)
        for name in names:
            await self._start(name, Trigger.SAVE, holder)

    async def _seen(self, seen: list[ChangedFile], patterns: Patterns, holder: object) -> None:
        changes = await asyncio.to_thread(self._changes, seen, patterns)
        for name, found in changes.items():
            try:
                # All of them: each is to be learned from.
                starting = [self.echoes.starts(name, change) for change in found]
                if any(starting):
                    await self._start(name, Trigger.WATCH, holder)
            except BuilddError as error:
                self._tell(error)

    def _changes(self, seen: list[ChangedFile], patterns: Patterns) -> dict[str, list[SelfChange]]:
        """By task, what is to start it."""
        found: dict[str, list[SelfChange]] = {}
        for file, born in seen:
            if names := self._wanted(file, Trigger.WATCH, patterns):
                change = _change(file, born)
                for name in names:
                    found.setdefault(name, []).append(change)
        return found

    def _wanted(self, file: str, trigger: Trigger, patterns: Patterns) -> list[str]:
        """The tasks to run, none if the other side told of this change already. The same side is
        always believed: an editor that says 'saved' twice means it."""
        relative = os.path.relpath(file, self._root)
        names = [name for name, one in patterns.items() if one.match_file(relative)]
        if names:
            identity = _identity(file)
            before = self._told.get(file)
            self._told[file] = (identity, trigger)
            if before and before[0] == identity and before[1] is not trigger:
                return []
        return names


def _polling(root: str, reason: str) -> BuilddError:
    return BuilddError(
        f"{root} is looked at every few seconds, for {reason}",
        "If the system's watches have run out, raise fs.inotify.max_user_watches.",
    )


def _change(file: str, born: float) -> SelfChange:
    try:
        # Not when it was written, which a copy may take along.
        when = os.stat(file).st_ctime
    except OSError:
        now = time.time()
        return SelfChange(file, now - LATENESS, now, born, is_gone=True)
    return SelfChange(file, when, when, born, is_gone=False)


def _identity(file: str) -> _Identity:
    try:
        found = os.stat(file)
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size
