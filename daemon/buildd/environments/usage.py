"""Who uses an environment: the runs in its container, and those who wait until it is warm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from buildd.engines import OnProgress


class Usage:
    """Counts the runs in an environment, and tells those who wait for it how it goes.

    `on_change` is called when there is something new to tell.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self.detail = ""
        """What is being done for those who wait, as they were told last."""
        self._on_change = on_change
        self._waiting: set[OnProgress] = set()
        self._runs = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def has_runs(self) -> bool:
        """Whether a run is under way."""
        return self._runs > 0

    @property
    def is_used(self) -> bool:
        """Whether a run is under way or about to begin."""
        return self.has_runs or bool(self._waiting)

    async def idle(self) -> None:
        """Return once no run is under way. One may have begun when the caller resumes."""
        await self._idle.wait()

    @contextmanager
    def run(self) -> Iterator[None]:
        """Count a run that lasts as long as the context."""
        self._runs += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._runs -= 1
            if not self._runs:
                self._idle.set()

    @contextmanager
    def waiting(self, report: OnProgress, *, is_under_way: bool) -> Iterator[None]:
        """Tell `report` what is being done, as long as the context lasts.

        If the work `is_under_way` already, it is told at once how far that is.
        """
        self._waiting.add(report)
        if is_under_way:
            report(self.detail, None)
        try:
            yield
        finally:
            self._waiting.discard(report)

    def report(self, message: str, percentage: int | None) -> None:
        """Tell all who wait what is being done."""
        self.detail = message
        self._on_change()
        for report in list(self._waiting):
            report(message, percentage)

    def reporter(self) -> OnProgress:
        """Return a `report` that can be called on any thread."""
        loop = asyncio.get_running_loop()

        def report(message: str, percentage: int | None) -> None:
            loop.call_soon_threadsafe(self.report, message, percentage)

        return report
