"""The execution of a run: prepare its environment, start its command, follow it to its end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from buildd.base.failpoint import RUN_STARTED, hit_failpoint
from buildd.base.logs import RUN
from buildd.engines.cgroup import LimitCounts, read_counts
from buildd.environments.limits_hit import TAIL, LimitHit, at_keys, limits_hit
from buildd.errors import BuilddError, EnvironmentLostError
from buildd.files.path_map import to_container
from buildd.model import Diagnostic, Mount, RunState, Trigger
from buildd.output.run_log import tail
from buildd.output.task_reader import TaskReader
from buildd.protocol import Ready
from buildd.runner.base import Runner, Running
from buildd.runner.job import Job
from buildd.runs.plan import RunPlan

if TYPE_CHECKING:
    from buildd.runs.run import LiveRun

log = logging.getLogger(__name__)


class Execution:
    """Executes the plan of one run, and reports to the run, which it ends in every case."""

    def __init__(self, run: LiveRun, plan: RunPlan) -> None:
        self._run = run
        self._plan = plan
        self._task: asyncio.Task[None] | None = None
        self._process: Running | None = None
        self._times = 0.0, 0.0
        """Seconds of processor time that the command took, user and system."""

    def start(self) -> None:
        """Begin, unless it has begun."""
        if not self._task:
            self._task = asyncio.create_task(self._execute())
            self._task.add_done_callback(self._on_done)

    def cancel(self, *, kill: bool) -> bool:
        """End what has begun; return whether anything has. Returns at once."""
        if self._process:
            self._process.cancel(kill=kill)
        elif self._task:
            self._task.cancel()
        return self._task is not None

    async def resize(self, rows: int, columns: int) -> None:
        """Give the command's terminal another size."""
        if self._process:
            await self._process.resize(rows, columns)

    def _on_done(self, _: asyncio.Task[None]) -> None:
        # A task that is cancelled before its first step never runs: the run is ended here.
        if not self._run.has_ended:
            self._end(RunState.CANCELLED)

    async def _execute(self) -> None:
        run = self._run
        RUN.set(run.record.id)
        try:
            status = await self._prepare()
        except EnvironmentLostError as error:
            self._fail(error, RunState.CANCELLED if run.is_cancelled else RunState.LOST)
        except BuilddError as error:
            self._fail(error, RunState.FAILED)
        except Exception as error:
            log.exception("run %s", run.record.id)
            self._fail(BuilddError(f"buildd itself failed: {error!r}"), RunState.FAILED)
        else:
            self._end(RunState.CANCELLED if run.is_cancelled else RunState.FINISHED, status)

    async def _prepare(self) -> int:
        """Have the environment warm, and run the command in it; its exit status."""
        run, environment, relayed = self._run, self._plan.environment, self._plan.relayed
        run.change(state=RunState.PREPARING)
        is_lost = False
        try:
            async with environment.use(run.report, relayed=relayed) as runner:
                try:
                    return await self._run_in(runner)
                finally:
                    is_lost = runner.lost.is_set()
        except EnvironmentLostError:
            if run.record.state is RunState.RUNNING:
                raise
        # The environment was lost before the command began: try once more. A container that was
        # stopped from outside is started again; one that hangs is replaced.
        async with environment.use(run.report, fresh=not is_lost, relayed=relayed) as runner:
            return await self._run_in(runner)

    async def _run_in(self, runner: Runner) -> int:
        async with self._slot():
            job = self._located()
            # Noted before the command begins, so that all it writes is written after that.
            self._run.change(started=time.time())
            return await self._start(runner, job)

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """Wait until fewer runs than the limit are under way."""
        run, slots = self._run, self._plan.slots
        if slots is None:
            yield
            return
        if slots.free <= 0:
            run.report(f"waiting: {slots.limit} other runs are under way", None)
        is_urgent = lambda: run.record.trigger is Trigger.REQUEST  # noqa: E731
        async with slots.hold(self._plan.project.path, is_urgent):
            yield

    async def _start(self, runner: Runner, job: Job) -> int:
        """Start the command and follow it to its end; then see which limits it met if it failed."""
        plan, run = self._plan, self._run
        instance = plan.environment.container.instance
        group = instance.group if instance else {}
        if isinstance(plan.output, TaskReader):
            await plan.output.prepare(plan.job, self._mounts)
        # Counted before the command begins, which may meet a limit at once.
        before = read_counts(group)
        status = await self._follow(await runner.run(job))
        if status and not run.is_cancelled:
            after = read_counts(group)
            limits, diagnostics = await asyncio.to_thread(self._limits_hit, before, after)
            run.add_remarks([remark for _, remark in limits], diagnostics)
        return status

    def _limits_hit(
        self, before: LimitCounts, after: LimitCounts
    ) -> tuple[list[LimitHit], list[Diagnostic]]:
        """Find which limits of the environment the failed command met. Reads files.

        For a task, they are also diagnostics at the keys that set them.
        """
        specification, task = self._plan.environment.specification, self._plan.task
        output = tail(self._run.log.path, TAIL)
        found = list(limits_hit(specification, before, after, output))
        if not task:
            return found, []
        return found, at_keys(found, self._plan.project.config_file, specification.name, task)

    async def _follow(self, process: Running) -> int:
        run, output = self._run, self._plan.output
        self._process = process
        try:
            if run.is_cancelled:
                process.cancel()
            run.percentage = None
            run.change(state=RunState.RUNNING)
            hit_failpoint(RUN_STARTED)
            if isinstance(output, TaskReader):
                return await self._read(process, output)
            output(self._pipes(process))
            return await process.wait()
        finally:
            self._process = None
            self._times = process.times
            await process.close()

    def _pipes(self, process: Running) -> Ready:
        """Where the command's pipes are, for the client that opens them."""
        paths = {name: process.path(name) for name in self._plan.job.pipes}
        return Ready(
            run=self._run.record.id,
            stdin=paths.get("in", ""),
            stdout=paths.get("out", ""),
            stderr=paths.get("err", ""),
        )

    async def _read(self, process: Running, reader: TaskReader) -> int:
        # Until the reader is ready, the output waits in its pipe.
        run = self._run
        output = await reader.output(
            run.record,
            self._plan.job,
            self._mounts,
            run.log,
            show=run.show,
            advance=run.advance,
            is_cancelled=lambda: run.is_cancelled,
        )
        status = await output.read(process)
        run.diagnostics, run.tests = await output.found()
        run.names_units = output.names_units(has_succeeded=status == 0)
        return status

    def _located(self) -> Job:
        """The job with its directory as the container sees it. Raises BuilddError if it cannot."""
        job, name = self._plan.job, self._plan.environment.specification.name
        directory = to_container(job.directory, self._mounts)
        if directory is None:
            raise BuilddError(
                f"{job.directory} is not seen in the environment {name}",
                f"Run from {self._plan.project.path} or below, or add a mount.",
            )
        return msgspec.structs.replace(job, directory=directory)

    @property
    def _mounts(self) -> tuple[Mount, ...]:
        return self._plan.environment.container.mounts

    def _fail(self, error: BuilddError, state: RunState) -> None:
        user, system = self._times
        self._run.fail(error, state, user_time=user, system_time=system)

    def _end(self, state: RunState, exit_status: int | None = None) -> None:
        user, system = self._times
        self._run.end(state, exit_status=exit_status, user_time=user, system_time=system)
