"""Which containers stay warm: for how long nobody uses them, and how many at once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from typing import Protocol

log = logging.getLogger(__name__)


class Stoppable(Protocol):
    """What can be warm: an environment. It tells of each use, and of the end of each."""

    @property
    def has_container(self) -> bool:
        """Whether a container of it runs."""

    @property
    def is_idle(self) -> bool:
        """Whether it is warm, and no run, shell or exec is under way or about to begin in it."""

    def rest(self) -> Awaitable[bool]:
        """Stop its container, which the next use starts again."""


class IdlePolicy:
    """Stops what nobody has used for `limit` seconds; and where more than `most` are warm, what
    was used least recently, but never what is in use or was used last. 0 is no limit."""

    def __init__(self, limit: float, most: int) -> None:
        self._limit = limit
        self._most = most
        self._used: dict[Stoppable, float] = {}
        """When each was used last, the least recently used first."""
        self._timer: asyncio.TimerHandle | None = None
        self._resting: set[asyncio.Task[None]] = set()

    def used(self, environment: Stoppable) -> None:
        """It is used now, or has just ceased to be."""
        self._used.pop(environment, None)
        self._used[environment] = time.monotonic()
        if self._most and len(self._used) > self._most:
            self._look_in(0.0)
        elif self._limit and self._timer is None:
            self._look_in(self._limit)

    def any(self) -> bool:
        """Whether anything is warm that will be stopped in its time."""
        warm = (one.has_container for one in self._used)
        return bool(self._limit) and (bool(self._resting) or any(warm))

    def close(self) -> None:
        """Stop nothing more."""
        if self._timer:
            self._timer.cancel()
        for task in self._resting:
            task.cancel()

    def _look_in(self, delay: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(delay, self._look)

    def _look(self) -> None:
        self._timer = None
        self._used = {one: when for one, when in self._used.items() if one.has_container}
        for one in self._chosen():
            del self._used[one]
            task = asyncio.create_task(_rest(one))
            self._resting.add(task)
            task.add_done_callback(self._resting.discard)
        # What is in use comes back by itself, when it ceases to be.
        idle = [when for one, when in self._used.items() if one.is_idle]
        if idle and self._limit:
            self._look_in(max(min(idle) + self._limit - time.monotonic(), 0.0))

    def _chosen(self) -> list[Stoppable]:
        now = time.monotonic()
        idle = [one for one in self._used if one.is_idle]
        due = [one for one in idle if self._limit and self._used[one] + self._limit <= now]
        newest = next(reversed(self._used), None)
        others = [one for one in idle if one not in due and one is not newest]
        surplus = len(self._used) - len(due) - self._most if self._most else 0
        return due + others[: max(surplus, 0)]


async def _rest(environment: Stoppable) -> None:
    try:
        if environment.is_idle:
            await environment.rest()
    except Exception as error:  # noqa: BLE001 (of one engine; the others go on)
        log.info("a container could not be stopped: %s", error)
