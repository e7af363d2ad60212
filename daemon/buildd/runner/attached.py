"""An exec of the engine for each run: slower than a supervisor, and for where none can be had.

Named pipes do not cross the mount where the engine has a kernel of its own (a virtual machine, a
remote engine); terminals cannot be reached where the runs' user is another.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets

from buildd.engines import Attach, Attachment
from buildd.errors import EngineError, EnvironmentLostError
from buildd.runner.base import ANSWER_TIMEOUT, KILLED, LINGER, POLITE
from buildd.runner.job import Job, script
from buildd.runner.pipes import OnData, PipeReader, RunDirectory, widen
from buildd.runner.relay import Relay

log = logging.getLogger(__name__)

POLL = 0.02
"""Seconds between two questions to the engine whether a command has ended, while we wait for just
that."""

WATCH = 0.5
"""The same while the command's output is still open."""

TRIES = 20
"""How often what carries a run's token is killed, until nothing does."""

# Signals, or only counts, the processes that have the text $3 in their `environ` or `cmdline` ($2).
_SIGNAL = """
count=0
for file in $(grep -ls -e "$3" /proc/[0-9]*/"$2" 2>/dev/null); do
    process=${file#/proc/}
    process=${process%/*}
    [ "$process" != $$ ] && kill "-$1" "$process" 2>/dev/null && count=$((count + 1))
done
echo "$count"
"""


class AttachedRunner:
    """Runs each job by an exec."""

    def __init__(self, directory: RunDirectory, attach: Attach, reason: str) -> None:
        self.lost = asyncio.Event()
        self.reason = reason
        self.loop = asyncio.get_running_loop()
        self._directory = directory
        self._attach = attach
        self._token = secrets.token_hex(6)
        self._count = 0
        self._running: set[AttachedProcess] = set()

    @classmethod
    async def start(
        cls, path: str, attach: Attach, reason: str, *, shared: bool = False
    ) -> AttachedRunner:
        """Raises EngineError where not even an exec can be had."""
        directory = RunDirectory(path, shared=shared)
        runner = cls(directory, attach, reason)
        # An exec outlives a daemon that is killed. This also tells whether they work at all.
        before = directory.take_turn("attached", runner._token)
        await runner.signal("KILL", f"run_{before or runner._token}_")
        return runner

    async def stop(self) -> None:
        """End its runs. Safe to call twice."""
        if not self.lost.is_set():
            self.lost.set()
            running = list(self._running)
            for process in running:
                process.cancel(kill=True)
            for process in running:
                await process.close()
            self._directory.end_turn("attached")
            self._directory.close()

    async def run(self, job: Job) -> AttachedProcess:
        """Start `job`. Raises EnvironmentLostError if its container is gone."""
        self._count += 1
        token = f"run_{self._token}_{self._count}_"
        text = script(job, token)
        terminal = -1
        if job.terminal:
            # Open from now on: its first closing ends it for the client.
            flags = os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
            terminal = await asyncio.to_thread(os.open, job.terminal, flags)
            columns, rows = os.get_terminal_size(terminal)
            # The engine gives its terminals a size only after the command has begun.
            text = f"stty rows {rows} cols {columns} 2>/dev/null\n{text}"
        self._directory.make_directory(token)
        for name in job.pipes:
            self._directory.make_pipe(f"{token}/{name}")
        try:
            attached = await self._attach(_shell_command(text), bool(job.terminal))
        except EngineError as error:
            self._directory.remove(token)
            self.lost.set()
            _close(terminal)
            raise EnvironmentLostError(error.message, error.remedy) from error
        process = AttachedProcess(self, token, job, attached, terminal)
        self._running.add(process)
        return process

    async def signal(self, name: str, token: str) -> int:
        """Signal what carries the token; how many there were. The name 0 only counts."""
        return await self._signal(name, "environ", f"BUILDD_RUN={token}")

    async def kill(self, token: str) -> None:
        """Kill what carries a token of this supervisor. Raises EngineError if it cannot be done."""
        for _ in range(TRIES):
            if not await self.signal("KILL", f"run_{token}_"):
                return

    async def end_supervisor(self, token: str) -> None:
        """End one that waits for ever for pipes which do not cross."""
        await self._signal("KILL", "cmdline", token)

    async def _signal(self, name: str, where: str, text: str) -> int:
        command = ("/bin/sh", "-c", _SIGNAL, "signal", name, where, text)
        attached = await self._attach(command, False)
        try:
            said = await asyncio.to_thread(lambda: b"".join(data for _, data in attached.pieces()))
        finally:
            attached.close()
        if not said.strip().isdigit():
            raise EngineError("the container runs no command")
        return int(said)

    def forget(self, process: AttachedProcess) -> None:
        self._running.discard(process)
        if self.lost.is_set():
            return
        self._directory.remove(process.token)

    def path(self, token: str, name: str) -> str:
        return os.path.join(self._directory.path, token, name)

    def open_output(self, token: str, name: str, on_data: OnData) -> PipeReader:
        fd = self._directory.open_pipe(f"{token}/{name}", os.O_RDONLY)
        widen(fd)
        return PipeReader(fd, on_data)


