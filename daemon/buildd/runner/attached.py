"""This module runs each job by an exec of the engine, where a supervisor is not possible.

That is slower. It is needed if the engine has another kernel (a virtual machine, another host),
because named pipes do not work across that mount, and for terminals if the runs have another user.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Callable

from buildd.engines import Attach, Attachment
from buildd.errors import EngineError, EnvironmentLostError
from buildd.runner.base import ANSWER_TIMEOUT, CANCEL_SIGNALS, KILLED, LINGER
from buildd.runner.job import Job, script
from buildd.runner.pipes import PipeReader, RunDirectory, widen
from buildd.runner.relay import Relay

log = logging.getLogger(__name__)

POLL = 0.02
"""Seconds between two inspections of a command whose output has ended."""

WATCH = 0.5
"""Seconds between two inspections of a command whose output is still open."""

TRIES = 20
"""How often the processes of a run are killed, until there are none."""

# Sends the signal $1 (0 for none) to the processes that have the text $3 in /proc/PID/$2, which is
# `environ` or `cmdline`, and prints their number.
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
    """An attached runner starts each job by an exec of the engine.

    `reason` says why there is no supervisor.
    """

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
        """Return a runner over the run directory `path`, and kill the runs of an earlier daemon.

        Raises EngineError if the engine cannot exec in the container.
        """
        directory = RunDirectory(path, shared=shared)
        runner = cls(directory, attach, reason)
        # An exec survives a killed daemon. The signal also shows whether execs work at all.
        before = directory.replace_token("attached", runner._token)
        await runner.signal("KILL", f"run_{before or runner._token}_")
        return runner

    async def stop(self) -> None:
        """Kill all runs. It is safe to call this twice."""
        if not self.lost.is_set():
            self.lost.set()
            running = list(self._running)
            for process in running:
                process.cancel(kill=True)
            for process in running:
                await process.close()
            self._directory.remove_token("attached")
            self._directory.close()

    async def run(self, job: Job) -> AttachedProcess:
        """Start a job. Raises EnvironmentLostError if the container is gone."""
        self._count += 1
        token = f"run_{self._token}_{self._count}_"
        text = script(job, token)
        terminal = -1
        if job.terminal:
            # Keep it open: when the last process closes it, the client's end hangs up.
            flags = os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
            terminal = await asyncio.to_thread(os.open, job.terminal, flags)
            columns, rows = os.get_terminal_size(terminal)
            # The engine sets a terminal's size only after the command has started.
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
        """Send a signal to the processes of runs whose token begins with `token`.

        Returns their number; the signal `0` only counts them. Raises EngineError if it fails.
        """
        return await self._signal(name, "environ", f"BUILDD_RUN={token}")

    async def kill(self, token: str) -> None:
        """Kill all runs of the supervisor with this token. Raises EngineError if it fails."""
        for _ in range(TRIES):
            if not await self.signal("KILL", f"run_{token}_"):
                return

    async def kill_supervisor(self, token: str) -> None:
        """Kill a supervisor that waits in vain for the other ends of its pipes."""
        await self._signal("KILL", "cmdline", token)

    async def _signal(self, name: str, where: str, text: str) -> int:
        command = ("/bin/sh", "-c", _SIGNAL, "signal", name, where, text)
        attached = await self._attach(command, False)
        try:
            output = await asyncio.to_thread(
                lambda: b"".join(data for _, data in attached.pieces())
            )
        finally:
            attached.close()
        if not output.strip().isdigit():
            raise EngineError("the container cannot run commands")
        return int(output)

    def remove(self, process: AttachedProcess) -> None:
        """Remove an ended process and its pipes."""
        self._running.discard(process)
        if self.lost.is_set():
            return
        self._directory.remove(process.token)

    def path(self, token: str, name: str) -> str:
        """Return the path of a run's pipe on the host."""
        return os.path.join(self._directory.path, token, name)

    def open_output(self, token: str, name: str, on_data: Callable[[bytes], None]) -> PipeReader:
        """Open a run's output pipe, and read it in the event loop."""
        fd = self._directory.open_pipe(f"{token}/{name}", os.O_RDONLY)
        widen(fd)
        return PipeReader(fd, on_data)


def _close(fd: int) -> None:
    if fd >= 0:
        os.close(fd)


def _shell_command(text: str) -> tuple[str, ...]:
    """Return the arguments that run a script.

    The engine's API accepts Unicode only, so a script with other bytes is escaped in ASCII.
    """
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
        _close(self._terminal)
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
            for _ in range(TRIES):
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
