"""This module controls a supervisor from the host: it sends orders, and reads the answers.

`supervisor.sh` is the other side, and describes the orders.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from importlib import resources

from buildd.engines import Inspect, Launch
from buildd.errors import EngineError, EnvironmentLostError
from buildd.runner.base import ANSWER_TIMEOUT
from buildd.runner.job import Job, script
from buildd.runner.multiplexer import multiplexer
from buildd.runner.pipes import PipeReader, RunDirectory, widen
from buildd.runner.process import Process
from buildd.runner.status_pipe import LineReader, event

log = logging.getLogger(__name__)

READY_TIMEOUT = 10.0
"""Seconds until a new supervisor must have answered."""

READY_WATCH = 0.25
"""Seconds between two checks whether a new supervisor still runs, until it answers."""

TIDY_DELAY = 0.005
"""Seconds that cleanup and preparation of the next run wait, so that they do not slow down the
current run."""


class PipesError(EngineError):
    """The supervisor with this token runs, but its named pipes do not reach the host.

    A new container would not help.
    """

    def __init__(self, token: str) -> None:
        super().__init__(
            "named pipes do not work across the mount between the host and the environment",
            "The engine has another kernel than the host, for example in a virtual machine.",
        )
        self.token = token


class Supervisor:
    """The host's side of a running supervisor; a `Runner`. Use `start` to make one."""

    def __init__(self, directory: RunDirectory, token: str) -> None:
        self.lost = asyncio.Event()
        self.reason = ""
        self.stopped = False
        """Whether `stop` ended it, so that nothing of it is left."""
        self.interruptible = True
        """Whether its runs receive SIGINT."""
        self.token = token
        self._directory = directory
        self._inspect: Inspect | None = None
        self._count = 0
        self._answers: dict[str, asyncio.Future[str]] = {}
        self._lines = LineReader()
        self._spare: Process | None = None
        self.waiting: set[Process] = set()
        """The processes whose end somebody waits for."""
        directory.clear()
        directory.make_pipe("control")
        directory.make_pipe("events")
        # O_RDWR: opening never blocks, and the supervisor sees the end only when the daemon ends.
        self._control = directory.open_pipe("control", os.O_RDWR)
        self._events = PipeReader(directory.open_pipe("events", os.O_RDONLY), self._on_events)
        self._watch = asyncio.create_task(self._watch_events())

    @classmethod
    async def start(cls, path: str, launch: Launch, *, shared: bool = False) -> Supervisor:
        """Start a supervisor over the run directory `path`, and wait until it is ready.

        `launch` starts its script in the environment. The new supervisor first kills the runs of an
        earlier one that was killed. Raises PipesError if it does not answer, EngineError if it
        ends.
        """
        directory = RunDirectory(path, shared=shared)
        supervisor = cls(directory, token := secrets.token_hex(6))
        try:
            source = resources.files("buildd.runner").joinpath("supervisor.sh").read_bytes()
            directory.write_file("supervisor.sh", source)
            ready = supervisor._expect("ready")
            before = directory.replace_token("supervisor", token)
            supervisor._inspect = await launch("supervisor.sh", (token, before))
            supervisor.interruptible = (await supervisor._answer(ready)) != "no"
            supervisor._prepare_spare()
        except BaseException:
            await supervisor.stop()
            raise
        return supervisor

    async def _answer(self, ready: asyncio.Future[str]) -> str:
        """Wait for the supervisor's first answer, which says whether SIGINT works."""
        assert self._inspect  # noqa: S101 (set by `start`)
        end = asyncio.get_running_loop().time() + READY_TIMEOUT
        while not (await asyncio.wait((ready,), timeout=READY_WATCH))[0]:
            status = (await self._inspect()).exit_status
            if status is not None and not ready.done():
                raise EngineError(
                    f"the environment's supervisor ended at its start, with exit status {status}",
                    "The image needs a POSIX shell as `sh`, which must be able to use "
                    f"{self._directory.path}.",
                )
            if asyncio.get_running_loop().time() > end:
                raise PipesError(self.token)
        return ready.result()

    async def stop(self) -> None:
        """Stop the supervisor, which kills its runs. It is safe to call this twice."""
        if not self.lost.is_set():
            self.stopped = True
            os.close(self._control)
            self._lose()
            self._release_spare()
            self._events.close()
            self._watch.cancel()
            self._directory.clear()
            self._directory.remove_token("supervisor")
            self._directory.close()
            for answer in self._answers.values():
                answer.cancel()

    async def run(self, job: Job) -> Process:
        """Start a job. Raises EnvironmentLostError if the supervisor is gone."""
        text = script(job)
        process = self._spare
        self._spare = None
        if process is None or process.has_ended:
            process = self._prepare()
        try:
            process.begin(text, job.grace)
        except OSError as error:
            process.release()
            self._directory.remove(process.token)
            raise self._unusable(error) from error
        asyncio.get_running_loop().call_later(TIDY_DELAY, self._prepare_spare)
        return process

    def _prepare(self) -> Process:
        """Order a process that waits for its job."""
        self._count += 1
        # The token is part of a shell variable's name, and never the beginning of another token.
        token = f"run_{self.token}_{self._count}_"
        directory = self._directory
        opened: list[int] = []
        try:
            directory.make_directory(token)
            for name in ("status", "go", "out", "err", "in"):
                directory.make_pipe(f"{token}/{name}")
            opened.append(directory.open_pipe(f"{token}/status", os.O_RDONLY))
            # O_RDWR: what is written before the other side opens the pipe is not lost.
            opened.append(directory.open_pipe(f"{token}/go", os.O_RDWR))
        except OSError as error:
            for fd in opened:
                os.close(fd)
            directory.remove(token)
            raise self._unusable(error) from error
        status, go = opened
        process = Process(self, token, status, go)
        try:
            self._order(f"prepare {token}")
        except EnvironmentLostError:
            process.release()
            raise
        return process

    def _prepare_spare(self) -> None:
        """Make the process of the next run in advance, because that takes most of a run's time."""
        if self._spare is None and not self.lost.is_set():
            with suppress(EnvironmentLostError):
                self._spare = self._prepare()

    def _lose(self) -> None:
        self.lost.set()
        for process in self.waiting:
            process.end_wait()

    def _release_spare(self) -> None:
        if self._spare:
            self._spare.release()
            self._spare = None

    def _unusable(self, error: OSError) -> EnvironmentLostError:
        return EnvironmentLostError(
            f"the run directory {self._directory.path} cannot be used: {error.strerror}",
            "The next run creates it again, together with the environment.",
        )

    def write_job(self, token: str, text: str) -> None:
        """Write the script of a run's job. Raises OSError."""
        self._directory.write_file(f"{token}/job", text.encode("utf-8", "surrogateescape"))

    async def multiplexer(self) -> str:
        """Return the path on the host that opens terminals of the environment, or empty."""
        if not self._inspect:
            return ""
        state = await self._inspect()
        return await asyncio.to_thread(multiplexer, state.process, self.token)

    def open_output(self, token: str, name: str, on_data: Callable[[bytes], None]) -> PipeReader:
        """Open a run's output pipe, and read it in the event loop."""
        fd = self._directory.open_pipe(f"{token}/{name}", os.O_RDONLY)
        widen(fd)
        return PipeReader(fd, on_data)

    def path(self, token: str, name: str) -> str:
        """Return the path of a run's pipe on the host."""
        return os.path.join(self._directory.path, token, name)

    def signal(self, token: str, process: int, name: str) -> None:
        """Send a signal to a run's process group. Raises EnvironmentLostError."""
        self._order(f"signal {token} {process} {name}")

    async def sweep(self, token: str) -> int:
        """Kill every process that has the run's token, and return how many there were."""
        answer = self._expect(f"swept {token}")
        self._order(f"sweep {token}")
        return int(await asyncio.wait_for(answer, ANSWER_TIMEOUT))

    async def probe(self, token: str) -> None:
        """Check that the environment is alive. Raises EnvironmentLostError if it is not."""
        answer = self._expect(f"probed {token}")
        self._order(f"probe {token}")
        try:
            await asyncio.wait_for(answer, ANSWER_TIMEOUT)
        except TimeoutError as error:
            raise EnvironmentLostError("the environment's supervisor does not answer") from error

    def reap_soon(self, token: str) -> None:
        """Collect the keeper of an ended run and remove its pipes, after TIDY_DELAY."""
        asyncio.get_running_loop().call_later(TIDY_DELAY, self._reap, token)

    def _reap(self, token: str) -> None:
        if not self.lost.is_set():
            with suppress(EnvironmentLostError):
                self._order(f"reap {token}")
            self._directory.remove(token)

    def _order(self, line: str) -> None:
        if self.lost.is_set():
            raise EnvironmentLostError("the environment's supervisor is gone")
        try:
            os.write(self._control, f"{line}\n".encode())
        except BlockingIOError as error:
            # The pipe is full of unread orders (64 KiB): the supervisor is paused or stuck.
            raise EnvironmentLostError("the environment's supervisor does not read") from error

    def _expect(self, key: str) -> asyncio.Future[str]:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._answers[key] = future
        future.add_done_callback(lambda _: self._answers.pop(key, None))
        return future

    def _on_events(self, data: bytes) -> None:
        for line in self._lines.feed(data):
            key, value = event(line) or ("", "")
            future = self._answers.get(key)
            if future and not future.done():
                future.set_result(value)

    async def _watch_events(self) -> None:
        await self._events.ended.wait()
        if not self.lost.is_set():
            log.info("supervisor %s is gone", self.token)
            os.close(self._control)
            self._lose()
            self._release_spare()
            self._directory.close()
            for answer in list(self._answers.values()):
                if not answer.done():
                    answer.set_exception(
                        EnvironmentLostError("the environment's supervisor is gone")
                    )
