"""One run: prepare its environment, start it, stream it, parse it, end it."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from buildd.base.failpoint import RUN_ENDED, RUN_STARTED, hit_failpoint
from buildd.base.logs import COUNTS, RUN
from buildd.engines.cgroup import LimitCounts, read_counts
from buildd.environments.environment import LiveEnvironment
from buildd.environments.limits_hit import TAIL, LimitHit, at_keys, shortages
from buildd.errors import BuilddError, EnvironmentLostError
from buildd.files.path_map import to_container
from buildd.model import (
    Diagnostic,
    Mount,
    Project,
    Run,
    RunState,
    TestResult,
    Trigger,
)
from buildd.output.run_log import RunLog, tail
from buildd.output.task_reader import TaskReader
from buildd.protocol import Ready
from buildd.runner.base import Runner, Running
from buildd.runner.job import Job
from buildd.runs.slots import Slots

log = logging.getLogger(__name__)

Tests = tuple[tuple[str, ...], ...]
"""Tests, each as in `TestResult.path`."""


_RANKS = (Trigger.WATCH, Trigger.SAVE, Trigger.REQUEST)


class RunObserver:
    """Told of what happens to a run; the base does nothing."""

    def changed(self, run: LiveRun) -> None:
        """Its record is another."""

    def progress(self, run: LiveRun, message: str, percentage: int | None) -> None:
        """Its environment is being prepared."""

    def advanced(self, run: LiveRun, percentage: int) -> None:
        """Its command is so far, as its tool says or as the last run lets one expect."""

    def found(self, run: LiveRun, diagnostics: list[Diagnostic]) -> None:
        """What it has found so far, in the host's paths; its `tests` may be more, too."""

    def ended(self, run: LiveRun) -> None:
        """It has ended, in whatever way. Last of all."""


