"""Tasks that nobody awaits: held until they are done, and heard if they fail.

The event loop itself holds a task only weakly: one that nothing else refers to may vanish before
its end. What it raises would be told when it is collected, if at all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class TaskSet:
    """The tasks that somebody started and nobody awaits.

    A task that fails is logged at once with its traceback, unless it raises what is `expected`,
    which is reported in another way. A cancelled task has not failed.
    """

    def __init__(
        self, log: logging.Logger, expected: type[Exception] | tuple[type[Exception], ...] = ()
    ) -> None:
        self._log = log
        self._expected = expected
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run the work as a task of this set, on the event loop that is running."""
        return self.keep(asyncio.create_task(work))

    def keep(self, task: asyncio.Task[T]) -> asyncio.Task[T]:
        """Hold this task too until it is done."""
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def cancel(self) -> None:
        """Cancel all of them; returns at once."""
        for task in list(self._tasks):
            task.cancel()

    async def settled(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 (as `wait`)
        """Return once the tasks that run now are done, at the latest after `timeout` seconds.

        Raises nothing that the tasks raise.
        """
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=timeout)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        log_failure(task, self._log, self._expected)


def log_failure(
    task: asyncio.Task[Any],
    log: logging.Logger,
    expected: type[Exception] | tuple[type[Exception], ...] = (),
) -> None:
    """Log what a task that is done has raised, if that is not `expected`."""
    if task.cancelled():
        return
    error = task.exception()
    if error and not isinstance(error, expected):
        work = task.get_coro()
        log.error("%s failed", getattr(work, "__qualname__", task.get_name()), exc_info=error)
