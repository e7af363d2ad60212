"""What starts a task by itself: a save in an editor, a change on the disk; each change once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager

import pathspec

from buildd.errors import BuilddError
from buildd.model import Task, Trigger
from buildd.watch import TreeWatch

Patterns = Mapping[str, "pathspec.PathSpec[pathspec.Pattern]"]
"""By a task's name: which files' changes start it."""

Start = Callable[[str, Trigger, object], Awaitable[None]]
"""Runs a task, given its name, for the holder."""

_Identity = tuple[int, int, int]


def compiled(tasks: Iterable[Task], otherwise: str = "") -> Patterns:
    """The patterns of those that have some; of the others, `otherwise` if it is given."""
    lines = {task.name: task.on_save or ((otherwise,) if otherwise else ()) for task in tasks}
    return {
        name: pathspec.PathSpec.from_lines("gitignore", one) for name, one in lines.items() if one
    }


class Triggers:
    """Of the project at `root`."""

    def __init__(self, root: str, start: Start) -> None:
        self._root = root
        self._start = start
        self._told: dict[str, tuple[_Identity, Trigger]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def changed(self, file: str, trigger: Trigger, patterns: Patterns, holder: object) -> None:
        """A file was changed: run the tasks whose patterns it fits. An editor and the watching of
        the disk may both tell of one change: the second does nothing."""
        work = asyncio.create_task(self._changed(file, trigger, patterns, holder))
        self._tasks.add(work)
        work.add_done_callback(self._tasks.discard)

    @asynccontextmanager
    async def watching(self, patterns: Patterns, holder: object) -> AsyncIterator[None]:
        """Have changes on the disk run tasks, as long as the context lasts."""
        watch = TreeWatch(
            self._root, lambda file: self.changed(file, Trigger.WATCH, patterns, holder)
        )
        try:
            await asyncio.to_thread(watch.start)
            yield
        except OSError as error:
            raise BuilddError(
                f"{self._root} cannot be watched: {error.strerror}",
                "If the system's watches have run out, raise fs.inotify.max_user_watches.",
            ) from error
        finally:
            await asyncio.to_thread(watch.close)

    async def _changed(
        self, file: str, trigger: Trigger, patterns: Patterns, holder: object
    ) -> None:
        names = await asyncio.to_thread(self._wanted, file, trigger, patterns)
        for name in names:
            await self._start(name, trigger, holder)

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


def _identity(file: str) -> _Identity:
    try:
        found = os.stat(file)
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size
