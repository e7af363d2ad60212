"""This module follows and ends one command that a supervisor runs, from the host's side."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from buildd.errors import EnvironmentLostError
from buildd.runner.base import ANSWER_TIMEOUT, CANCEL_SIGNALS, KILLED
from buildd.runner.pipes import PipeReader
from buildd.runner.status_pipe import RunStatus

if TYPE_CHECKING:
    from buildd.runner.supervisor import Supervisor

log = logging.getLogger(__name__)


class Process:
    """A command that a supervisor runs; a `Running`.

    `status` is the descriptor of the pipe with the keeper's reports, and `go` that of the pipe
    which starts the job.
    """

    def __init__(self, supervisor: Supervisor, token: str, status: int, go: int) -> None:
        self.token = token
        self._go = go
        self._grace = 0.0, 0.0
        self._supervisor = supervisor
        self._started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._status = RunStatus()
        self._over = asyncio.Event()
        self._reader = PipeReader(status, self._on_status, self._over.set)
        self._cancelling: asyncio.Task[None] | None = None
        self._is_stuck = False
        """Whether it was killed, but did not end in time."""

    @property
    def times(self) -> tuple[float, float]:
        """Seconds of processor time, user and system, once the command has ended."""
        return self._status.times

    @property
    def has_ended(self) -> bool:
        """Whether the keeper has reported the end, or is gone."""
        return self._reader.ended.is_set()

    def begin(self, text: str, grace: tuple[float, float]) -> None:
        """Start the job with the script `text`. Raises OSError if the pipes cannot be used."""
        self._grace = grace
        self._supervisor.write_job(self.token, text)
        os.write(self._go, b"\n")

    def read(self, name: str, on_data: Callable[[bytes], None]) -> PipeReader:
        """Read the output pipe `name` (`out` or `err`) in the event loop."""
        return self._supervisor.open_output(self.token, name, on_data)

    def path(self, name: str) -> str:
        """Return the path of the pipe `name` on the host."""
        return self._supervisor.path(self.token, name)

    def end_wait(self) -> None:
        """End `wait`, because the supervisor will report nothing more."""
        self._over.set()

    async def wait(self) -> int:
        """Wait for the command, and return its exit status, 128+n if signal n ended it.

        Raises EnvironmentLostError if the environment went away before the command ended, or if
        its processes could not be killed.
        """
        self._supervisor.waiting.add(self)
        if self._supervisor.lost.is_set():
            self.end_wait()
        try:
            await self._over.wait()
        finally:
            self._supervisor.waiting.discard(self)
        if self._is_stuck:
            raise EnvironmentLostError(
                "the environment does not respond: its processes may still be running",
                "If its container is paused, resume it.",
            )
        if self._cancelling:
            # The run ends only after all of its processes are gone.
            await asyncio.wait((self._cancelling,))
        if self._status.exit_status is None:
            self._reader.drain()
        # If the keeper reported nothing, it was killed itself.
        status = KILLED if self._status.exit_status is None else self._status.exit_status
        if status == KILLED and not self._cancelling:
            # Was only the command killed, or the whole container, whose processes die in any order?
            try:
                await self._supervisor.probe(self.token)
            except EnvironmentLostError as error:
                raise EnvironmentLostError(
                    "the environment went away while the command ran"
                ) from error
        return status

    def cancel(self, *, kill: bool = False) -> None:
        """Send SIGINT, then SIGTERM, then SIGKILL; with `kill`, SIGKILL at once."""
        if kill and self._cancelling:
            self._cancelling.cancel()
            self._cancelling = None
        if not self._cancelling:
            self._cancelling = asyncio.create_task(self._end(kill=kill))

    async def _end(self, *, kill: bool) -> None:
        supervisor = self._supervisor
        try:
            process = await asyncio.wait_for(asyncio.shield(self._started), ANSWER_TIMEOUT)
            if not kill:
                for name, grace in zip(CANCEL_SIGNALS, self._grace, strict=True):
                    if name == "INT" and not supervisor.interruptible:
                        continue
                    supervisor.signal(self.token, process, name)
                    if await self._ends_within(grace):
                        break
            supervisor.signal(self.token, process, "KILL")
            await supervisor.sweep(self.token)
            if await self._ends_within(ANSWER_TIMEOUT):
                return
        except (TimeoutError, EnvironmentLostError):
            pass
        log.warning("run %s: it did not end after it was killed", self.token)
        self._is_stuck = True
        self.end_wait()

    async def _ends_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._reader.ended.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def resize(self, rows: int, columns: int) -> None:
        """Do nothing: the client made the terminal, and has resized it already."""

    async def close(self) -> None:
        """Release the pipes and the keeper of the ended run."""
        self.release()
        self._supervisor.reap_soon(self.token)

    def release(self) -> None:
        """Close the host's ends of the pipes; a process that still waits for its job exits then."""
        self._reader.close()
        if self._go >= 0:
            os.close(self._go)
            self._go = -1
        if not self._started.done():
            self._started.cancel()

    def _on_status(self, data: bytes) -> None:
        self._status.feed(data)
        if self._status.process is not None and not self._started.done():
            self._started.set_result(self._status.process)
        if self._status.is_complete:
            # Nothing follows. The keeper's own end takes longer than a short command.
            self._reader.close()
