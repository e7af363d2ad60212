"""A shared task does one piece of work for all who wait for it, and ends when nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")

GRACE = 0.2
"""Seconds until work ends after its last waiter has left. A run that a newer run supersedes leaves
a moment before the newer run joins."""


class _Work(Generic[T]):
    def __init__(self, task: asyncio.Task[T]) -> None:
        self.task = task
        self.waiters = 0

    def cancel_if_unwanted(self) -> None:
        if not self.waiters:
            self.task.cancel()


class SharedTask(Generic[T]):
    """A shared task runs at most one piece of work at a time, for any number of waiters."""

    def __init__(self, ended: Callable[[], None] = lambda: None) -> None:
        """Start with no work; `ended` is called each time work succeeds, fails or is cancelled."""
        self._ended = ended
        self._work: _Work[T] | None = None

    @property
    def under_way(self) -> bool:
        """Whether work is being done now."""
        return bool(self._work and not self._work.task.done())

    async def join(self, begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait for the work under way, or start `begin()` if there is none; return its result.

        A cancelled caller stops waiting; the work ends GRACE seconds after the last one has left.
        Raises what the work raises, and CancelledError after `cancel`.
        """
        while self._work and self._work.task.cancelling() and self.under_way:
            await asyncio.wait((self._work.task,))
        work = self._work
        if not work or work.task.done():
            work = self._work = _Work(asyncio.create_task(begin()))
            work.task.add_done_callback(lambda _: self._ended())
        work.waiters += 1
        try:
            return await asyncio.shield(work.task)
        finally:
            work.waiters -= 1
            if not (work.waiters or work.task.done()):
                asyncio.get_running_loop().call_later(GRACE, work.cancel_if_unwanted)

    def cancel(self) -> bool:
        """Cancel the work under way, without waiting for its end; return whether there was any."""
        return bool(self._work and self._work.task.cancel())

    async def settled(self) -> None:
        """Wait until no work is under way."""
        while self._work and self.under_way:
            await asyncio.wait((self._work.task,))
