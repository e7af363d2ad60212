"""This module runs each job by an exec of the engine, where a supervisor is not possible.

That is slower. It is needed if the engine has another kernel (a virtual machine, another host),
because named pipes do not work across that mount, and for terminals if the runs have another user.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import Callable

from buildd.engines import Attach, Attachment
from buildd.errors import EngineError, EnvironmentLostError
from buildd.runner.attached_process import AttachedProcess, close_fd
from buildd.runner.base import KILL_ATTEMPTS
from buildd.runner.job import Job, script
from buildd.runner.pipes import PipeReader, RunDirectory, widen

ANSWER_LIMIT = 64
"""Bytes of an answer that are read."""

_COUNT = re.compile(rb"\s*\d{1,9}\s*")

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
            close_fd(terminal)
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
        for _ in range(KILL_ATTEMPTS):
            if not await self.signal("KILL", f"run_{token}_"):
                return

    async def kill_supervisor(self, token: str) -> None:
        """Kill a supervisor that waits in vain for the other ends of its pipes."""
        await self._signal("KILL", "cmdline", token)

    async def _signal(self, name: str, where: str, text: str) -> int:
        command = ("/bin/sh", "-c", _SIGNAL, "signal", name, where, text)
        attached = await self._attach(command, False)
        try:
            output = await asyncio.to_thread(_beginning, attached)
        finally:
            attached.close()
        # The container's own shell says it, whatever that is.
        if not _COUNT.fullmatch(output):
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


def _beginning(attached: Attachment) -> bytes:
    """Return what a command has written: all of it, or more than ANSWER_LIMIT bytes. Blocks."""
    said = b""
    for _, data in attached.pieces():
        said += data
        if len(said) > ANSWER_LIMIT:
            break
    return said


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
