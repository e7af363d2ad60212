"""The host's side of a supervisor: gives it orders, reads its answers and the runs' pipes."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from contextlib import suppress
from importlib import resources

from buildd.engines import Inspect, Launch
from buildd.errors import EngineError, EnvironmentLostError
from buildd.runner.base import ANSWER_TIMEOUT
from buildd.runner.job import Job, script
from buildd.runner.multiplexer import multiplexer
from buildd.runner.pipes import OnData, PipeReader, RunDirectory, widen
from buildd.runner.process import Process

log = logging.getLogger(__name__)

READY_TIMEOUT = 10.0
"""Seconds until a supervisor that was started must have answered."""

READY_WATCH = 0.25
"""Seconds between two looks whether it still lives, while it has not."""

BREATH = 0.005
"""Seconds by which tidying up, and making ready for the next run, leave the present one ahead."""


class PipesError(EngineError):
    """The supervisor with this token lives, but hears nothing: no new container mends that."""

    def __init__(self, token: str) -> None:
        super().__init__(
            "named pipes do not cross the mount between here and the environment",
            "The engine has a kernel of its own, as in a virtual machine.",
        )
        self.token = token


class Supervisor:
    """One live supervisor. Made by `start`; `lost` is set once it has gone."""

    def __init__(self, directory: RunDirectory, token: str) -> None:
        self.lost = asyncio.Event()
        self.reason = ""
        self.stopped = False
        """It was ended by `stop`, and has left nothing."""
        self.interruptible = True
        self.token = token
        self._directory = directory
        self._inspect: Inspect | None = None
        self._count = 0
        self._answers: dict[str, asyncio.Future[str]] = {}
        self._partial = b""
        self._spare: Process | None = None
        self.waited_for: set[Process] = set()
        """Told when the supervisor has gone."""
        directory.clear()
        directory.make_pipe("control")
        directory.make_pipe("events")
        # Read and write: opening never waits, and the supervisor sees the end only when we go.
        self._control = directory.open_pipe("control", os.O_RDWR)
        self._events = PipeReader(directory.open_pipe("events", os.O_RDONLY), self._on_events)
        self._watch = asyncio.create_task(self._watch_events())

    @classmethod
    async def start(cls, path: str, launch: Launch, *, shared: bool = False) -> Supervisor:
        """Start a supervisor over the run directory `path` by `launch`, and wait for its word.
        It first ends what an earlier one has left that was killed.

        Raises PipesError if it does not answer, EngineError if it ends.
        """
        directory = RunDirectory(path, shared=shared)
        supervisor = cls(directory, token := secrets.token_hex(6))
        try:
            source = resources.files("buildd.runner").joinpath("supervisor.sh").read_bytes()
            directory.write_file("supervisor.sh", source)
            ready = supervisor._expect("ready")
            before = directory.take_turn("supervisor", token)
            supervisor._inspect = await launch("supervisor.sh", (token, before))
            supervisor.interruptible = (await supervisor._answer(ready)) != "no"
            supervisor._have_a_spare()
        except BaseException:
            await supervisor.stop()
            raise
        return supervisor

    async def _answer(self, ready: asyncio.Future[str]) -> str:
        """Its first word."""
        assert self._inspect  # noqa: S101 (set by `start`)
        end = asyncio.get_running_loop().time() + READY_TIMEOUT
        while not (await asyncio.wait((ready,), timeout=READY_WATCH))[0]:
            status = (await self._inspect()).exit_status
            if status is not None and not ready.done():
                raise EngineError(
                    "the environment's supervisor ended before it began, with exit status "
                    f"{status}",
                    f"It is a POSIX shell that must be able to use {self._directory.path}.",
                )
            if asyncio.get_running_loop().time() > end:
                raise PipesError(self.token)
        return ready.result()

    async def stop(self) -> None:
        """End the supervisor, which kills its runs. Safe to call twice."""
        if not self.lost.is_set():
            self.stopped = True
            os.close(self._control)
            self._lose()
            self._release_spare()
            self._events.close()
            self._watch.cancel()
            self._directory.clear()
            self._directory.end_turn("supervisor")
            self._directory.close()
            for answer in self._answers.values():
                answer.cancel()

    async def run(self, job: Job) -> Process:
        """Start `job`. Raises EnvironmentLostError if the supervisor is gone."""
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
        asyncio.get_running_loop().call_later(BREATH, self._have_a_spare)
        return process

    def _prepare(self) -> Process:
        """Order a process that waits for its job."""
        self._count += 1
        # A shell's name for a variable, and no beginning of another one.
        token = f"run_{self.token}_{self._count}_"
        directory = self._directory
        opened: list[int] = []
        try:
            directory.make_directory(token)
            for name in ("status", "go", "out", "err", "in"):
                directory.make_pipe(f"{token}/{name}")
            opened.append(directory.open_pipe(f"{token}/status", os.O_RDONLY))
            # Read and write: what is written before the other side opens it is not lost.
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

    def _have_a_spare(self) -> None:
        """Make the next run's process ahead: most of what a run costs is behind it then."""
        if self._spare is None and not self.lost.is_set():
            with suppress(EnvironmentLostError):
                self._spare = self._prepare()

    def _lose(self) -> None:
        self.lost.set()
        for process in self.waited_for:
            process.give_up()

    def _release_spare(self) -> None:
        if self._spare:
            self._spare.release()
            self._spare = None

    def _unusable(self, error: OSError) -> EnvironmentLostError:
        return EnvironmentLostError(
            f"the run directory {self._directory.path} cannot be used: {error.strerror}",
            "It will be made anew with the environment at the next run.",
        )

    def write_job(self, token: str, text: str) -> None:
        self._directory.write_file(f"{token}/job", text.encode("utf-8", "surrogateescape"))

    async def multiplexer(self) -> str:
        """Where this machine opens terminals of the environment, empty if it cannot."""
        if not self._inspect:
            return ""
        guest = await self._inspect()
        return await asyncio.to_thread(multiplexer, guest.process, self.token)

    def open_output(self, token: str, name: str, on_data: OnData) -> PipeReader:
        fd = self._directory.open_pipe(f"{token}/{name}", os.O_RDONLY)
        widen(fd)
        return PipeReader(fd, on_data)

    def path(self, token: str, name: str) -> str:
        return os.path.join(self._directory.path, token, name)

    def signal(self, token: str, process: int, name: str) -> None:
        self._order(f"signal {token} {process} {name}")

    async def sweep(self, token: str) -> int:
        """Kill every process that carries the run's token; how many there were."""
        answer = self._expect(f"swept {token}")
        self._order(f"sweep {token}")
        return int(await asyncio.wait_for(answer, ANSWER_TIMEOUT))

    async def probe(self, token: str) -> None:
        """Return if the environment lives. Raises EnvironmentLostError if it is dying."""
        answer = self._expect(f"probed {token}")
        self._order(f"probe {token}")
        try:
            await asyncio.wait_for(answer, ANSWER_TIMEOUT)
        except TimeoutError as error:
            raise EnvironmentLostError("the environment's supervisor does not answer") from error

    def reap_soon(self, token: str) -> None:
        """Collect the keeper of an ended run and remove its pipes, once its result has gone out."""
        asyncio.get_running_loop().call_later(BREATH, self._reap, token)

    def _reap(self, token: str) -> None:
        if not self.lost.is_set():
            with suppress(EnvironmentLostError):
                self._order(f"reap {token}")
            self._directory.remove(token)

    def _order(self, line: str) -> None:
        if self.lost.is_set():
            raise EnvironmentLostError("the environment's supervisor has gone")
        try:
            os.write(self._control, f"{line}\n".encode())
        except BlockingIOError as error:
            # 64 KiB of orders unread: it is stopped or stuck.
            raise EnvironmentLostError("the environment's supervisor does not read") from error

    def _expect(self, key: str) -> asyncio.Future[str]:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._answers[key] = future
        future.add_done_callback(lambda _: self._answers.pop(key, None))
        return future

    def _on_events(self, data: bytes) -> None:
        *lines, self._partial = (self._partial + data).split(b"\n")
        self._partial = self._partial[:1024]
        for line in lines:
            kind, _, rest = line.decode("utf-8", "replace").partition(" ")
            key, _, value = rest.partition(" ")
            future = self._answers.get("ready" if kind == "ready" else f"{kind} {key}")
            if future and not future.done():
                future.set_result(value or "0")

    async def _watch_events(self) -> None:
        await self._events.ended.wait()
        if not self.lost.is_set():
            log.info("supervisor %s has gone", self.token)
            os.close(self._control)
            self._lose()
            self._release_spare()
            self._directory.close()
            for answer in list(self._answers.values()):
                if not answer.done():
                    answer.set_exception(
                        EnvironmentLostError("the environment's supervisor has gone")
                    )