class LiveRun:
    """A run from its creation to its end.

    What its command writes goes to the log and through a task's reader; or it is the client's to
    read, from the pipes that `output` is told of.
    """

    def __init__(
        self,
        *,
        project: Project,
        environment: LiveEnvironment,
        task: str,
        job: Job,
        log: RunLog,
        output: TaskReader | Callable[[Ready], None],
        run_id: str = "",
        relayed: bool = False,
        slots: Slots | None = None,
        only: Tests = (),
    ) -> None:
        self.record = Run(
            id=run_id or new_id(),
            project=project.path,
            task=task,
            environment=environment.specification.name,
            command=job.command,
            trigger=Trigger.REQUEST,
            created=time.time(),
            only=only,
        )
        self.log = log
        self.listeners: list[RunObserver] = []
        self.diagnostics: list[Diagnostic] = []
        """What it found, once it has ended."""
        self.tests: list[TestResult] = []
        """What it has told of tests so far."""
        self.tells = False
        """As in `Rebuilt`."""
        self.error: BuilddError | None = None
        """Why it never started, or was lost."""
        self.preparing = ""
        """What is being done so that its command can begin; empty if nothing was needed."""
        self.percentage: int | None = None
        """How far that is, or its command once it runs; None where nobody knows."""
        self.holders: set[object] = set()
        """Who wants it. A holder that goes away cancels it when it was the last."""
        self._project = project
        self.environment = environment
        self._job = job
        self._relayed = relayed
        self._slots = slots
        self._output = output
        self._process: Running | None = None
        self._cancelled = False
        self._reason = ""
        self._times = 0.0, 0.0
        self._work: asyncio.Task[None] | None = None
        self._done = asyncio.Event()

    @property
    def has_ended(self) -> bool:
        return self._done.is_set()

    def start(self) -> None:
        """Begin. An end is sure to come."""
        if not self._work and not self.has_ended:
            self._work = asyncio.create_task(self._live())
            self._work.add_done_callback(self._lived)

    async def wait(self) -> None:
        """Return once it has ended."""
        await self._done.wait()

    def cancel(self, *, kill: bool = False, reason: str = "") -> None:
        """End it as soon as its processes can be ended; returns at once. The first `reason` is
        kept in its record."""
        if self.has_ended or (self._cancelled and not kill):
            return
        self._cancelled = True
        self._reason = self._reason or reason
        if self._process:
            self._process.cancel(kill=kill)
        elif self._work:
            self._work.cancel()
        else:
            self._end(RunState.CANCELLED, error=self._reason)

    async def resize(self, rows: int, columns: int) -> None:
        """Its terminal, of the engine's making, has another size."""
        if self._process:
            await self._process.resize(rows, columns)

    def hold(self, holder: object, trigger: Trigger) -> None:
        """`holder` wants it. That a person asked outweighs a save, and a save the watching."""
        if not self.holders or _RANKS.index(trigger) > _RANKS.index(self.record.trigger):
            self.record = msgspec.structs.replace(self.record, trigger=trigger)
        self.holders.add(holder)

    def release(self, holder: object) -> None:
        """`holder` wants it no more."""
        if holder in self.holders:
            self.holders.discard(holder)
            if not self.holders:
                self.cancel()

    def _lived(self, _: asyncio.Task[None]) -> None:
        """Cancelled, perhaps: said here, for a task that is so before its first step never runs."""
        if not self.has_ended:
            self._end(RunState.CANCELLED, error=self._reason)

    async def _live(self) -> None:
        RUN.set(self.record.id)
        try:
            status = await self._execute()
        except EnvironmentLostError as error:
            self._fail(error, RunState.CANCELLED if self._cancelled else RunState.LOST)
        except BuilddError as error:
            self._fail(error, RunState.FAILED)
        except Exception as error:
            log.exception("run %s", self.record.id)
            self._fail(BuilddError(f"buildd itself failed: {error!r}"), RunState.FAILED)
        else:
            state = RunState.CANCELLED if self._cancelled else RunState.FINISHED
            self._end(state, exit_status=status, error=self._reason)

    async def _execute(self) -> int:
        self._set(state=RunState.PREPARING)
        has_gone = False
        try:
            async with self.environment.use(self._report, relayed=self._relayed) as runner:
                try:
                    return await self._run_in(runner)
                finally:
                    has_gone = runner.lost.is_set()
        except EnvironmentLostError:
            if self.record.state is RunState.RUNNING:
                raise
        # It was dead before the command began: once more. A container that somebody has stopped is
        # started again; one that hangs is of no use.
        again = self.environment.use(self._report, fresh=not has_gone, relayed=self._relayed)
        async with again as runner:
            return await self._run_in(runner)

    async def _run_in(self, runner: Runner) -> int:
        async with self._turn():
            job = self._located()
            # Before it begins: whatever it writes is written after that.
            self._set(started=time.time())
            return await self._attend(runner, job)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait until not too many run at once."""
        if self._slots is None:
            yield
            return
        if self._slots.free <= 0:
            self._report(f"waiting: {self._slots.limit} other runs are under way", None)
        is_urgent = lambda: self.record.trigger is Trigger.REQUEST  # noqa: E731
        async with self._slots.hold(self._project.path, is_urgent):
            yield

    async def _attend(self, runner: Runner, job: Job) -> int:
        """Start a command and see it to its end."""
        place = self.environment.place
        group = place.group if place else {}
        if isinstance(self._output, TaskReader):
            await self._output.prepare(self._job, self._mounts)
        # Before it begins: it may meet a limit at once.
        before = read_counts(group)
        status = await self._follow(await runner.run(job))
        if status and not self._cancelled:
            after = read_counts(group)
            found, shown = await asyncio.to_thread(self._short_of, before, after)
            remarks = tuple(remark for _, remark in found)
            self.record = msgspec.structs.replace(self.record, remarks=remarks)
            self.diagnostics += shown
        return status

    def _short_of(
        self, before: LimitCounts, after: LimitCounts
    ) -> tuple[list[LimitHit], list[Diagnostic]]:
        """Which of its environment's limits the command met that failed, and where a task's are
        set. Reads files."""
        specification, task = self.environment.specification, self.record.task
        found = list(shortages(specification, before, after, tail(self.log.path, TAIL)))
        if not task:
            return found, []
        return found, at_keys(found, self._project.config_file, specification.name, task)

    async def _follow(self, process: Running) -> int:
        self._process = process
        try:
            if self._cancelled:
                process.cancel()
            self.percentage = None
            self._set(state=RunState.RUNNING)
            hit_failpoint(RUN_STARTED)
            if isinstance(self._output, TaskReader):
                return await self._read(process, self._output)
            pipes = {name: process.path(name) for name in self._job.pipes}
            self._output(
                Ready(
                    run=self.record.id,
                    stdin=pipes.get("in", ""),
                    stdout=pipes.get("out", ""),
                    stderr=pipes.get("err", ""),
                )
            )
            return await process.wait()
        finally:
            self._process = None
            self._times = process.times
            await process.close()

    def _located(self) -> Job:
        """The job with its directory as the container sees it."""
        directory = to_container(self._job.directory, self._mounts)
        if directory is None:
            raise BuilddError(
                f"{self._job.directory} is not seen in the environment "
                f"{self.environment.specification.name}",
                f"Run from {self._project.path} or below, or add a mount.",
            )
        return msgspec.structs.replace(self._job, directory=directory)

    @property
    def _mounts(self) -> tuple[Mount, ...]:
        return self.environment.place.mounts if self.environment.place else ()

    async def _read(self, process: Running, reader: TaskReader) -> int:
        # Meanwhile the output waits in its pipe.
        output = await reader.output(
            self.record,
            self._job,
            self._mounts,
            self.log,
            show=self._show,
            advance=self._advance,
            is_cancelled=lambda: self._cancelled,
        )
        status = await output.read(process)
        self.diagnostics, self.tests = await output.found()
        self.tells = output.tells(has_succeeded=status == 0)
        return status

    def _show(self, found: list[Diagnostic], tests: list[TestResult]) -> None:
        self.tests = tests
        for listener in self.listeners:
            listener.found(self, found)

    def _advance(self, percentage: int) -> None:
        self.percentage = percentage
        for listener in self.listeners:
            listener.advanced(self, percentage)

    def _report(self, message: str, percentage: int | None) -> None:
        self.preparing, self.percentage = message, percentage
        for listener in self.listeners:
            listener.progress(self, message, percentage)

    def _fail(self, error: BuilddError, state: RunState) -> None:
        self.error = error
        self._end(state, error=str(error))

    def _end(self, state: RunState, **fields: Any) -> None:
        self.log.close()
        user, system = self._times
        self._set(
            state=state,
            ended=time.time(),
            user_time=user,
            system_time=system,
            output_bytes=self.log.size,
            **fields,
        )
        hit_failpoint(RUN_ENDED)
        self._done.set()
        COUNTS[f"runs {state}"] += 1
        for listener in self.listeners:
            listener.ended(self)

    def _set(self, **fields: Any) -> None:
        self.record = msgspec.structs.replace(self.record, **fields)
        for listener in self.listeners:
            listener.changed(self)


def new_id() -> str:
    """A name for a run: 8 hexadecimal digits."""
    return secrets.token_hex(4)
