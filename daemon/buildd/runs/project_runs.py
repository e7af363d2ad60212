"""The runs of one project that have not ended: who asks for them, and which makes way for which."""

from __future__ import annotations

from collections.abc import Callable

from buildd.config.current import CurrentConfiguration
from buildd.config.lookup import task_named
from buildd.environments.environment import LiveEnvironment
from buildd.errors import BusyError
from buildd.model import (
    Command,
    OnNewer,
    Project,
    Run,
    RunState,
    Task,
    TestResult,
    Trigger,
)
from buildd.output.task_reader import TaskReader
from buildd.protocol import ExecParams, Ready
from buildd.runner.job import Job
from buildd.runs.observer import Observer, Observers
from buildd.runs.plan import RunPlan, Tests, new_run_id
from buildd.runs.queue import Queue
from buildd.runs.results import Results
from buildd.runs.run import LiveRun
from buildd.runs.slots import Slots
from buildd.testing.selection import select_command

ADHOC_LIMIT = 128
"""Ad-hoc runs of one project, and runs of some tests only, that may be under way at once."""


class ProjectRuns(Observer):
    """Makes the runs of one project, queues those of each task, and knows those under way.

    `environment` finds an environment by its name. `events` is told what happens to every run,
    before anything happens to it that it was created.
    """

    def __init__(
        self,
        configuration: CurrentConfiguration,
        results: Results,
        slots: Slots,
        environment: Callable[[str], LiveEnvironment],
        events: Observers,
    ) -> None:
        self._path = configuration.path
        self._configuration = configuration
        self._results = results
        self._slots = slots
        self._environment = environment
        self._events = events
        self._queues: dict[str, Queue[LiveRun]] = {}
        self._adhoc: set[LiveRun] = set()
        events.add(self)

    def under_way(self) -> list[LiveRun]:
        """Return every run that has not ended."""
        queued = [run for queue in self._queues.values() for run in queue.items()]
        return [run for run in (*queued, *self._adhoc) if not run.has_ended]

    def current(self, task: str) -> Run | None:
        """Return the record of the task's run that runs, or else of the one that waits."""
        items = self._queues[task].items() if task in self._queues else []
        return items[0].record if items else None

    def tests(self) -> dict[str, tuple[TestResult, ...]]:
        """Return by task how each test ended last, also in runs that have not ended."""
        runs = self.under_way()
        names = dict.fromkeys((*self._results.tests, *(run.record.task for run in runs)))
        return {name: self._results.tests_of(name, runs) for name in names}

    def cancel(self, *, task: str = "", run: str = "", kill: bool = False) -> list[str]:
        """Cancel the run with this id, or those of the task, or all; return their ids."""
        chosen = [
            live
            for live in self.under_way()
            if (not run or live.record.id == run) and (not task or live.record.task == task)
        ]
        for live in chosen:
            live.cancel(kill=kill)
        return [live.record.id for live in chosen]

    # --- who asks for them

    async def run_task(self, name: str, trigger: Trigger, holder: object) -> LiveRun:
        """Return the run of the task that will begin after now, and have `holder` hold it.

        Raises UnknownNameError, UntrustedError or ConfigError.
        """
        configuration = await self._configuration.usable()
        task = task_named(configuration, name)
        delay = 0.0 if trigger is Trigger.REQUEST else task.debounce
        run = self._queue(task.name).request(delay)
        run.hold(holder, trigger)
        return run

    async def run_tests(self, name: str, tests: Tests, holder: object) -> LiveRun:
        """Start a run of these tests of the task only, and have `holder` hold it.

        Raises UnknownNameError also if it is not known how to run some tests only.
        """
        configuration = await self._configuration.usable()
        task = task_named(configuration, name)
        known = {test.path: test.source for test in self._results.tests.get(name, ())}
        source = next((known[path] for path in tests if path in known), "")
        command = select_command(task, source, tests)
        self._admit()
        return self._start(self._make_run_of(configuration, task, command, only=tests), holder)

    async def execute(
        self, params: ExecParams, holder: object, ready: Callable[[Ready], None]
    ) -> LiveRun:
        """Start an ad-hoc command, and have `holder` hold its run; `ready` gets its pipes."""
        configuration = await self._configuration.usable()
        environment = self._environment(params.environment)
        self._admit()
        job = Job(
            command=params.command,
            directory=params.directory,
            env={**environment.specification.env, **params.env},
            environment=environment.specification.name,
            merge=False,
            stdin=params.stdin,
            terminal=params.terminal,
            umask=params.umask,
        )
        plan = RunPlan(configuration, environment, job, ready, relayed=params.relayed)
        return self._start(self._make(plan), holder)

    def _admit(self) -> None:
        """Of a task one runs and one waits; ad-hoc runs have no such bound of their own."""
        if len(self._adhoc) >= ADHOC_LIMIT:
            raise BusyError(
                f"{ADHOC_LIMIT} commands run in {self._path} already, which is the limit",
                "Wait for some of them, or end them with `buildd cancel`.",
            )

    def _start(self, run: LiveRun, holder: object) -> LiveRun:
        run.hold(holder, Trigger.REQUEST)
        self._adhoc.add(run)
        run.start()
        return run

    def run_ended(self, run: LiveRun) -> None:
        """Forget the run, and report the error that ended it."""
        self._adhoc.discard(run)
        if run.record.task and run.error and run.record.state in (RunState.FAILED, RunState.LOST):
            self._events.error_occurred(run.error)

    # --- which makes way for which

    def _queue(self, name: str) -> Queue[LiveRun]:
        if name not in self._queues:
            self._queues[name] = Queue(lambda: self._make_task_run(name), self._supersedes)
        return self._queues[name]

    def _supersedes(self, pending: LiveRun, running: LiveRun) -> bool:
        """Whether the running one is cancelled for the pending one.

        It is not if a person waits for it, nor for a change that it may have made itself.
        """
        configuration = self._configuration.project
        task = configuration.tasks.get(pending.record.task) if configuration else None
        is_requested = running.record.trigger is Trigger.REQUEST
        may_be_own_change = pending.record.trigger is Trigger.WATCH
        return bool(
            task and task.on_newer is OnNewer.RESTART and not is_requested and not may_be_own_change
        )

    # --- how they are made

    def _make_task_run(self, name: str) -> LiveRun:
        configuration = self._configuration.valid()
        task = configuration.tasks[name]
        return self._make_run_of(configuration, task, task.command)

    def _make_run_of(
        self, configuration: Project, task: Task, command: Command, *, only: Tests = ()
    ) -> LiveRun:
        environment = self._environment(task.environment)
        job = Job(
            command=command,
            directory=task.directory or self._path,
            env={**environment.specification.env, **task.env},
            environment=environment.specification.name,
            grace=task.grace,
        )
        results = self._results
        reader = TaskReader(
            configuration,
            task,
            results.snapshots,
            # A run of some tests only has nothing to carry over: only its own output counts.
            carry_over=None if only else results.carry_over[task.name],
            expected=0.0 if only else results.expected(task.name),
        )
        plan = RunPlan(
            configuration, environment, job, reader, task=task.name, only=only, slots=self._slots
        )
        run = self._make(plan)
        run.log.on_begin = lambda: results.store.begin(run.record)
        return run

    def _make(self, plan: RunPlan) -> LiveRun:
        run_id = new_run_id()
        run = LiveRun(plan, self._results.store.log(run_id), run_id)
        run.observers.add(self._events)
        self._events.run_created(run)
        return run
