"""Who is told of what happens in a project."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from buildd.errors import BuilddError
from buildd.runs.observer import RunObserver
from buildd.runs.run import LiveRun
from buildd.watching.triggers import OnError

if TYPE_CHECKING:
    from buildd.environments.environment import LiveEnvironment
    from buildd.projects.project import LiveProject


class ProjectObserver(RunObserver):
    """Told of what happens in a project, and to each of its runs; the base does nothing."""

    def diagnostics_changed(self, project: LiveProject, files: set[str]) -> None:
        """What shows in these files is another."""

    def run_created(self, project: LiveProject, run: LiveRun) -> None:
        """A task's run was queued, or an ad-hoc one is about to start."""

    def environment_changed(self, project: LiveProject) -> None:
        """One of its environments is in another state, or further on its way to be warm."""

    def environment_outdated(
        self, project: LiveProject, live: LiveEnvironment, *, asks: bool
    ) -> None:
        """What the image of one is made from is another. It is being built, or `asks` for that."""

    def environment_renewed(
        self, project: LiveProject, live: LiveEnvironment, error: BuilddError | None
    ) -> None:
        """Its new container serves, or could not be made."""

    def configuration_changed(self, project: LiveProject) -> None:
        """It was read again, or its trust is another."""

    def message(self, project: LiveProject, error: BuilddError) -> None:
        """Something that the user must know and that nobody asked for."""


class CreatedRuns(ProjectObserver):
    """Every run that is created goes into `queue`; what nobody asked for is told to `tell`."""

    def __init__(self, tell: OnError) -> None:
        self.queue: asyncio.Queue[LiveRun] = asyncio.Queue()
        self._tell = tell

    def message(self, project: LiveProject, error: BuilddError) -> None:
        self._tell(error)

    def run_created(self, project: LiveProject, run: LiveRun) -> None:
        self.queue.put_nowait(run)
