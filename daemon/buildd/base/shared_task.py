"""Joint work: done once for all who want it at the same time, and ended when nobody does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")

GRACE = 0.2
"""Seconds that work goes on which nobody wants any more: a run that a newer one supersedes leaves
it a moment before that one comes."""


class _Work(Generic[T]):
    def __init__(self, task: asyncio.Task[T]) -> None:
        self.task = task
        self.wanted = 0

    def end_unless_wanted(self) -> None:
        if not self.wanted:
            self.task.cancel()


class SharedTask(Generic[T]):
    """`ended` is called whenever work has ended, in whatever way."""

    def __init__(self, ended: Callable[[], None] = lambda: None) -> None:
        self._ended = ended
        self._work: _Work[T] | None = None

    @property
    def under_way(self) -> bool:
        return bool(self._work and not self._work.task.done())

    async def join(self, begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What the work under way gives, else what `begin` begins. Who is cancelled here leaves
        it, and the last to leave ends it; `cancel` cancels all of them."""
        while self._work and self._work.task.cancelling() and self.under_way:
            await asyncio.wait((self._work.task,))
        work = self._work
        if not work or work.task.done():
            work = self._work = _Work(asyncio.create_task(begin()))
            work.task.add_done_callback(lambda _: self._ended())
        work.wanted += 1
        try:
            return await asyncio.shield(work.task)
        finally:
            work.wanted -= 1
            if not (work.wanted or work.task.done()):
                asyncio.get_running_loop().call_later(GRACE, work.end_unless_wanted)

    def cancel(self) -> bool:
        """End what is under way; whether there was anything. Returns at once."""
        return bool(self._work and self._work.task.cancel())

    async def settled(self) -> None:
        """Return once nothing is under way."""
        while self._work and self.under_way:
            await asyncio.wait((self._work.task,))
