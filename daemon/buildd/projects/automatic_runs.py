"""Runs that begin by themselves: at a save in an editor, and while a client watches a project."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from buildd.config.current import CurrentConfiguration
from buildd.config.lookup import no_task_remedy, task_named
from buildd.errors import BuilddError, UnknownNameError, UntrustedError
from buildd.model import Trigger
from buildd.runs.observer import Observer, Observers
from buildd.runs.project_runs import ProjectRuns
from buildd.runs.run import LiveRun
from buildd.watching.triggers import Patterns, Triggers, compiled


class AutomaticRuns(Observer):
    """Runs the tasks of a project when files change that their patterns name.

    What goes wrong is told to `events`, because no request waits for it.
    """

    def __init__(
        self, path: str, configuration: CurrentConfiguration, runs: ProjectRuns, events: Observers
    ) -> None:
        self._configuration = configuration
        self._runs = runs
        self._events = events
        self._triggers = Triggers(path, self._run, events.error_occurred)
        self._patterns: Patterns = {}
        self._untrusted: set[str] = set()
        """The tasks that saves asked for while the configuration was not trusted."""
        self._tasks: set[asyncio.Task[None]] = set()
        events.add(self)

    def saved(self, file: str) -> None:
        """Run the tasks whose patterns name this file, which was saved in an editor."""
        self._triggers.saved(file, self._patterns, self)

    @asynccontextmanager
    async def watching(self, names: Sequence[str]) -> AsyncIterator[tuple[str, ...]]:
        """Run these tasks now, and whenever a file changes that their patterns name.

        That lasts as long as the context, which gives the names of the tasks. Without `names` it
        is the tasks that run on save. Raises UnknownNameError, UntrustedError or ConfigError.
        """
        configuration = await self._configuration.usable()
        tasks = [task_named(configuration, name) for name in names] or [
            task for task in configuration.tasks.values() if task.on_save
        ]
        if not tasks:
            raise UnknownNameError(
                f"no task of {configuration.config_file} runs on save",
                "Name the tasks to run, or give one `on-save = …`."
                if configuration.tasks
                else no_task_remedy(configuration),
            )
        holder = object()
        try:
            async with self._triggers.watching(compiled(tasks, "**"), holder):
                for task in tasks:
                    await self._runs.run_task(task.name, Trigger.WATCH, holder)
                yield tuple(task.name for task in tasks)
        finally:
            for run in self._runs.under_way():
                run.release(holder)

    def configuration_changed(self) -> None:
        """Use the new patterns, and run what saves asked for before there was trust."""
        project = self._configuration.project
        if project is None or self._configuration.errors:
            return
        self._patterns = compiled(project.tasks.values())
        if self._configuration.trusted:
            names, self._untrusted = self._untrusted & project.tasks.keys(), set()
            for name in sorted(names):
                task = asyncio.create_task(self._run(name, Trigger.SAVE, self))
                # The event loop itself holds a task only weakly.
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def run_changed(self, run: LiveRun) -> None:
        """Remember when runs ran, to recognise the changes that they make themselves."""
        if run.record.task:
            self._triggers.self_changes.follow(run.record)

    async def _run(self, name: str, trigger: Trigger, holder: object) -> None:
        try:
            await self._runs.run_task(name, trigger, holder)
        except BuilddError as error:
            if isinstance(error, UntrustedError) and trigger is Trigger.SAVE:
                self._untrusted.add(name)
            self._events.error_occurred(error)
