"""Prepares the reading of a task's output: its parsers, and what earlier runs have found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from buildd.diagnostics.source_snapshots import SourceSnapshots
from buildd.files.path_map import to_container
from buildd.model import Diagnostic, Mount, Project, Run, Task, TestResult
from buildd.output.carry_over import CarryOver, Partial, reread
from buildd.output.incremental import IncrementalBuild, Known
from buildd.output.parsing import OutputParser, ready
from buildd.output.run_log import RunLog
from buildd.output.stream import HostLocator, OutputStream
from buildd.runner.job import Job


class TaskReader:
    """Makes what reads the output of one run of a task.

    `snapshots` keeps the texts that the findings are about, `carry_over` has what earlier runs
    found, and `expected` is how many seconds the run will probably take, 0 if that is not known.
    """

    def __init__(
        self,
        project: Project,
        task: Task,
        snapshots: SourceSnapshots,
        *,
        carry_over: CarryOver | None = None,
        expected: float = 0.0,
    ) -> None:
        self._project = project
        self._task = task
        self._snapshots = snapshots
        self._carry_over = carry_over
        self._expected = expected
        self._known: Sequence[Known] = ()

    async def prepare(self, job: Job, mounts: Sequence[Mount]) -> None:
        """Find out what earlier runs have found. Call it before the command begins.

        `job` has the host's directory.
        """

        async def again(partial: Partial, before: Sequence[Known]) -> list[Known]:
            await ready(self._task.parsers)
            parser = self._parser(IncrementalBuild(before), job, mounts)
            return await reread(partial, before, parser, self._locator(partial.run, job, mounts))

        if self._carry_over:
            self._known = await self._carry_over.known(again)

    async def output(
        self,
        run: Run,
        job: Job,
        mounts: Sequence[Mount],
        log: RunLog,
        *,
        show: Callable[[list[Diagnostic], list[TestResult]], None],
        advance: Callable[[int], None],
        is_cancelled: Callable[[], bool],
    ) -> OutputStream:
        """Return what reads the output of this run. Call it after `prepare`."""
        await ready(self._task.parsers)
        return OutputStream(
            log,
            self._parser(IncrementalBuild(self._known, run.command), job, mounts),
            self._locator(run, job, mounts),
            self._known,
            show=show,
            advance=advance,
            is_cancelled=is_cancelled,
            expected=self._expected,
        )

    def _parser(self, rebuilt: IncrementalBuild, job: Job, mounts: Sequence[Mount]) -> OutputParser:
        return OutputParser(
            self._task.parsers,
            to_container(job.directory, mounts) or "",
            rebuilt,
            self._task.matchers,
            to_container(self._project.path, mounts) or "",
        )

    def _locator(self, run: Run, job: Job, mounts: Sequence[Mount]) -> HostLocator:
        def look(file: str) -> str:
            # Called in a thread: keep the text that the command has read, if it is still there.
            return self._snapshots.remember(file, run.started)

        return HostLocator(self._project, mounts, job.directory, look)
