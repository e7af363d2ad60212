"""What a project's runs have found: diagnostics, tests, the last run of each task; kept on disk."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import defaultdict
from collections.abc import Callable, Iterable

from buildd.config.current import CurrentConfiguration
from buildd.diagnostics.findings import (
    CONFIGURATION,
    Findings,
    environment_owner,
    image_owner,
)
from buildd.diagnostics.source_snapshots import SourceSnapshots
from buildd.model import Diagnostic, Run, RunState, TestResult, TestState
from buildd.output.carry_over import CarryOver, Partial
from buildd.output.incremental import Known
from buildd.runs.observer import Observer, Observers
from buildd.runs.run import LiveRun
from buildd.runs.store import Store, Stored
from buildd.watching.deleted_files import DeletedFiles

log = logging.getLogger(__name__)

ANSWER_FIRST = 0.005
"""Seconds from the storing of a run until its files are synchronised and old ones are removed."""


class Results(Observer):
    """The results of one project's runs, and what else its diagnostics show.

    It observes the runs and the configuration; its findings tell `events` what has changed.
    `snapshots` has the texts that the findings are about, `watch` is as for `DeletedFiles`.
    """

    def __init__(
        self,
        configuration: CurrentConfiguration,
        snapshots: SourceSnapshots,
        events: Observers,
        watch: Callable[[str], None],
    ) -> None:
        self._configuration = configuration
        self.snapshots = snapshots
        self.findings = Findings(events.diagnostics_changed)
        self.deleted_files = DeletedFiles(
            configuration.path, self.findings.of_tasks, self.findings.forget, watch
        )
        self.store = Store(configuration.path)
        self.last: dict[str, Run] = {}
        """The newest ended run of each task."""
        self.tests: dict[str, tuple[TestResult, ...]] = {}
        """How each test ended last, by task."""
        self.tested: dict[str, str] = {}
        """The id of the run that reported a task's tests last, or some of them."""
        self.carry_over: defaultdict[str, CarryOver] = defaultdict(CarryOver)
        """By task: what its next run may not report again though it still holds."""
        self._saving: set[asyncio.Task[None]] = set()
        self._syncing: set[asyncio.Task[None]] = set()
        events.add(self)
        self._restore()

    def _restore(self) -> None:
        self.store.tidy()
        for stored in self.store.standing():
            self._apply(stored)

    # --- as an observer

    def configuration_changed(self) -> None:
        """Show what is to be said of the configuration, and drop what is not in it any more."""
        configuration = self._configuration
        self.findings.replace(CONFIGURATION, configuration.remarks())
        if (project := configuration.project) and not configuration.errors:
            owners = [*map(environment_owner, project.environments)]
            owners += map(image_owner, project.images)
            self.findings.retain([CONFIGURATION, *project.tasks, *owners])

    def diagnostics_changed(self, files: set[str]) -> None:
        """Follow the files that have diagnostics now."""
        self.deleted_files.check_new()

    def run_found(self, run: LiveRun, diagnostics: list[Diagnostic]) -> None:
        """Show what a run has found so far."""
        if not run.record.only:
            self.findings.show(run.record.task, diagnostics)

    def run_ended(self, run: LiveRun) -> None:
        """Keep and store what the run of a task found."""
        if not run.record.task:
            return
        stored = Stored(
            run=run.record,
            diagnostics=tuple(run.diagnostics),
            tests=tuple(run.tests),
            names_units=run.names_units,
        )
        self._apply(stored)
        saving = asyncio.create_task(asyncio.to_thread(self.store.save, stored))
        self._saving.add(saving)
        saving.add_done_callback(self._saving.discard)
        syncing = asyncio.create_task(self._make_durable(saving, run.record))
        self._syncing.add(syncing)
        syncing.add_done_callback(self._syncing.discard)

    # --- for those who ask

    async def forget(self) -> None:
        """Forget everything: what was stored has been removed."""
        self.store = await asyncio.to_thread(Store, self._configuration.path)
        self.last.clear()
        self.tests.clear()
        self.tested.clear()
        for carry_over in self.carry_over.values():
            carry_over.clear()
        self.findings.retain([CONFIGURATION])

    async def stored(self) -> None:
        """Return once every ended run is stored: what was reported of them cannot be lost then."""
        if self._saving:
            await asyncio.wait(self._saving)

    async def stored_run(self, *, task: str = "", run: str = "") -> Stored | None:
        """Return the newest ended run, of this task or with this id; None if there is none."""
        await self.stored()
        return await asyncio.to_thread(lambda: next(self.store.history(task, run), None))

    async def settled(self) -> None:
        """Return once nothing is left to do for what is stored."""
        if self._syncing:
            await asyncio.wait(self._syncing)

    def tests_of(self, task: str, under_way: Iterable[LiveRun]) -> tuple[TestResult, ...]:
        """Return how each test of the task ended last, also in runs that have not ended."""
        runs = [run for run in under_way if run.record.task == task]
        reported = {test.path: test for run in runs for test in run.tests}
        known = [reported.pop(test.path, test) for test in self.tests.get(task, ())]
        return (*known, *reported.values())

    def expected(self, task: str) -> float:
        """Return how many seconds the task's run will probably take, 0 if that is not known."""
        last = self.last.get(task)
        return last.ended - last.started if last and last.state is RunState.FINISHED else 0.0

    def newest_log(self, under_way: Iterable[Run]) -> str | None:
        """Return the file with the output of a task that runs, or of the one that ran last.

        None if there is none.
        """
        records = [record for record in under_way if record.task]
        records += sorted(self.last.values(), key=lambda run: -run.created)
        paths = (self.store.log_path(record.id) for record in records)
        return next((path for path in paths if os.path.exists(path)), None)

    # --- how a run changes them

    async def _make_durable(self, saving: asyncio.Task[None], run: Run) -> None:
        # Who waits for the result comes first: a thread would take its time from the answer.
        await asyncio.wait((saving,))
        await asyncio.sleep(ANSWER_FIRST)
        await asyncio.to_thread(self.store.make_durable, run)

    def _apply(self, stored: Stored) -> None:
        """Take over the results of a run that has ended, under this daemon or an earlier one."""
        run, carry_over = stored.run, self.carry_over[stored.run.task]
        if not run.only:
            self.last[run.task] = run
        if run.state is not RunState.FINISHED:
            if not run.only:
                self.findings.revert(run.task)
        elif run.only:
            self._replace_tests(stored)
        else:
            self._replace(stored)
            command = run.command if stored.names_units else None
            carry_over.finished(Known(stored.diagnostics, run.started, run.ended, command))
            return
        carry_over.add(Partial(run, self.store.log_path(run.id)))

    def _replace_tests(self, stored: Stored) -> None:
        """Replace the results of the tests that ran alone, and the findings where they failed."""
        record = stored.run
        asked = set(record.only)
        before = self.tests.get(record.task, ())
        reported = {test.path: test for test in stored.tests}
        if record.exit_status == 0:
            # Many tools do not name the tests that pass.
            for test in before:
                if test.path in asked and test.path not in reported:
                    reported[test.path] = TestResult(
                        path=test.path,
                        state=TestState.PASSED,
                        source=test.source,
                        span=None if test.declared else test.span,
                        declared=test.declared,
                    )
        spans = {test.span for test in before if test.path in reported and test.span}
        rest = [
            diagnostic
            for diagnostic in self.findings.finished_of(record.task)
            if diagnostic.span not in spans
        ]
        self.findings.replace(record.task, dict.fromkeys((*rest, *stored.diagnostics)))
        merged = [reported.pop(test.path, test) for test in before]
        self.tests[record.task] = (*merged, *reported.values())
        self.tested[record.task] = record.id

    def _replace(self, stored: Stored) -> None:
        task = stored.run.task
        self.findings.replace(task, stored.diagnostics)
        self.tests[task] = stored.tests
        self.tested[task] = stored.run.id
