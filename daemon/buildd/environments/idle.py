"""Which containers stay warm: for how long nobody uses them, and how many at once."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable
from typing import Protocol

from buildd.base.task_set import TaskSet

log = logging.getLogger(__name__)

IDLE_STOP = 1800.0
"""As long as the daemon itself stays when nobody needs it. A stopped container starts again in
less than a second; until it is stopped, it holds the memory of what was left running in it."""

MAX_WARM = 8
"""More than a person works on in half an hour, and few enough to cost next to nothing."""


def idle_stop() -> float:
    """`$BUILDD_IDLE_STOP`: seconds without a run after which a container stops; 0 for never."""
    return _setting("BUILDD_IDLE_STOP", IDLE_STOP)


def max_warm() -> int:
    """`$BUILDD_MAX_WARM`: how many containers stay warm at once; 0 for no limit."""
    return int(_setting("BUILDD_MAX_WARM", MAX_WARM))


def _setting(name: str, otherwise: float) -> float:
    try:
        chosen = float(os.environ.get(name, ""))
    except ValueError:
        return otherwise
    return chosen if chosen >= 0 else otherwise


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
        self._resting = TaskSet(log)

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
        self._resting.cancel()

    def _look_in(self, delay: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(delay, self._look)

    def _look(self) -> None:
        self._timer = None
        self._used = {one: when for one, when in self._used.items() if one.has_container}
        for one in self._chosen():
            del self._used[one]
            self._resting.start(_rest(one))
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
