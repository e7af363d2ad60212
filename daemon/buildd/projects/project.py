"""One project's live state: configuration, environments, queues, runs, diagnostics, watchers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from buildd.base.task_set import TaskSet
from buildd.config.current import CurrentConfiguration
from buildd.diagnostics.findings import CONFIGURATION, environment_owner, image_owner
from buildd.diagnostics.source_snapshots import SourceSnapshots
from buildd.environments.environment import LiveEnvironment
from buildd.environments.idle import IdlePolicy
from buildd.environments.renewal import Owner
from buildd.errors import (
    BuilddError,
    DefinitionError,
    UnknownNameError,
    UntrustedError,
)
from buildd.model import (
    Diagnostic,
    OnChange,
    Project,
    RunState,
    Severity,
    Task,
    TestResult,
    Trigger,
)
from buildd.projects.observer import CreatedRuns, ProjectObserver
from buildd.protocol import ProjectStatus, TaskStatus
from buildd.runs.project_runs import ProjectRuns
from buildd.runs.results import Results
from buildd.runs.run import LiveRun, RunObserver
from buildd.runs.slots import Slots
from buildd.watching.triggers import OnError, Patterns, Triggers, compiled

log = logging.getLogger(__name__)


class LiveProject(RunObserver, Owner):
    """Everything the daemon knows of one project."""

    def __init__(
        self,
        path: str,
        slots: Slots,
        warmth: IdlePolicy,
        built: SourceSnapshots,
        watch: Callable[[str], None],
    ) -> None:
        self.path = path
        self._warmth = warmth
        self.configuration = CurrentConfiguration(path, self._configured)
        self.watchers: set[ProjectObserver] = set()
        self.results = Results(path, built, self._diagnostics_changed, watch)
        self.environments: dict[str, LiveEnvironment] = {}
        self.runs = ProjectRuns(
            path, self.configuration, self.results, slots, self.environment, self._run_created
        )
        self._patterns: Patterns = {}
        self.triggers = Triggers(path, self._triggered, self._tell)
        self._unanswered: set[str] = set()
        """The tasks that saves asked for before there was consent."""

    def join(self, watcher: ProjectObserver) -> None:
        """Tell the watcher of what happens from now on. Of runs that are under way already it is
        told as of new ones."""
        self.watchers.add(watcher)
        for run in self.runs.under_way():
            run.listeners.append(watcher)
            watcher.run_created(self, run)

    def leave(self, watcher: ProjectObserver) -> None:
        """Tell the watcher nothing more."""
        self.watchers.discard(watcher)
        for run in self.runs.under_way():
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
                _background.start(self.environments.pop(name).retire())
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

    def saved(self, file: str) -> None:
        """A file was saved in an editor: start what its pattern asks for."""
        self.triggers.saved(file, self._patterns, self)

    async def _triggered(self, name: str, trigger: Trigger, holder: object) -> None:
        try:
            await self.runs.run_task(name, trigger, holder)
        except BuilddError as error:
            if isinstance(error, UntrustedError) and trigger is Trigger.SAVE:
                self._unanswered.add(name)
            self._tell(error)

    def _answer(self, project: Project) -> None:
        """There is consent: run what saves have asked for meanwhile."""
        names, self._unanswered = self._unanswered & project.tasks.keys(), set()
        for name in sorted(names):
            _background.start(self._triggered(name, Trigger.SAVE, self))

    def _tell(self, error: BuilddError) -> None:
        for watcher in list(self.watchers):
            watcher.message(self, error)

    @asynccontextmanager
    async def watching(self, names: Sequence[str]) -> AsyncIterator[tuple[str, ...]]:
        """Run these tasks now, and whenever a file changes that fits their patterns, for as long
        as the context lasts; by default those that run on save. Gives their names."""
        configuration = await self.configuration.usable()
        tasks = [self.runs.task(configuration, name) for name in names] or [
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
                    await self.runs.run_task(task.name, Trigger.WATCH, holder)
                yield tuple(task.name for task in tasks)
        finally:
            for run in self.runs.under_way():
                run.release(holder)

    def tests(self) -> dict[str, tuple[TestResult, ...]]:
        """By task, how each test ended last, also in runs that have not ended themselves."""
        runs = self.runs.under_way()
        names = dict.fromkeys((*self.results.tests, *(run.record.task for run in runs)))
        return {name: self.results.tests_of(name, runs) for name in names}

    def cancel_making(self) -> list[str]:
        """End the making of images and containers, for all who wait for it; of which environments
        there was any."""
        return [name for name, live in self.environments.items() if live.cancel()]

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

    @contextmanager
    def created_runs(self, tell: OnError = lambda error: None) -> Iterator[asyncio.Queue[LiveRun]]:
        """A queue into which every run comes that is created meanwhile; `tell` is told of what
        nobody asked for."""
        watcher = CreatedRuns(tell)
        self.watchers.add(watcher)
        try:
            yield watcher.queue
        finally:
            self.watchers.discard(watcher)

    # --- what runs tell

    def _run_created(self, run: LiveRun) -> None:
        # The project first: what a watcher is told of, it can look up.
        run.listeners += [self, *self.watchers]
        for watcher in list(self.watchers):
            watcher.run_created(self, run)

    def changed(self, run: LiveRun) -> None:
        if run.record.task:
            self.triggers.echoes.follow(run.record)

    def found(self, run: LiveRun, diagnostics: list[Diagnostic]) -> None:
        self.results.found(run, diagnostics)

    def ended(self, run: LiveRun) -> None:
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

    def environment_defined(self, live: LiveEnvironment, error: DefinitionError | None) -> None:
        self.results.defined(live.specification.name, error)

    def environment_outdated(self, live: LiveEnvironment) -> None:
        _background.start(self._outdated(live))

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
        found = [one.severity for one in self.results.findings.of_owner(task.name)]
        return TaskStatus(
            name=task.name,
            command=task.command,
            environment=task.environment,
            on_save=bool(task.on_save),
            current=self.runs.current(task.name),
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
        runs = self.runs.under_way()
        self.runs.cancel(kill=True)
        for run in runs:
            await run.wait()
        await self.results.settled()
        await self.results.gone.close()
        for live in self.environments.values():
            await live.close()


_background = TaskSet(log)
