"""Tasks of the event loop that nobody waits for."""

from __future__ import annotations

import asyncio
import logging

from buildd.base import task_set
from buildd.errors import BuilddError

log = logging.getLogger(__name__)


def log_failure(task: asyncio.Task[None]) -> None:
    """Log what a task raised; call it when the task is done.

    A BuilddError is not logged: the environment's status and its owner have it.
    """
    task_set.log_failure(task, log, BuilddError)
