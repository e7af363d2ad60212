"""A project while the daemon runs: its configuration, environments, runs and results."""

from __future__ import annotations

from collections.abc import Callable

from buildd.config.current import CurrentConfiguration
from buildd.diagnostics.source_snapshots import SourceSnapshots
from buildd.environments.idle import IdlePolicy
from buildd.projects.automatic_runs import AutomaticRuns
from buildd.projects.environments import ProjectEnvironments
from buildd.runs.observer import Observer, Observers
from buildd.runs.project_runs import ProjectRuns
from buildd.runs.results import Results
from buildd.runs.slots import Slots


class LiveProject:
    """Everything the daemon knows of one project, in parts that tell each other what happens.

    Each part publishes to one `Observers` object, and observes there what it needs of the others.
    Editors and requests that look at the project are its `observers`, which are told last.
    """

    def __init__(
        self,
        path: str,
        slots: Slots,
        idle_policy: IdlePolicy,
        snapshots: SourceSnapshots,
        watch: Callable[[str], None],
    ) -> None:
        self.path = path
        events = Observers()
        self._events = events
        self.observers = Observers()
        """The editors and requests that look at the project."""
        self.configuration = CurrentConfiguration(path, self._on_configuration)
        self.results = Results(self.configuration, snapshots, events, watch)
        self.environments = ProjectEnvironments(
            self.configuration, self.results.findings, idle_policy, events
        )
        self.runs = ProjectRuns(
            self.configuration, self.results, slots, self.environments.named, events
        )
        self.automatic_runs = AutomaticRuns(path, self.configuration, self.runs, events)
        # After the parts: what an observer is told, it can look up in them.
        events.add(self.observers)

    def join(self, observer: Observer) -> None:
        """Tell the observer what happens from now on, and of the runs under way as if new."""
        self.observers.add(observer)
        for run in self.runs.under_way():
            observer.run_created(run)

    def leave(self, observer: Observer) -> None:
        """Tell the observer nothing more."""
        self.observers.remove(observer)

    async def release_resources(self) -> None:
        """Let go of what it has in the engines, which is about to be removed."""
        await self.environments.forget()
        await self.results.stored()

    async def forget_results(self) -> None:
        """Forget its stored results, which were removed."""
        await self.results.forget()
        self._events.environment_changed()

    async def close(self) -> None:
        """End its runs and let go of its environments. Their containers stay, to be adopted."""
        runs = self.runs.under_way()
        self.runs.cancel(kill=True)
        for run in runs:
            await run.wait()
        await self.results.settled()
        await self.results.deleted_files.close()
        await self.environments.close()

    async def _on_configuration(self) -> None:
        self._events.configuration_changed()
