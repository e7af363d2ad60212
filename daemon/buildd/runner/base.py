"""What runs jobs in an environment, and a command that runs: the two shapes, however it is done."""

from __future__ import annotations

import asyncio
from typing import Protocol

from buildd.runner.job import Job
from buildd.runner.pipes import OnData, PipeReader

LINGER = 1.0
"""Seconds that output is still read after the command has ended, while a child of its holds the
pipe open."""

POLITE = ("INT", "TERM")
"""What a cancel sends before it kills; a job's `grace` has the seconds after each."""

ANSWER_TIMEOUT = 5.0
"""Seconds until what was told to happen in an environment must have happened."""

KILLED = 128 + 9
"""The exit status of a command that SIGKILL ended."""


class Running(Protocol):
    """One command under way. `wait()` gives its exit status; `cancel()` ends it."""

    token: str
    times: tuple[float, float]
    """Seconds of processor time, user and system, once it has ended; zeros if not known."""

    def read(self, name: str, on_data: OnData) -> PipeReader:
        """Read the output pipe `name` (`out`, `err`)."""

    def path(self, name: str) -> str:
        """Where the pipe `name` is on the host, for a client that opens it itself."""

    async def wait(self) -> int:
        """The exit status, 128+n for signal n. Raises EnvironmentLostError if the environment
        went away before there was one."""

    def cancel(self, *, kill: bool = False) -> None:
        """Interrupt, then terminate, then kill; with `kill`, at once. Returns immediately."""

    async def resize(self, rows: int, columns: int) -> None:
        """Its terminal has another size: for terminals of the engine's making."""

    async def close(self) -> None:
        """Give back what the run held."""


class Runner(Protocol):
    """Runs jobs. `lost` is set once it can no more; `reason` says why runs go through the engine,
    empty where they do not."""

    lost: asyncio.Event
    reason: str

    async def run(self, job: Job) -> Running:
        """Start a job. Raises EnvironmentLostError if the environment has gone."""

    async def stop(self) -> None:
        """End it and its runs. Safe to call twice."""
