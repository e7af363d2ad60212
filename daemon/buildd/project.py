"""One project's live state: configuration, environments, queues, runs, diagnostics, watchers."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from buildd.built import Built
from buildd.configuration import Configuration
from buildd.environment import LiveEnvironment
from buildd.errors import (
    BuilddError,
    BusyError,
    UnknownNameError,
    UntrustedError,
)
from buildd.findings import CONFIGURATION, environment_owner, image_owner
from buildd.model import (
    Diagnostic,
    OnChange,
    OnNewer,
    Project,
    RunState,
    Severity,
    Task,
    TestResult,
    Trigger,
)
from buildd.protocol import ExecParams, ProjectStatus, Ready, TaskStatus
from buildd.queue import Queue
from buildd.renewal import Owner
from buildd.results import Results
from buildd.run import Listener, LiveRun, Tests, new_id
from buildd.runner.job import Job
from buildd.selection import Command, selecting
from buildd.slots import Slots
from buildd.triggers import Patterns, Tell, Triggers, compiled
from buildd.warmth import Warmth
from buildd.watcher import Creations, Watcher

log = logging.getLogger(__name__)


ADHOC_LIMIT = 128
"""Ad-hoc runs of one project, and runs of some tests only, that may be under way at once."""


class LiveProject(Listener, Owner):
    """Everything the daemon knows of one project."""

    def __init__(self, path: str, slots: Slots, warmth: Warmth, built: Built) -> None:
        self.path = path
        self._slots = slots
        self._warmth = warmth
        self.configuration = Configuration(path, self._configured)
        self.watchers: set[Watcher] = set()
        self.results = Results(path, built, self._diagnostics_changed)
        self.environments: dict[str, LiveEnvironment] = {}
        self._queues: dict[str, Queue[LiveRun]] = {}
        self._adhoc: set[LiveRun] = set()
        self._patterns: Patterns = {}
        self.triggers = Triggers(path, self._triggered, self._tell)
        self._unanswered: set[str] = set()
        """The tasks that saves asked for before there was consent."""

    def join(self, watcher: Watcher) -> None:
        """Tell the watcher of what happens from now on. Of runs that are under way already it is
        told as of new ones."""
        self.watchers.add(watcher)
        for run in self.runs():
            run.listeners.append(watcher)
            watcher.run_created(self, run)

    def leave(self, watcher: Watcher) -> None:
        """Tell the watcher nothing more."""
        self.watchers.discard(watcher)
        for run in self.runs():
            if watcher in run.listeners:
                run.listeners.remove(watcher)

    # --- configuration

    async def refresh(self) -> None:
        """Read the configuration again if it has changed."""
        await self.configuration.refresh()

    async def _configured(self) -> None:
        """The configuration is another: environments, patterns and owners follow it."""
        configuration = self.configuration
        self.results.findings.settle(CONFIGURATION, configuration.remarks())
        if (project := configuration.project) and not configuration.errors:
            for name in self.environments.keys() - project.environments.keys():
                _keep(asyncio.create_task(self.environments.pop(name).retire()))
            for name, specification in project.environments.items():
                if name in self.environments:
                    self.environments[name].follow(project, specification)
                else:
                    self.environments[name] = LiveEnvironment(
                        project, specification, self._warmth, self
                    )
            self._patterns = compiled(project.tasks.values())
            owners = [*map(environment_owner, project.environments)]
            owners += map(image_owner, project.images)
            self.results.findings.retain([CONFIGURATION, *project.tasks, *owners])
            if configuration.trusted:
                self._answer(project)
        for watcher in list(self.watchers):
            watcher.configuration_changed(self)

    # --- runs

    async def run_task(self, name: str, trigger: Trigger, holder: object) -> LiveRun:
        """The run of the task that will begin after now, held by `holder`."""
        configuration = await self.configuration.usable()
        task = self.task(configuration, name)
        delay = 0.0 if trigger is Trigger.REQUEST else task.debounce
        run = self._queue(task.name).request(delay)
        run.hold(holder, trigger)
        return run

    async def run_tests(self, name: str, tests: Tests, holder: object) -> LiveRun:
        """A run of these tests of the task only, held by `holder`. Raises UnknownNameError where
        it is not known how to."""
        configuration = await self.configuration.usable()
        task = self.task(configuration, name)
        known = {one.path: one.source for one in self.results.tests.get(name, ())}
        source = next((known[path] for path in tests if path in known), "")
        command = selecting(task, source, tests)
        self._admit()
        run = self._make_run_of(configuration, task, command, only=tests)
        run.hold(holder, Trigger.REQUEST)
        self._adhoc.add(run)
        run.start()
        return run

    async def execute(
        self, params: ExecParams, holder: object, ready: Callable[[Ready], None]
    ) -> LiveRun:
        """Start an ad-hoc command; `ready` is told of its pipes."""
        configuration = await self.configuration.usable()
        environment = self.environment(params.environment)
        self._admit()
        job = Job(
            command=params.command,
            directory=params.directory,
            env={**environment.specification.env, **params.env},
            place=environment.specification.name,
            merge=False,
            stdin=params.stdin,
            terminal=params.terminal,
            umask=params.umask,
        )
        run = self._make(configuration, environment, None, job, ready, relayed=params.relayed)
        run.hold(holder, Trigger.REQUEST)
        self._adhoc.add(run)
        run.start()
        return run

    def _admit(self) -> None:
        """Of a task one runs and one waits; these have no such bound of their own."""
        if len(self._adhoc) >= ADHOC_LIMIT:
            raise BusyError(
                f"{ADHOC_LIMIT} commands run in {self.path} already, which is the limit",
                "Wait for some of them, or end them with `buildd cancel`.",
            )

    def saved(self, file: str) -> None:
        """A file was saved in an editor: start what its pattern asks for."""
        self.triggers.saved(file, self._patterns, self)

    async def _triggered(self, name: str, trigger: Trigger, holder: object) -> None:
        try:
            await self.run_task(name, trigger, holder)
        except BuilddError as error:
            if isinstance(error, UntrustedError) and trigger is Trigger.SAVE:
                self._unanswered.add(name)
            self._tell(error)

    def _answer(self, project: Project) -> None:
        """There is consent: run what saves have asked for meanwhile."""
        names, self._unanswered = self._unanswered & project.tasks.keys(), set()
        for name in sorted(names):
            _keep(asyncio.create_task(self._triggered(name, Trigger.SAVE, self)))

    def _tell(self, error: BuilddError) -> None:
        for watcher in list(self.watchers):
            watcher.message(self, error)

    @asynccontextmanager
    async def watching(self, names: Sequence[str]) -> AsyncIterator[tuple[str, ...]]:
        """Run these tasks now, and whenever a file changes that fits their patterns, for as long
        as the context lasts; by default those that run on save. Gives their names."""
        configuration = await self.configuration.usable()
        tasks = [self.task(configuration, name) for name in names] or [
            task for task in configuration.tasks.values() if task.on_save
        ]
        if not tasks:
            raise UnknownNameError(
                f"no task of {configuration.config_file} runs on save",
                "Name the tasks to run, or give one `on-save = …`.",
            )
        holder = object()
        try:
            async with self.triggers.watching(compiled(tasks, "**"), holder):
                for task in tasks:
                    await self.run_task(task.name, Trigger.WATCH, holder)
                yield tuple(task.name for task in tasks)
        finally:
            for run in self.runs():
                run.release(holder)

    def tests(self) -> dict[str, tuple[TestResult, ...]]:
        """By task, how each test ended last, also in runs that have not ended themselves."""
        runs = self.runs()
        names = dict.fromkeys((*self.results.tests, *(run.record.task for run in runs)))
        return {name: self.results.tests_of(name, runs) for name in names}

    def runs(self) -> list[LiveRun]:
        """Every run that has not ended."""
        queued = [run for queue in self._queues.values() for run in queue.items()]
        return [run for run in (*queued, *self._adhoc) if not run.has_ended]

    def cancel(self, *, task: str = "", run: str = "", kill: bool = False) -> list[str]:
        """Cancel the run, or those of the task, or all; the ids."""
        chosen = [
            live
            for live in self.runs()
            if (not run or live.record.id == run) and (not task or live.record.task == task)
        ]
        for live in chosen:
            live.cancel(kill=kill)
        return [live.record.id for live in chosen]

    def cancel_making(self) -> list[str]:
        """End the making of images and containers, for all who wait for it; of which environments
        there was any."""
        return [name for name, live in self.environments.items() if live.cancel()]

    def task(self, configuration: Project, name: str) -> Task:
        """The task of that name, or UnknownNameError with what there is."""
        if name in configuration.tasks:
            return configuration.tasks[name]
        file = configuration.config_file
        if configuration.tasks:
            remedy = f"It has: {', '.join(configuration.tasks)}."
        elif os.path.basename(file) == "buildd.toml":
            remedy = f"Add `[tasks.{name}]` with `run = …` to it."
        else:
            shown = os.path.relpath(file, self.path)
            remedy = f"`buildd init --from {shown}` writes a buildd.toml, which has tasks."
        raise UnknownNameError(f"{file} has no task `{name}`", remedy)

    def environment(self, name: str = "") -> LiveEnvironment:
        """The environment of that name, or the default one."""
        project = self.configuration.valid()
        name = name or project.default_environment
        if name in self.environments:
            return self.environments[name]
        choices = ", ".join(self.environments)
        raise UnknownNameError(
            f"{project.config_file} has no environment `{name}`"
            if name
            else f"{project.config_file} has several environments",
            f"It has: {choices}. Name one with `--env`.",
        )

    def _queue(self, name: str) -> Queue[LiveRun]:
        if name not in self._queues:
            self._queues[name] = Queue(lambda: self._make_task_run(name), self._supersedes)
        return self._queues[name]

    def _supersedes(self, pending: LiveRun, running: LiveRun) -> bool:
        """Whether what runs is cancelled for what comes: not if a person waits for it, nor for a
        change that it may have made itself."""
        configuration = self.configuration.project
        task = configuration.tasks.get(pending.record.task) if configuration else None
        asked_for = running.record.trigger is Trigger.REQUEST
        in_doubt = pending.record.trigger is Trigger.WATCH
        return bool(task and task.on_newer is OnNewer.RESTART and not asked_for and not in_doubt)

    def _make_task_run(self, name: str) -> LiveRun:
        configuration = self.configuration.valid()
        task = configuration.tasks[name]
        return self._make_run_of(configuration, task, task.command)

    def _make_run_of(
        self, configuration: Project, task: Task, command: Command, *, only: Tests = ()
    ) -> LiveRun:
        environment = self.environment(task.environment)
        job = Job(
            command=command,
            directory=task.directory or self.path,
            env={**environment.specification.env, **task.env},
            place=environment.specification.name,
            grace=task.grace,
        )
        return self._make(configuration, environment, task, job, None, only=only)

    def _make(
        self,
        configuration: Project,
        environment: LiveEnvironment,
        task: Task | None,
        job: Job,
        ready: Callable[[Ready], None] | None,
        *,
        relayed: bool = False,
        only: Tests = (),
    ) -> LiveRun:
        run_id = new_id()
        run = LiveRun(
            project=configuration,
            environment=environment,
            task=task,
            job=job,
            log=self.results.store.log(run_id),
            built=self.results.built,
            run_id=run_id,
            ready=ready,
            relayed=relayed,
            expected=0.0 if only else self.results.expected(task),
            slots=self._slots if task else None,
            earlier=lambda: ((), 0.0) if only else self.results.earlier(task),
            only=only,
        )
        # The project first: what a watcher is told of, it can look up.
        run.listeners += [self, *self.watchers]
        for watcher in list(self.watchers):
            watcher.run_created(self, run)
        return run

    @contextmanager
    def created_runs(self, tell: Tell = lambda error: None) -> Iterator[asyncio.Queue[LiveRun]]:
        """A queue into which every run comes that is created meanwhile; `tell` is told of what
        nobody asked for."""
        watcher = Creations(tell)
        self.watchers.add(watcher)
        try:
            yield watcher.queue
        finally:
            self.watchers.discard(watcher)

    # --- what runs tell

    def changed(self, run: LiveRun) -> None:
        if run.record.task:
            self.triggers.echoes.follow(run.record)

    def found(self, run: LiveRun, diagnostics: list[Diagnostic]) -> None:
        self.results.found(run, diagnostics)

    def ended(self, run: LiveRun) -> None:
        self._adhoc.discard(run)
        if not run.record.task:
            return
        self.results.ended(run)
        if run.error and run.record.state in (RunState.FAILED, RunState.LOST):
            self._tell(run.error)

    # --- what environments tell

    async def consent(self) -> None:
        await self.configuration.usable()

    def environment_changed(self) -> None:
        for watcher in list(self.watchers):
            watcher.environment_changed(self)

    def environment_outdated(self, live: LiveEnvironment) -> None:
        _keep(asyncio.create_task(self._outdated(live)))

    async def _outdated(self, live: LiveEnvironment) -> None:
        """Have what is defined now built, or asked for; unless the user is asked for trust."""
        await self.refresh()
        self.environment_changed()
        configuration = self.configuration
        if not live.renewal.changed or configuration.errors or not configuration.trusted:
            return
        asks = live.specification.on_change is OnChange.ASK and not live.renewal.is_consented
        if not asks:
            live.renewal.start()
        for watcher in list(self.watchers):
            watcher.environment_outdated(self, live, asks=asks)

    def environment_renewed(self, live: LiveEnvironment, error: BuilddError | None) -> None:
        self.results.defined(live.specification.name, error)
        for watcher in list(self.watchers):
            watcher.environment_renewed(self, live)
            if error:
                watcher.message(self, error)

    # --- reports

    def status(self) -> ProjectStatus:
        """What `buildd status` shows of it."""
        return ProjectStatus(
            path=self.path,
            trusted=self.configuration.trusted,
            error=str(self.configuration.errors[0]) if self.configuration.errors else "",
            environments=tuple(live.status() for live in self.environments.values()),
            tasks=tuple(map(self._task_status, self._tasks())),
            images=tuple(self._images()),
            sessions=len(self.watchers),
        )

    def _images(self) -> Iterable[str]:
        project = self.configuration.project
        return project.images if project else ()

    def _tasks(self) -> Iterable[Task]:
        project = self.configuration.project
        return project.tasks.values() if project else ()

    def _task_status(self, task: Task) -> TaskStatus:
        queue = self._queues.get(task.name)
        items = queue.items() if queue else []
        found = [one.severity for one in self.results.findings.of_owner(task.name)]
        return TaskStatus(
            name=task.name,
            command=task.command,
            environment=task.environment,
            on_save=bool(task.on_save),
            current=items[0].record if items else None,
            last=self.results.last.get(task.name),
            errors=found.count(Severity.ERROR),
            warnings=found.count(Severity.WARNING),
            tested=self.results.tested.get(task.name, ""),
        )

    def _diagnostics_changed(self, files: set[str]) -> None:
        for watcher in list(self.watchers):
            watcher.diagnostics_changed(self, files)

    async def let_go(self) -> None:
        """What it has in the engines is about to be removed."""
        for live in self.environments.values():
            await live.let_go()
        await self.results.stored()

    async def forget(self) -> None:
        """What was stored of it has been removed."""
        await self.results.forget()
        for watcher in list(self.watchers):
            watcher.environment_changed(self)

    async def close(self) -> None:
        """Cancel what runs and let go of the environments; containers stay, to be adopted."""
        runs = self.runs()
        self.cancel(kill=True)
        for run in runs:
            await run.wait()
        await self.results.settled()
        for live in self.environments.values():
            await live.close()


def _keep(task: asyncio.Task[Any]) -> None:
    """Hold a task until it is done: the event loop itself holds it only weakly."""
    _kept.add(task)
    task.add_done_callback(_kept.discard)


_kept: set[asyncio.Task[Any]] = set()
