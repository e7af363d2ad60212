"""This module defines the interfaces of a runner and of a running command."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from buildd.runner.job import Job
from buildd.runner.pipes import PipeReader

LINGER = 1.0
"""Seconds that output is still read after a command has ended, if a child holds the pipe open."""

CANCEL_SIGNALS = ("INT", "TERM")
"""The signals that a cancel sends before SIGKILL; `Job.grace` has the seconds after each."""

ANSWER_TIMEOUT = 5.0
"""Seconds until a supervisor must have answered an order."""

KILLED = 128 + 9
"""The exit status of a command that SIGKILL ended."""

KILL_ATTEMPTS = 20
"""How often the processes of a run are killed, until there are none."""


class Running(Protocol):
    """A command that runs in an environment."""

    token: str
    """The id of the run, which its processes have in the environment variable BUILDD_RUN."""

    @property
    def times(self) -> tuple[float, float]:
        """Seconds of processor time, user and system, once the command has ended; 0 if unknown."""

    def read(self, name: str, on_data: Callable[[bytes], None]) -> PipeReader:
        """Read the output pipe `name` (`out` or `err`) in the event loop."""

    def path(self, name: str) -> str:
        """Return the path of the pipe `name` on the host, for a client that opens it itself."""

    async def wait(self) -> int:
        """Wait for the command, and return its exit status, 128+n if signal n ended it.

        Raises EnvironmentLostError if the environment went away before the command ended.
        """

    def cancel(self, *, kill: bool = False) -> None:
        """Send SIGINT, then SIGTERM, then SIGKILL; with `kill`, SIGKILL at once.

        It returns immediately; `wait` returns when the processes are gone.
        """

    async def resize(self, rows: int, columns: int) -> None:
        """Give the command's terminal a new size, if the engine made that terminal."""

    async def close(self) -> None:
        """Release the pipes and processes of the ended run."""


class Runner(Protocol):
    """A runner starts jobs in one environment."""

    lost: asyncio.Event
    """Set once the runner cannot start jobs any more."""
    reason: str
    """Why every run needs an exec of the engine; empty if it does not."""

    async def run(self, job: Job) -> Running:
        """Start a job. Raises EnvironmentLostError if the environment is gone."""

    async def stop(self) -> None:
        """Stop the runner and kill its runs. It is safe to call this twice."""
