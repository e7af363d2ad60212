"""The projects that the daemon knows. Each is opened once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from buildd.base.task_set import TaskSet
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
        self.idle_policy = IdlePolicy(settings.idle_stop, settings.max_warm)
        self.snapshots = SourceSnapshots()
        """The texts that the findings of all projects are about."""
        self._watch: FileWatch | None = None
        self._refreshing = TaskSet(log)
        self._touched: TouchedDirectories | None = None
        """Notices that files were deleted or moved away."""
        self.on_open: set[Callable[[LiveProject], None]] = set()
        """Called with each project that is opened from now on."""

    def known(self) -> list[LiveProject]:
        """Return the projects that were opened, sorted by their paths."""
        return [self._known[path] for path in sorted(self._known)]

    def run_count(self) -> int:
        """Return how many runs have not ended."""
        return sum(len(project.runs.under_way()) for project in self._known.values())

    async def find(self, path: str) -> LiveProject:
        """Return the project at or above `path`, opened. Raises NoProjectError."""
        if path in self._known:
            # Every run comes this way. Whether the directory still exists is checked later.
            return self._known[path]
        found = await asyncio.to_thread(project_at, path)
        if found not in self._known:
            self._touched = self._touched or TouchedDirectories(self._on_deleted, only_deleted=True)
            project = LiveProject(
                found, self._slots, self.idle_policy, self.snapshots, self._touched.add
            )
            self._known[found] = project
            for call in list(self.on_open):
                call(project)
        return self._known[found]

    async def watch(self, project: LiveProject) -> None:
        """Read the project's configuration again whenever its files change, from now on."""
        if self._watch is None:
            self._watch = FileWatch(self._changed)
        try:
            await asyncio.to_thread(
                self._watch.follow, project.path, frozenset(project.configuration.files())
            )
        except OSError as error:
            # A change is noticed later then, because every run checks the configuration too.
            log.warning("%s cannot be watched: %s", project.path, error)

    async def close(self) -> None:
        """Close every project."""
        self.idle_policy.close()
        if self._watch:
            await asyncio.to_thread(self._watch.close)
        for project in self._known.values():
            await project.close()
        if self._touched:
            self._touched.close()
        await host.wait_for_supervisors()

    def _on_deleted(self) -> None:
        if self._touched and self._touched.take():
            for project in self._known.values():
                project.results.deleted_files.check_all()

    def _changed(self, key: str) -> None:
        if project := self._known.get(key):
            self._refreshing.start(self._refresh(project))

    async def _refresh(self, project: LiveProject) -> None:
        try:
            await project.configuration.refresh()
            await self.watch(project)
        except BuilddError as error:
            log.info("%s: %s", project.path, error)
