"""Which containers stay warm: for how long without a use, and how many at once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from typing import Protocol

from buildd.base.task_set import TaskSet

log = logging.getLogger(__name__)


class Stoppable(Protocol):
    """An environment whose container can be stopped. It reports each use, and the end of each."""

    @property
    def has_container(self) -> bool:
        """Whether a container of it runs."""

    @property
    def is_idle(self) -> bool:
        """Whether its container runs, and no command runs in it or is about to."""

    def stop(self) -> Awaitable[bool]:
        """Stop its container, which the next use starts again."""


class IdlePolicy:
    """Stops the containers of environments that are not used.

    A container stops after `limit` seconds without a use. If more than `most` are warm, those used
    least recently stop, but never one that is in use or was used last. 0 is no limit.
    """

    def __init__(self, limit: float, most: int) -> None:
        self._limit = limit
        self._most = most
        self._used: dict[Stoppable, float] = {}
        """When each was used last, the least recently used first."""
        self._timer: asyncio.TimerHandle | None = None
        self._stopping = TaskSet(log)

    def used(self, environment: Stoppable) -> None:
        """Note that an environment is used now, or that a use has just ended."""
        self._used.pop(environment, None)
        self._used[environment] = time.monotonic()
        if self._most and len(self._used) > self._most:
            self._check_in(0.0)
        elif self._limit and self._timer is None:
            self._check_in(self._limit)

    def has_warm(self) -> bool:
        """Return whether a container is warm that this will stop, or is stopping."""
        warm = (environment.has_container for environment in self._used)
        return bool(self._limit) and (bool(self._stopping) or any(warm))

    def close(self) -> None:
        """Stop no more containers."""
        if self._timer:
            self._timer.cancel()
        self._stopping.cancel()

    def _check_in(self, delay: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(delay, self._check)

    def _check(self) -> None:
        self._timer = None
        self._used = {
            environment: when
            for environment, when in self._used.items()
            if environment.has_container
        }
        for environment in self._chosen():
            del self._used[environment]
            self._stopping.start(_stop(environment))
        # An environment in use calls `used` when that ends, which sets the timer again.
        idle = [when for environment, when in self._used.items() if environment.is_idle]
        if idle and self._limit:
            self._check_in(max(min(idle) + self._limit - time.monotonic(), 0.0))

    def _chosen(self) -> list[Stoppable]:
        """The environments whose containers are to stop now."""
        now = time.monotonic()
        idle = [environment for environment in self._used if environment.is_idle]
        due = [
            environment
            for environment in idle
            if self._limit and self._used[environment] + self._limit <= now
        ]
        newest = next(reversed(self._used), None)
        others = [
            environment
            for environment in idle
            if environment not in due and environment is not newest
        ]
        surplus = len(self._used) - len(due) - self._most if self._most else 0
        return due + others[: max(surplus, 0)]


async def _stop(environment: Stoppable) -> None:
    try:
        if environment.is_idle:
            await environment.stop()
    except Exception as error:  # noqa: BLE001 (of one engine; the others go on)
        log.info("a container could not be stopped: %s", error)
