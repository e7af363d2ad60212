"""Queues the runs of a task: one runs, and one waits, which all who ask meanwhile share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, Protocol, TypeVar


class Startable(Protocol):
    """An item of a queue, for example a run."""

    def start(self) -> None:
        """Begin; called once."""

    async def wait(self) -> None:
        """Return once it has ended, in whatever way."""

    def cancel(self, *, reason: str) -> None:
        """End it soon; returns at once."""

    @property
    def has_ended(self) -> bool:
        """Whether it has ended, in whatever way."""


T = TypeVar("T", bound=Startable)

CEILING = 5
"""A burst of saves delays its run by at most this many times the task's debounce."""


class Queue(Generic[T]):
    """Runs items one after the other. At most one is pending.

    `make` makes a new item if none is pending. `supersedes(pending, running)` says whether the
    running item is cancelled once the pending one is due.
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
        """Return the item that will begin after now: the pending one, or a new one.

        It begins `delay` seconds after the last request that asked for a delay, but at the latest
        `CEILING` times that after the first one. A request without delay begins it as soon as
        nothing runs.
        """
        now = asyncio.get_running_loop().time()
        if is_new := (self._pending is None or self._pending.has_ended):
            self._pending = self._make()
            self._latest = now + CEILING * delay
        if delay == 0.0:
            self._due = 0.0
        elif is_new or self._due:
            self._due = min(now + delay, self._latest)
        self._wake.set()
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        assert self._pending  # noqa: S101 (made above)
        return self._pending

    def items(self) -> list[T]:
        """Return the item that runs, then the one that waits, as far as there are any."""
        return [item for item in (self._running, self._pending) if item and not item.has_ended]

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while (pending := self._pending) is not None:
                self._wake.clear()
                running = self._running
                if (wait := self._due - loop.time()) > 0:
                    await self._wait_or_wake(asyncio.sleep(wait))
                elif pending.has_ended:
                    self._pending = None
                elif running and not running.has_ended:
                    if self._supersedes(pending, running):
                        running.cancel(reason="superseded by a newer run")
                    await self._wait_or_wake(running.wait())
                else:
                    self._running, self._pending = pending, None
                    pending.start()
        finally:
            self._worker = None

    async def _wait_or_wake(self, work: Coroutine[Any, Any, None]) -> None:
        """Return once `work` is done, or another request has come."""
        tasks = {asyncio.ensure_future(work), asyncio.ensure_future(self._wake.wait())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
