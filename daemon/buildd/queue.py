"""One running, one pending: what asks while something runs shares the one that comes next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, Protocol, TypeVar


class Startable(Protocol):
    """What is queued. `start` is called once, `wait` returns once it has ended, however."""

    def start(self) -> None: ...

    async def wait(self) -> None: ...

    @property
    def has_ended(self) -> bool: ...


T = TypeVar("T", bound=Startable)


class Queue(Generic[T]):
    """`make` makes a new item when there is none pending; each item runs after the one before."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self.running: T | None = None
        self.pending: T | None = None
        self._due = 0.0
        self._worker: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    def request(self, delay: float = 0.0) -> T:
        """The item that will begin after now: the pending one, or a new one.

        It begins at the earliest `delay` seconds after the last request that asked for a delay;
        a request without delay begins it as soon as nothing runs.
        """
        if self.pending is None:
            self.pending = self._make()
            self._due = 0.0
            fresh = True
        else:
            fresh = False
        now = asyncio.get_running_loop().time()
        if delay == 0.0:
            self._due = 0.0
        elif fresh or self._due:
            self._due = now + delay
        self._wake.set()
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return self.pending

    def drop_pending(self) -> T | None:
        """Take the pending item out, unstarted."""
        dropped, self.pending = self.pending, None
        self._wake.set()
        return dropped

    def items(self) -> list[T]:
        """What runs, then what waits."""
        return [item for item in (self.running, self.pending) if item is not None]

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self.pending is not None:
                self._wake.clear()
                if (wait := self._due - loop.time()) > 0:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), wait)
                    continue
                self.running, self.pending = self.pending, None
                if not self.running.has_ended:
                    self.running.start()
                    await self.running.wait()
                self.running = None
        finally:
            self._worker = None
