"""An environment while the daemon runs: its status, and its use by runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from buildd.engines import OnProgress
from buildd.environments.container import LiveContainer
from buildd.environments.definition_watch import DefinitionWatch
from buildd.environments.idle import IdlePolicy
from buildd.environments.owner import EnvironmentOwner
from buildd.environments.preparation import directory_identity
from buildd.environments.renewal import Renewal
from buildd.environments.usage import Usage
from buildd.model import Environment, Project
from buildd.protocol import EnvironmentStatus, TerminalResult
from buildd.runner.base import Runner

UNGUARDED = (
    "git's configuration has changed since the container started: what runs now can write it; "
    "what starts once nothing runs cannot"
)


class LiveEnvironment:
    """One environment of a project: its container, who uses it, its definition and its renewal."""

    def __init__(
        self,
        project: Project,
        specification: Environment,
        idle_policy: IdlePolicy,
        owner: EnvironmentOwner | None = None,
    ) -> None:
        owner = owner or EnvironmentOwner()
        self.usage = Usage(owner.status_changed)
        self.definition = DefinitionWatch(specification, partial(owner.definition_changed, self))
        self.container = LiveContainer(project, specification, owner, self.usage, self.definition)
        self.renewal = Renewal(self, owner)
        self._idle_policy = idle_policy

    # --- its definition and its status

    @property
    def specification(self) -> Environment:
        """How it is configured now."""
        return self.container.specification

    def specify(self, project: Project, specification: Environment) -> None:
        """Follow the configuration, which was read again.

        If it asks for another container, runs that are under way end in the present one, and later
        runs wait for that and get the new one. If it asks for another image, that is built first,
        and no run waits.
        """
        self.container.project, self.container.specification = project, specification
        self.definition.specify(specification)

    def status(self) -> EnvironmentStatus:
        """Return its status, without asking the engine."""
        container = self.container
        if container.is_preparing:
            state = "preparing"
        elif container.is_warm:
            state = "warm"
        elif container.error:
            state = "failed"
        else:
            state = "stopped" if container.is_stopped else "absent"
        error = container.error or container.renewal_error
        instance = container.instance
        runner = container.runners.main
        return EnvironmentStatus(
            name=self.specification.name,
            engine=self.specification.engine,
            state=state,
            detail=self.usage.detail if self._is_being_made else str(error or ""),
            image=instance.image if instance else self.specification.image,
            container=instance.container[:12] if instance else "",
            slow=runner.reason if runner else "",
            remarks=self._remarks(),
            changed=self.definition.changed,
        )

    def _remarks(self) -> tuple[str, ...]:
        remarks = self.container.instance.remarks if self.container.instance else ()
        if self.container.is_warm and self.container.is_unguarded:
            return (*remarks, UNGUARDED)
        return remarks

    @property
    def has_container(self) -> bool:
        """Whether a container of it runs, as far as is known."""
        instance = self.container.instance
        return self.container.is_warm and bool(instance and instance.container)

    @property
    def is_idle(self) -> bool:
        """Whether its container runs, and no command runs in it or is about to."""
        return self.has_container and not (self.usage.is_used or self._is_being_made)

    @property
    def _is_being_made(self) -> bool:
        return self.container.is_preparing or self.renewal.is_under_way

    # --- its use

    @asynccontextmanager
    async def use(
        self, report: OnProgress, *, fresh: bool = False, relayed: bool = False
    ) -> AsyncIterator[Runner]:
        """Give what runs commands here, for one run that lasts as long as the context.

        With `relayed`, the engine makes the run's terminal. Raises EngineError or NoProjectError.
        """
        runner = await self.acquire(report, fresh=fresh)
        try:
            with self.usage.run():
                await self._say_if_outdated(report)
                yield await self.container.runners.attached() if relayed else runner
        finally:
            self._note_use()

    async def acquire(
        self, report: OnProgress, *, rebuild: bool = False, fresh: bool = False
    ) -> Runner:
        """Have it warm, and return what runs commands in it.

        `rebuild` makes a new image, `fresh` a new container. If it is warm already, this asks the
        file system only, once. Raises EngineError or NoProjectError.
        """
        container = self.container
        directory = directory_identity(container.project.path)
        if not (rebuild or fresh) and (runner := container.ready(directory)):
            self._note_use()
            return runner
        try:
            with self.usage.waiting(report, is_under_way=container.is_preparing):
                return await container.prepare(directory, rebuild=rebuild, fresh=fresh)
        finally:
            self._note_use()

    async def up(self, report: OnProgress, *, rebuild: bool = False) -> None:
        """Have it warm, as it is defined now; with `rebuild`, of a new image.

        Raises EngineError or NoProjectError.
        """
        if not self.container.is_warm:
            await self.acquire(report, rebuild=rebuild)
            return
        await self.acquire(report)
        with self.usage.waiting(report, is_under_way=self.renewal.is_under_way):
            await self.renewal.wait_for_current(rebuild=rebuild)

    async def terminals(self, report: OnProgress) -> TerminalResult:
        """Have it warm, and tell how a client makes a terminal in it."""
        return await self.container.runners.terminals(await self.acquire(report))

    async def _say_if_outdated(self, report: OnProgress) -> None:
        await self.definition.glance()
        if changed := self.definition.summary:
            report(f"{changed} changed: this run is still in the old container", None)

    def _note_use(self) -> None:
        if self.has_container:
            self._idle_policy.used(self)

    # --- its end

    def cancel(self) -> bool:
        """End the making of its image or its container, for all who wait for that.

        Return whether either was under way. A container that is there goes on serving.
        """
        return self.renewal.cancel() | self.container.cancel()

    async def down(self) -> bool:
        """Stop its container and all that runs in it; return whether it ran.

        The container is kept, and the next use starts it again.
        """
        await self.close()
        return await self.stop()

    async def stop(self) -> bool:
        """Stop its container, in which nothing runs; return whether it ran."""
        return await self.container.stop()

    async def forget(self) -> None:
        """Let go of its container, which is about to be removed."""
        await self.close()
        await self.container.forget()

    async def close_when_idle(self) -> None:
        """Let go of it once nothing runs in it, because the configuration has it no more."""
        await self.usage.idle()
        await self.close()

    async def close(self) -> None:
        """End what is being made of it, its supervisor and its runs. The container stays."""
        self.definition.close()
        self.renewal.cancel()
        await self.renewal.settled()
        await self.container.close()
