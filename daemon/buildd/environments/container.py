"""The container of an environment: prepared, stopped and prepared again, with its supervisor."""

from __future__ import annotations

import asyncio
from functools import partial

from buildd.base.failpoint import SUPERVISOR_READY, hit_failpoint
from buildd.base.shared_task import SharedTask
from buildd.engines import Instance, engine
from buildd.engines.git_guards import have_changed
from buildd.engines.image_definition.digest import without_image
from buildd.environments.definition_watch import DefinitionWatch
from buildd.environments.owner import EnvironmentOwner
from buildd.environments.preparation import prepare
from buildd.environments.runners import Runners
from buildd.environments.usage import Usage
from buildd.errors import BuilddError, DefinitionError
from buildd.model import Environment, Mount, Project
from buildd.runner.base import Runner


class LiveContainer:
    """The container of one environment, whatever state it is in.

    `specification` is how it should be. An engine without containers, as the host, has an instance
    all the same.
    """

    def __init__(
        self,
        project: Project,
        specification: Environment,
        owner: EnvironmentOwner,
        usage: Usage,
        definition: DefinitionWatch,
    ) -> None:
        self.project = project
        self.specification = specification
        self.instance: Instance | None = None
        """What the engine gave; None if it is not known to be up."""
        self.error: BuilddError | None = None
        """Why it could not be prepared."""
        self.renewal_error: BuilddError | None = None
        """Why it could not be replaced by a container of what is defined now."""
        self.is_stopped = False
        """Whether buildd has stopped it."""
        self.runners = Runners(owner.status_changed, self._stop_in_engine)
        self._owner = owner
        self._usage = usage
        self._definition = definition
        self._preparing: SharedTask[Runner] = SharedTask(owner.status_changed)
        self._stopping: asyncio.Task[bool] | None = None
        self._prepared_as: Environment | None = None
        """Its specification when it was prepared last."""
        self._directory: tuple[int, int] | None = None
        """The project's directory when it was prepared last, as `directory_identity` tells."""

    @property
    def is_warm(self) -> bool:
        """Whether commands can begin at once."""
        return self.runners.main is not None

    @property
    def is_preparing(self) -> bool:
        """Whether it is being prepared."""
        return self._preparing.under_way

    @property
    def is_unguarded(self) -> bool:
        """Whether files that it must not write were replaced since it started."""
        return bool(self.instance and have_changed(self.instance.guarded))

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """How it sees the host's files; empty if it sees them as they are."""
        return self.instance.mounts if self.instance else ()

    def ready(self, directory: tuple[int, int]) -> Runner | None:
        """Return what runs commands if it is warm and as it should be, else None.

        `directory` identifies the project's directory now. This asks the file system only.
        """
        must_restart = self._is_stale or (not self._usage.has_runs and self.is_unguarded)
        return None if must_restart or directory != self._directory else self.runners.main

    @property
    def _is_stale(self) -> bool:
        """Whether another container is asked for; another image alone is the renewal's work."""
        before, now = self._prepared_as, self.specification
        if before is None or before is now:
            return False
        return without_image(before) != without_image(now)

    async def prepare(self, directory: tuple[int, int], *, rebuild: bool, fresh: bool) -> Runner:
        """Have it warm, once for all who ask at the same time; return what runs commands.

        `rebuild` makes a new image, `fresh` a new container. Raises EngineError.
        """
        return await self._preparing.join(
            partial(self._prepare, directory, rebuild=rebuild, fresh=fresh)
        )

    def cancel(self) -> bool:
        """End its preparing, for all who wait for that; return whether it was being prepared."""
        return self._preparing.cancel()

    async def stop(self) -> bool:
        """Stop it while nothing runs in it; return whether it ran.

        A command that wants to begin meanwhile waits, and has it started again.
        """
        if not self._stopping:
            self._stopping = asyncio.create_task(self._stop())
        return await asyncio.shield(self._stopping)

    async def close(self) -> None:
        """End its supervisor, and the runs with it. The container stays, to be adopted."""
        self._preparing.cancel()
        await self._preparing.settled()
        await self.runners.stop()

    async def forget(self) -> None:
        """Know nothing of it any more, because it is about to be removed. Close it first."""
        if self._stopping:
            await asyncio.wait((self._stopping,))
        self.instance = self.error = None
        self.is_stopped = False
        self._owner.status_changed()

    async def _prepare(self, directory: tuple[int, int], *, rebuild: bool, fresh: bool) -> Runner:
        name = self.specification.name
        try:
            if self.is_warm and not fresh:
                await self._usage.idle()
            await self.runners.stop()
            await self.runners.cleaned()
            if self._stopping:
                await asyncio.wait((self._stopping,))
            self._prepared_as = self.specification
            self.instance, runner = await prepare(
                self.project,
                self.specification,
                self.runners,
                self._usage.reporter(),
                rebuild=rebuild,
                fresh=fresh,
            )
            hit_failpoint(SUPERVISOR_READY)
        except BuilddError as error:
            self.error = error
            if isinstance(error, DefinitionError):
                self._owner.definition_used(name, error)
            raise
        self.runners.set_main(runner)
        self.error = self.renewal_error = None
        self._owner.definition_used(name, None)
        self.is_stopped = False
        self._directory = directory
        self._definition.follow(self.instance.definition, self.instance.parts)
        return runner

    async def _stop(self) -> bool:
        try:
            await self.runners.stop()
            was_running = await self._stop_in_engine()
            self.error = None
            self.is_stopped = self.is_stopped or was_running
            return was_running
        finally:
            self.instance = None
            self._stopping = None
            self._definition.stop()
            self._owner.status_changed()

    async def _stop_in_engine(self) -> bool:
        module = await asyncio.to_thread(engine, self.specification.engine)
        return await module.stop(self.project.path, self.specification.name)