def _close(fd: int) -> None:
    if fd >= 0:
        os.close(fd)


def _shell_command(text: str) -> tuple[str, ...]:
    """What runs the script. The engine takes Unicode only, so other bytes are written in ASCII."""
    try:
        text.encode()
    except UnicodeEncodeError:
        escaped = "".join(
            chr(byte) if byte < 0x80 and byte != 0x5C else f"\\0{byte:03o}"
            for byte in text.encode("utf-8", "surrogateescape")
        )
        return "/bin/sh", "-c", 'eval "$(printf %b "$1")"', "sh", escaped
    return "/bin/sh", "-c", text


class AttachedProcess:
    """One command that the engine has attached to us."""

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
        self._relay = Relay(attached, outputs, source, self._broken)
        self._moving = asyncio.create_task(asyncio.to_thread(self._relay.work))
        self._cancelling: asyncio.Task[None] | None = None

    def read(self, name: str, on_data: OnData) -> PipeReader:
        """Read the output pipe `name`."""
        return self._runner.open_output(self.token, name, on_data)

    def path(self, name: str) -> str:
        """Where the pipe `name` is."""
        return self._runner.path(self.token, name)

    async def wait(self) -> int:
        """The exit status. Raises EnvironmentLostError if the container went away before."""
        try:
            status = await self._status()
            if self._cancelling:
                await asyncio.wait((self._cancelling,))
            elif status >= KILLED:
                # By whom? If the whole container is killed, nothing starts in it any more.
                await self._runner.signal("0", self.token)
        except EngineError as error:
            self._runner.lost.set()
            self._relay.stop()
            raise EnvironmentLostError("the environment went away while the command ran") from error
        return status

    async def ended(self) -> None:
        """Return once its streams have ended."""
        await asyncio.wait((self._moving,))

    def cancel(self, *, kill: bool = False) -> None:
        """Interrupt, then terminate, then kill; with `kill`, at once. Returns immediately."""
        if kill and self._cancelling:
            self._cancelling.cancel()
            self._cancelling = None
        if not self._cancelling:
            self._cancelling = asyncio.create_task(self._end(kill=kill))

    async def resize(self, rows: int, columns: int) -> None:
        """Give its terminal another size."""
        await self._attached.resize(rows, columns)

    async def close(self) -> None:
        """Give back what the run held."""
        if self._cancelling:
            await asyncio.wait((self._cancelling,))
        self._relay.stop()
        await self.ended()
        self._attached.close()
        _close(self._terminal)
        self._runner.forget(self)

    async def _status(self) -> int:
        deadline = None
        while True:
            await asyncio.wait((self._moving,), timeout=WATCH)
            guest = await self._attached.inspect()
            if guest.exit_status is not None:
                # A child that it left behind may hold its output.
                await asyncio.wait((self._moving,), timeout=LINGER)
                self._relay.stop()
                await self.ended()
                return guest.exit_status
            if self._moving.done():
                await asyncio.sleep(POLL)
                deadline = deadline or self._runner.loop.time() + ANSWER_TIMEOUT
                if self._cancelling and self._runner.loop.time() > deadline:
                    return KILLED

    async def _end(self, *, kill: bool) -> None:
        signal = self._runner.signal
        try:
            for name, grace in () if kill else zip(POLITE, self._grace, strict=True):
                await signal(name, self.token)
                if await self._gone(grace):
                    break
            for _ in range(TRIES):
                if not await signal("KILL", self.token):
                    break
        except EngineError as error:
            log.warning("run %s: could not be seen to end: %s", self.token, error)
        self._relay.stop()

    async def _gone(self, seconds: float) -> bool:
        """Whether it has ended, within that time."""
        end = self._runner.loop.time() + seconds
        while (await self._attached.inspect()).exit_status is None:
            if self._runner.loop.time() > end:
                return False
            await asyncio.wait((self._moving,), timeout=POLL)
        return True

    def _broken(self) -> None:
        """As the kernel tells who writes into a pipe that nobody reads. Called in a thread."""
        asyncio.run_coroutine_threadsafe(self._runner.signal("PIPE", self.token), self._runner.loop)
