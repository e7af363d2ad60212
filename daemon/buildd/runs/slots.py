"""How many tasks run at once, over all projects; and whose turn it is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Slots:
    """At most `limit` are held. Who waits gets one in this order: what a person asked for before
    the rest; then the project that holds the fewest; then who came first."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held: Counter[str] = Counter()
        self._waiting: list[_Waiter] = []

    @property
    def free(self) -> int:
        return self.limit - self._held.total()

    @asynccontextmanager
    async def hold(self, project: str, is_urgent: Callable[[], bool]) -> AsyncIterator[None]:
        """Hold one for as long as the context lasts. `is_urgent` may change its mind while it
        waits."""
        waiter = _Waiter(project, is_urgent)
        self._waiting.append(waiter)
        self._hand_out()
        try:
            await waiter.turn.wait()
            yield
        finally:
            if waiter.turn.is_set():
                self._held[project] -= 1
            else:
                self._waiting.remove(waiter)
            self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting and self.free > 0:
            chosen = min(
                self._waiting, key=lambda one: (not one.is_urgent(), self._held[one.project])
            )
            self._waiting.remove(chosen)
            self._held[chosen.project] += 1
            chosen.turn.set()


class _Waiter:
    def __init__(self, project: str, is_urgent: Callable[[], bool]) -> None:
        self.project = project
        self.is_urgent = is_urgent
        self.turn = asyncio.Event()
