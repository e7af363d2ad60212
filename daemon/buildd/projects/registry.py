"""The projects that the daemon knows, by path, each opened once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from buildd.config.daemon_settings import DaemonSettings
from buildd.config.load import project_at
from buildd.diagnostics.source_snapshots import SourceSnapshots
from buildd.engines import host
from buildd.environments.idle import IdlePolicy
from buildd.errors import BuilddError
from buildd.projects.project import LiveProject
from buildd.runs.slots import Slots
from buildd.watching.file_watch import FileWatch
from buildd.watching.inotify import TouchedDirectories

log = logging.getLogger(__name__)


class Projects:
    """Finds and opens projects, and has their configurations watched."""

    def __init__(self, settings: DaemonSettings) -> None:
        self._known: dict[str, LiveProject] = {}
        self._slots = Slots(settings.max_runs)
        self.warmth = IdlePolicy(settings.idle_stop, settings.max_warm)
        self.built = SourceSnapshots()
        """The texts that the findings of all projects are about."""
        self._watch: FileWatch | None = None
        self._touched: TouchedDirectories | None = None
        """Tells where something was deleted or moved away."""
        self.opened: set[Callable[[LiveProject], None]] = set()
        """Told of each project that is opened from now on."""

    def known(self) -> list[LiveProject]:
        return [self._known[path] for path in sorted(self._known)]

    def run_count(self) -> int:
        """Runs that have not ended."""
        return sum(len(project.runs.under_way()) for project in self._known.values())

    async def find(self, path: str) -> LiveProject:
        """The project at or above `path`. Raises NoProjectError."""
        if path in self._known:
            # The way of every run: whether it is still there is looked at before the run anyway.
            return self._known[path]
        found = await asyncio.to_thread(project_at, path)
        if found not in self._known:
            self._touched = self._touched or TouchedDirectories(self._doubt, only_gone=True)
            project = LiveProject(found, self._slots, self.warmth, self.built, self._touched.add)
            self._known[found] = project
            for tell in list(self.opened):
                tell(project)
        return self._known[found]

    async def watch(self, project: LiveProject) -> None:
        """Notice changes of the project's configuration by themselves, from now on."""
        if self._watch is None:
            self._watch = FileWatch(self._changed)
        try:
            await asyncio.to_thread(
                self._watch.follow, project.path, frozenset(project.configuration.files())
            )
        except OSError as error:
            # The configuration is also looked at before every run: this costs immediacy only.
            log.warning("%s cannot be watched: %s", project.path, error)

    async def close(self) -> None:
        """Let go of every project."""
        self.warmth.close()
        if self._watch:
            await asyncio.to_thread(self._watch.close)
        # All at once: one that hangs does not keep the others from it.
        await asyncio.gather(*(project.close() for project in self._known.values()))
        if self._touched:
            self._touched.close()
        await host.settled()

    def _doubt(self) -> None:
        if self._touched and self._touched.take():
            for project in self._known.values():
                project.results.gone.doubt()

    def _changed(self, key: str) -> None:
        if project := self._known.get(key):
            self._task = asyncio.create_task(self._refresh(project))

    async def _refresh(self, project: LiveProject) -> None:
        try:
            await project.refresh()
            await self.watch(project)
        except BuilddError as error:
            log.info("%s: %s", project.path, error)
