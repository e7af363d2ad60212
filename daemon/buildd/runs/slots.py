"""Slots bound how many tasks run at once, over all projects, and decide which one is next."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Slots:
    """At most `limit` slots are held at once.

    A free slot goes to a run that a person asked for before others; then to the project that holds
    the fewest; then to who has waited longest.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held: Counter[str] = Counter()
        self._waiting: list[_Waiter] = []

    @property
    def free(self) -> int:
        """How many slots nobody holds."""
        return self.limit - self._held.total()

    @asynccontextmanager
    async def hold(self, project: str, is_urgent: Callable[[], bool]) -> AsyncIterator[None]:
        """Wait for a slot, and hold it as long as the context lasts.

        `is_urgent` says whether a person asked; its answer may change during the wait.
        """
        waiter = _Waiter(project, is_urgent)
        self._waiting.append(waiter)
        self._hand_out()
        try:
            await waiter.has_slot.wait()
            yield
        finally:
            if waiter.has_slot.is_set():
                self._held[project] -= 1
            else:
                self._waiting.remove(waiter)
            self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting and self.free > 0:
            chosen = min(
                self._waiting,
                key=lambda waiter: (not waiter.is_urgent(), self._held[waiter.project]),
            )
            self._waiting.remove(chosen)
            self._held[chosen.project] += 1
            chosen.has_slot.set()


class _Waiter:
    def __init__(self, project: str, is_urgent: Callable[[], bool]) -> None:
        self.project = project
        self.is_urgent = is_urgent
        self.has_slot = asyncio.Event()
