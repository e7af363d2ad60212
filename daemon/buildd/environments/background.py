"""Tasks of the event loop that nobody waits for."""

from __future__ import annotations

import asyncio
import logging

from buildd.errors import BuilddError

log = logging.getLogger(__name__)


def log_failure(task: asyncio.Task[None]) -> None:
    """Log what a task raised; call it when the task is done.

    A BuilddError is not logged: the environment's status and its owner have it.
    """
    if not task.cancelled() and (error := task.exception()) and not isinstance(error, BuilddError):
        log.error("a renewal failed", exc_info=error)
