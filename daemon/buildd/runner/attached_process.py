"""This module follows and ends one command that the engine runs, without a supervisor."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from buildd.engines import Attachment
from buildd.errors import EngineError, EnvironmentLostError
from buildd.runner.base import ANSWER_TIMEOUT, CANCEL_SIGNALS, KILL_ATTEMPTS, KILLED, LINGER
from buildd.runner.job import Job
from buildd.runner.pipes import PipeReader
from buildd.runner.relay import Relay

if TYPE_CHECKING:
    from buildd.runner.attached import AttachedRunner

log = logging.getLogger(__name__)

POLL = 0.02
"""Seconds between two inspections of a command whose output has ended."""

WATCH = 0.5
"""Seconds between two inspections of a command whose output is still open."""


class AttachedProcess:
    """A command that the engine runs attached to the daemon; a `Running`."""

    def __init__(
        self,
        runner: AttachedRunner,
        token: str,
        job: Job,
        attached: Attachment,
        terminal: int,
    ) -> None:
        self.token = token
        self.times = 0.0, 0.0
        self._terminal = terminal
        self._runner = runner
        self._attached = attached
        self._grace = job.grace
        if job.terminal:
            outputs, source = {1: job.terminal}, job.terminal
        else:
            outputs = {1: self.path("out"), 2: self.path("out" if job.merge else "err")}
            source = self.path("in") if job.stdin else ""
        self._relay = Relay(attached, outputs, source, self._on_broken)
        self._relaying = asyncio.create_task(asyncio.to_thread(self._relay.run))
        self._cancelling: asyncio.Task[None] | None = None

    def read(self, name: str, on_data: Callable[[bytes], None]) -> PipeReader:
        """Read the output pipe `name` (`out` or `err`) in the event loop."""
        return self._runner.open_output(self.token, name, on_data)

    def path(self, name: str) -> str:
        """Return the path of the pipe `name` on the host."""
        return self._runner.path(self.token, name)

    async def wait(self) -> int:
        """Wait for the command, and return its exit status.

        Raises EnvironmentLostError if the container went away before the command ended.
        """
        try:
            status = await self._status()
            if self._cancelling:
                await asyncio.wait((self._cancelling,))
            elif status >= KILLED:
                # Was only the command killed, or the container? In the latter case this exec
                # fails.
                await self._runner.signal("0", self.token)
        except EngineError as error:
            self._runner.lost.set()
            self._relay.stop()
            raise EnvironmentLostError("the environment went away while the command ran") from error
        return status

    async def ended(self) -> None:
        """Wait until the command's streams have ended."""
        await asyncio.wait((self._relaying,))

    def cancel(self, *, kill: bool = False) -> None:
        """Send SIGINT, then SIGTERM, then SIGKILL; with `kill`, SIGKILL at once."""
        if kill and self._cancelling:
            self._cancelling.cancel()
            self._cancelling = None
        if not self._cancelling:
            self._cancelling = asyncio.create_task(self._end(kill=kill))

    async def resize(self, rows: int, columns: int) -> None:
        """Give the command's terminal a new size."""
        await self._attached.resize(rows, columns)

    async def close(self) -> None:
        """Release the pipes and the exec of the ended run."""
        if self._cancelling:
            await asyncio.wait((self._cancelling,))
        self._relay.stop()
        await self.ended()
        self._attached.close()
        close_fd(self._terminal)
        self._runner.remove(self)

    async def _status(self) -> int:
        deadline = None
        while True:
            await asyncio.wait((self._relaying,), timeout=WATCH)
            state = await self._attached.inspect()
            if state.exit_status is not None:
                # A child that still runs may hold the output open.
                await asyncio.wait((self._relaying,), timeout=LINGER)
                self._relay.stop()
                await self.ended()
                return state.exit_status
            if self._relaying.done():
                await asyncio.sleep(POLL)
                deadline = deadline or self._runner.loop.time() + ANSWER_TIMEOUT
                if self._cancelling and self._runner.loop.time() > deadline:
                    return KILLED

    async def _end(self, *, kill: bool) -> None:
        signal = self._runner.signal
        try:
            for name, grace in () if kill else zip(CANCEL_SIGNALS, self._grace, strict=True):
                await signal(name, self.token)
                if await self._ends_within(grace):
                    break
            for _ in range(KILL_ATTEMPTS):
                if not await signal("KILL", self.token):
                    break
        except EngineError as error:
            log.warning("run %s: cannot tell whether it has ended: %s", self.token, error)
        self._relay.stop()

    async def _ends_within(self, seconds: float) -> bool:
        """Wait for the command's end; return whether it came within that time."""
        end = self._runner.loop.time() + seconds
        while (await self._attached.inspect()).exit_status is None:
            if self._runner.loop.time() > end:
                return False
            await asyncio.wait((self._relaying,), timeout=POLL)
        return True

    def _on_broken(self) -> None:
        """Send SIGPIPE, as the kernel does for a write to a pipe without reader.

        It is called in a thread.
        """
        asyncio.run_coroutine_threadsafe(self._runner.signal("PIPE", self.token), self._runner.loop)


def close_fd(fd: int) -> None:
    """Close a file descriptor, unless it is -1, which means that there is none."""
    if fd >= 0:
        os.close(fd)
