"""What a project's runs have found: diagnostics, tests, the last run of each task; kept on disk."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import defaultdict
from collections.abc import Callable, Iterable

from buildd.base.task_set import TaskSet
from buildd.diagnostics.findings import CONFIGURATION, Findings, environment_owner
from buildd.diagnostics.source_snapshots import SourceSnapshots
from buildd.errors import BuilddError, DefinitionError
from buildd.model import Diagnostic, Run, RunState, Severity, Span, TestResult, TestState
from buildd.output.carry_over import CarryOver, Partial
from buildd.output.incremental import Known
from buildd.runs.run import LiveRun
from buildd.runs.store import Store, Stored
from buildd.watching.deleted_files import DeletedFiles

log = logging.getLogger(__name__)

ANSWER_FIRST = 0.005
"""Seconds from the storing of a run to what else is to be done for it on the disk."""


class Results:
    """Of the project at `path`. `on_change` is told the files whose diagnostics changed. `built`
    has the texts that the findings are about, `watch` is as for Gone."""

    def __init__(
        self,
        path: str,
        built: SourceSnapshots,
        on_change: Callable[[set[str]], None],
        watch: Callable[[str], None],
    ) -> None:
        self._path = path
        self.built = built
        self._on_change = on_change
        self.findings = Findings(self._changed)
        self.gone = DeletedFiles(path, self.findings.of_tasks, self.findings.forget, watch)
        self.store = Store(path)
        self.last: dict[str, Run] = {}
        """The newest ended run of each task."""
        self.tests: dict[str, tuple[TestResult, ...]] = {}
        """How each test ended last, by task."""
        self.tested: dict[str, str] = {}
        """The id of the run that told last of a task's tests, or of some of them."""
        self.earlier: defaultdict[str, CarryOver] = defaultdict(CarryOver)
        """What the next run of each task may not speak of."""
        self._saving = TaskSet(log)
        self._settling = TaskSet(log)
        self._restore()

    def _restore(self) -> None:
        self.store.tidy()
        for stored in self.store.standing():
            self._take(stored)

    def _changed(self, files: set[str]) -> None:
        self._on_change(files)
        self.gone.changed()

    def defined(self, environment: str, error: BuilddError | None) -> None:
        """The environment could be made as it is defined, or why not."""
        shown: list[Diagnostic] = []
        if isinstance(error, DefinitionError) and error.file:
            shown.append(definition_diagnostic(error))
        self.findings.settle(environment_owner(environment), shown)

    def found(self, run: LiveRun, diagnostics: list[Diagnostic]) -> None:
        """A task's run that is under way has found so much."""
        if not run.record.only:
            self.findings.show(run.record.task, diagnostics)

    def ended(self, run: LiveRun) -> None:
        """A task's run has ended: what it found holds from now on, and is stored."""
        stored = Stored(
            run=run.record,
            diagnostics=tuple(run.diagnostics),
            tests=tuple(run.tests),
            tells=run.tells,
        )
        self._take(stored)
        saving = self._saving.start(asyncio.to_thread(self.store.save, stored))
        self._settling.start(self._settle_stored(saving, run.record))

    async def forget(self) -> None:
        """What was stored has been removed: nothing has run yet."""
        self.store = await asyncio.to_thread(Store, self._path)
        self.last.clear()
        self.tests.clear()
        self.tested.clear()
        for earlier in self.earlier.values():
            earlier.clear()
        self.findings.retain([CONFIGURATION])

    async def stored(self) -> None:
        """Return once every ended run is stored: nothing that was told is lost from then on."""
        await self._saving.settled()

    async def stored_run(self, *, task: str = "", run: str = "") -> Stored | None:
        """The newest ended run, of the task or with the id that is given; None if there is none."""
        await self.stored()
        return await asyncio.to_thread(lambda: next(self.store.history(task, run), None))

    async def settled(self) -> None:
        """Return once nothing more is to be done for what is stored."""
        await self._settling.settled()

    def tests_of(self, task: str, under_way: Iterable[LiveRun]) -> tuple[TestResult, ...]:
        """How each test of the task ended last, also in runs that have not ended themselves."""
        runs = [run for run in under_way if run.record.task == task]
        told = {one.path: one for run in runs for one in run.tests}
        known = [told.pop(one.path, one) for one in self.tests.get(task, ())]
        return (*known, *told.values())

    def expected(self, task: str) -> float:
        """Seconds that the task's run will probably take, 0 if nothing is known."""
        last = self.last.get(task)
        return last.ended - last.started if last and last.state is RunState.FINISHED else 0.0

    def newest_log(self, under_way: Iterable[Run]) -> str | None:
        """The file with the output of a task that runs, or ran last; None if there is none."""
        records = [record for record in under_way if record.task]
        records += sorted(self.last.values(), key=lambda run: -run.created)
        paths = (self.store.log_path(one.id) for one in records)
        return next((path for path in paths if os.path.exists(path)), None)

    async def _settle_stored(self, saving: asyncio.Task[None], run: Run) -> None:
        # Who waits for the result comes first: a thread would take its time from the answer.
        await asyncio.wait((saving,))
        await asyncio.sleep(ANSWER_FIRST)
        await asyncio.to_thread(self.store.settle, run)

    def _take(self, stored: Stored) -> None:
        """A run has ended, under this daemon or an earlier one."""
        run, earlier = stored.run, self.earlier[stored.run.task]
        if not run.only:
            self.last[run.task] = run
        if run.state is not RunState.FINISHED:
            if not run.only:
                self.findings.take_back(run.task)
        elif run.only:
            self._settle_tests(stored)
        else:
            self._settle(stored)
            telling = run.command if stored.tells else None
            earlier.finished(Known(stored.diagnostics, run.started, run.ended, telling))
            return
        earlier.add(Partial(run, self.store.log_path(run.id)))

    def _settle_tests(self, stored: Stored) -> None:
        """Of some tests only: they are replaced, and what was found where they had failed."""
        record = stored.run
        asked = set(record.only)
        before = self.tests.get(record.task, ())
        told = {one.path: one for one in stored.tests}
        if record.exit_status == 0:
            # Many tools do not name those that pass.
            for one in before:
                if one.path in asked and one.path not in told:
                    told[one.path] = TestResult(
                        path=one.path,
                        state=TestState.PASSED,
                        source=one.source,
                        span=None if one.declared else one.span,
                        declared=one.declared,
                    )
        places = {one.span for one in before if one.path in told and one.span}
        rest = [one for one in self.findings.settled_of(record.task) if one.span not in places]
        self.findings.settle(record.task, dict.fromkeys((*rest, *stored.diagnostics)))
        merged = [told.pop(one.path, one) for one in before]
        self.tests[record.task] = (*merged, *told.values())
        self.tested[record.task] = record.id

    def _settle(self, stored: Stored) -> None:
        task = stored.run.task
        self.findings.settle(task, stored.diagnostics)
        self.tests[task] = stored.tests
        self.tested[task] = stored.run.id


def definition_diagnostic(error: DefinitionError) -> Diagnostic:
    """The error at its place, with the end of what was printed."""
    tail = "\n".join(error.output.strip().splitlines()[-8:])
    return Diagnostic(
        span=Span(file=error.file, line=max(error.line, 1)),
        severity=Severity.ERROR,
        message="\n".join(filter(None, (str(error), tail))),
        source="buildd",
    )
