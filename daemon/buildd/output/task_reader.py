"""How the output of a task's run is read: by which parsers, and knowing what was found before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from buildd.diagnostics.source_snapshots import SourceSnapshots
from buildd.files.path_map import to_container
from buildd.model import Diagnostic, Mount, Project, Run, Task, TestResult
from buildd.output.carry_over import CarryOver, Partial, reread
from buildd.output.incremental import IncrementalBuild, Known
from buildd.output.parsing import OutputParser, ready
from buildd.output.run_log import RunLog
from buildd.output.stream import OutputStream, Placing
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
        """Before the command begins, which may be lost at once: know what was found earlier. `job`
        has the host's directory."""

        async def again(partial: Partial, before: Sequence[Known]) -> list[Known]:
            await ready(self._task.parsers)
            reading = self._reading(IncrementalBuild(before), job, mounts)
            return await reread(partial, before, reading, self._placing(partial.run, job, mounts))

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
        """What reads it, once all is prepared."""
        await ready(self._task.parsers)
        return OutputStream(
            log,
            self._reading(IncrementalBuild(self._known, run.command), job, mounts),
            self._placing(run, job, mounts),
            self._known,
            show=show,
            advance=advance,
            is_cancelled=is_cancelled,
            expected=self._expected,
        )

    def _reading(
        self, rebuilt: IncrementalBuild, job: Job, mounts: Sequence[Mount]
    ) -> OutputParser:
        return OutputParser(
            self._task.parsers,
            to_container(job.directory, mounts) or "",
            rebuilt,
            self._task.matchers,
            to_container(self._project.path, mounts) or "",
        )

    def _placing(self, run: Run, job: Job, mounts: Sequence[Mount]) -> Placing:
        def look(file: str) -> str:
            # In a thread: see what the command has read, as long as it is still that.
            return self._snapshots.remember(file, run.started)

        return Placing(self._project, mounts, job.directory, look)
