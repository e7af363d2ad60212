"""The host's side of one command under a supervisor: how it goes, and how it is ended."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from typing import TYPE_CHECKING

from buildd.errors import EnvironmentLostError
from buildd.runner.base import ANSWER_TIMEOUT, KILLED, POLITE
from buildd.runner.pipes import OnData, PipeReader

if TYPE_CHECKING:
    from buildd.runner.supervisor import Supervisor

log = logging.getLogger(__name__)

_TIMES = re.compile(rb"(\d+)m([\d.]+)s (\d+)m([\d.]+)s")
"""A line of the shell's `times`: user and system."""

_TIMES_LINES = 2
"""The shell's own, and those of what it has waited for."""


class Process:
    """One command under a supervisor. `wait()` gives its exit status; `cancel()` ends it."""

    def __init__(self, supervisor: Supervisor, token: str, status: int, go: int) -> None:
        self.token = token
        self.times = 0.0, 0.0
        self._go = go
        self._grace = 0.0, 0.0
        self._supervisor = supervisor
        self._started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._exit: int | None = None
        self._partial = b""
        self._times_told = 0
        self._over = asyncio.Event()
        self._reader = PipeReader(status, self._on_status, self._over.set)
        self._cancelling: asyncio.Task[None] | None = None
        self._is_stuck = False
        """It was told to end, and could not be seen to."""

    @property
    def has_ended(self) -> bool:
        return self._reader.ended.is_set()

    def begin(self, text: str, grace: tuple[float, float]) -> None:
        """Have it do the job whose script is `text`. Raises OSError."""
        self._grace = grace
        self._supervisor.write_job(self.token, text)
        os.write(self._go, b"\n")

    def read(self, name: str, on_data: OnData) -> PipeReader:
        """Read the output pipe `name` (`out`, `err`)."""
        return self._supervisor.open_output(self.token, name, on_data)

    def path(self, name: str) -> str:
        """Where the pipe `name` is on the host, for a client that opens it itself."""
        return self._supervisor.path(self.token, name)

    def give_up(self) -> None:
        """No more of it will be heard."""
        self._over.set()

    async def wait(self) -> int:
        """The exit status, 128+n for signal n. Raises EnvironmentLostError if the environment
        went away before there was one."""
        self._supervisor.waited_for.add(self)
        if self._supervisor.lost.is_set():
            self.give_up()
        try:
            await self._over.wait()
        finally:
            self._supervisor.waited_for.discard(self)
        if self._is_stuck:
            raise EnvironmentLostError(
                "the environment does not react: its processes may still be there",
                "If its container is paused, resume it.",
            )
        if self._cancelling:
            # Not ended before everything of it is gone.
            await asyncio.wait((self._cancelling,))
        if self._exit is None:
            self._reader.drain()
        # Without a word the keeper itself was killed.
        status = KILLED if self._exit is None else self._exit
        if status == KILLED and not self._cancelling:
            # By whom? If the whole container is, its processes die in any order.
            try:
                await self._supervisor.probe(self.token)
            except EnvironmentLostError as error:
                raise EnvironmentLostError(
                    "the environment went away while the command ran"
                ) from error
        return status

    def cancel(self, *, kill: bool = False) -> None:
        """Interrupt, then terminate, then kill; with `kill`, at once. Returns immediately."""
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
                for name, grace in zip(POLITE, self._grace, strict=True):
                    if name == "INT" and not supervisor.interruptible:
                        continue
                    supervisor.signal(self.token, process, name)
                    if await self._gone(grace):
                        break
            supervisor.signal(self.token, process, "KILL")
            await supervisor.sweep(self.token)
            if await self._gone(ANSWER_TIMEOUT):
                return
        except (TimeoutError, EnvironmentLostError):
            pass
        log.warning("run %s: could not be seen to end", self.token)
        self._is_stuck = True
        self.give_up()

    async def _gone(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._reader.ended.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def resize(self, rows: int, columns: int) -> None:
        """The client, who made the terminal, has done it."""

    async def close(self) -> None:
        """Give back what the run held: its pipes and its keeper."""
        self.release()
        self._supervisor.reap_soon(self.token)

    def release(self) -> None:
        """Close our ends of its pipes: if it still waits for its job, it leaves."""
        self._reader.close()
        if self._go >= 0:
            os.close(self._go)
            self._go = -1
        if not self._started.done():
            self._started.cancel()

    def _on_status(self, data: bytes) -> None:
        *lines, self._partial = (self._partial + data).split(b"\n")
        self._partial = self._partial[:1024]
        for line in lines:
            if times := _TIMES.fullmatch(line):
                user, user_rest, system, system_rest = map(float, times.groups())
                self.times = 60 * user + user_rest, 60 * system + system_rest
                self._times_told += 1
                if self._times_told == _TIMES_LINES:
                    # That was all: the keeper's own end takes longer than a short command.
                    self._reader.close()
                continue
            word, _, number = line.partition(b" ")
            if not number.isdigit():
                continue
            if word == b"started" and not self._started.done():
                self._started.set_result(int(number))
            elif word == b"exit":
                self._exit = int(number)
