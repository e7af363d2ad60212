"""How the output of a task's run is read: by which parsers, and knowing what was found before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from buildd.built import Built
from buildd.earlier import BrokenOff, Earlier, reread
from buildd.incremental import Known, Rebuilt
from buildd.model import Diagnostic, Mount, Project, Run, Task, TestResult
from buildd.reading import Reading, ready
from buildd.run_log import RunLog
from buildd.run_output import Placing, RunOutput
from buildd.runner.job import Job
from buildd.runner.translate import to_container


class TaskReader:
    """Of one run of a task of the project. `built` keeps the texts that the findings are about,
    `expected` is how many seconds the run will probably take, 0 if nothing is known."""

    def __init__(
        self,
        project: Project,
        task: Task,
        built: Built,
        *,
        earlier: Earlier | None = None,
        expected: float = 0.0,
    ) -> None:
        self._project = project
        self._task = task
        self._built = built
        self._earlier = earlier or Earlier()
        self._expected = expected

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
    ) -> RunOutput:
        """What reads it; `job` has the host's directory, the rest is as for RunOutput."""
        await ready(self._task.parsers)

        def look(file: str) -> str:
            # In a thread: see what the command has read, as long as it is still that.
            return self._built.remember(file, run.started)

        placing = Placing(self._project, mounts, job.directory, look)

        def reading(before: Sequence[Known]) -> Reading:
            return Reading(
                self._task.parsers,
                to_container(job.directory, mounts) or "",
                Rebuilt(before, run.command),
                self._task.matchers,
                to_container(self._project.path, mounts) or "",
            )

        def again(broken: BrokenOff, before: Sequence[Known]) -> Awaitable[list[Known]]:
            return reread(broken, before, reading(before), placing)

        earlier = await self._earlier.known(again)
        return RunOutput(
            log,
            reading(earlier),
            placing,
            earlier,
            show=show,
            advance=advance,
            is_cancelled=is_cancelled,
            expected=self._expected,
        )
