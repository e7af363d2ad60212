"""One running, one pending: what asks while something runs shares the one that comes next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, Protocol, TypeVar


class Startable(Protocol):
    """What is queued. `start` is called once, `wait` returns once it has ended, however; `cancel`
    ends it soon."""

    def start(self) -> None: ...

    async def wait(self) -> None: ...

    def cancel(self, *, reason: str) -> None: ...

    @property
    def has_ended(self) -> bool: ...


T = TypeVar("T", bound=Startable)

CEILING = 5
"""A burst of saves delays its run by so many times the task's debounce, and no longer."""


class Queue(Generic[T]):
    """`make` makes a new item when there is none pending; each item runs after the one before.

    `supersedes(pending, running)` says whether the pending one, once it is due, does not wait for
    the running one but has it cancelled.
    """

    def __init__(
        self, make: Callable[[], T], supersedes: Callable[[T, T], bool] = lambda _, __: False
    ) -> None:
        self._make = make
        self._supersedes = supersedes
        self._pending: T | None = None
        self._running: T | None = None
        self._due = 0.0
        self._latest = 0.0
        self._worker: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    def request(self, delay: float = 0.0) -> T:
        """The item that will begin after now: the pending one, or a new one.

        It begins at the earliest `delay` seconds after the last request that asked for a delay,
        but `CEILING` times that after the first one at the latest; a request without delay begins
        it as soon as nothing runs.
        """
        now = asyncio.get_running_loop().time()
        if fresh := (self._pending is None or self._pending.has_ended):
            self._pending = self._make()
            self._latest = now + CEILING * delay
        if delay == 0.0:
            self._due = 0.0
        elif fresh or self._due:
            self._due = min(now + delay, self._latest)
        self._wake.set()
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        assert self._pending  # noqa: S101 (made above)
        return self._pending

    def items(self) -> list[T]:
        """What runs, then what waits."""
        return [one for one in (self._running, self._pending) if one and not one.has_ended]

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while (pending := self._pending) is not None:
                self._wake.clear()
                running = self._running
                if (wait := self._due - loop.time()) > 0:
                    await self._first_of(asyncio.sleep(wait))
                elif pending.has_ended:
                    self._pending = None
                elif running and not running.has_ended:
                    if self._supersedes(pending, running):
                        running.cancel(reason="superseded by a newer run")
                    await self._first_of(running.wait())
                else:
                    self._running, self._pending = pending, None
                    pending.start()
        finally:
            self._worker = None

    async def _first_of(self, work: Coroutine[Any, Any, None]) -> None:
        """Wait for it, or until something is asked for again."""
        tasks = {asyncio.ensure_future(work), asyncio.ensure_future(self._wake.wait())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
