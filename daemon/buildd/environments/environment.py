"""One environment's live state: absent, preparing, warm or failed, and its supervisor."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from buildd.base.failpoint import SUPERVISOR_READY, passing
from buildd.base.shared_task import SharedTask
from buildd.base.words import and_more
from buildd.engines import Instance, OnProgress, engine
from buildd.engines.git_guards import have_gone
from buildd.engines.image_definition.digest import without_image
from buildd.environments.idle import IdlePolicy
from buildd.environments.preparation import directory_identity, image, prepare
from buildd.environments.renewal import Owner, Renewal
from buildd.environments.runners import Runners
from buildd.errors import BuilddError, DefinitionError
from buildd.model import Environment, Project
from buildd.protocol import EnvironmentStatus, TerminalResult
from buildd.runner.base import Runner

log = logging.getLogger(__name__)

UNGUARDED = (
    "git's configuration is another since the container started: what runs now could write it, "
    "what starts when nothing runs any more cannot"
)


class LiveEnvironment:
    """Brings its environment up when asked, once for all who ask at the same time."""

    def __init__(
        self,
        project: Project,
        specification: Environment,
        warmth: IdlePolicy,
        owner: Owner | None = None,
    ) -> None:
        self.project = project
        self._warmth = warmth
        self._owner = owner or Owner()
        self.specification = specification
        self.place: Instance | None = None
        self.error: BuilddError | None = None
        self._runners = Runners(self._owner.environment_changed, self._stop_container)
        self._preparing: SharedTask[Runner] = SharedTask(self._owner.environment_changed)
        self._detail = ""
        self._reports: set[OnProgress] = set()
        self._identity: tuple[int, int] | None = None
        self._resting: asyncio.Task[bool] | None = None
        self._is_stopped = False
        self.renewal = Renewal(self)
        self._made_of: Environment | None = None
        """As it was specified when it became warm."""
        self._runs = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def follow(self, project: Project, specification: Environment) -> None:
        """The configuration was read again. If it asks for another container, what runs ends where
        it is, and what comes waits for that and gets the new one; if for another image, that is
        made first, and waited for by nobody."""
        self.project, self.specification = project, specification
        self.renewal.specified()

    @property
    def _is_stale(self) -> bool:
        made, now = self._made_of, self.specification
        if made is None or made is now:
            return False
        return without_image(made) != without_image(now)

    def status(self) -> EnvironmentStatus:
        if self._preparing.under_way:
            state = "preparing"
        elif self._is_warm():
            state = "warm"
        elif self.error:
            state = "failed"
        else:
            state = "stopped" if self._is_stopped else "absent"
        error = self.error or self.renewal.error
        place = self.place
        runner = self._runners.main
        return EnvironmentStatus(
            name=self.specification.name,
            engine=self.specification.engine,
            state=state,
            detail=self._detail if self._is_being_made else str(error or ""),
            image=place.image if place else self.specification.image,
            container=place.container[:12] if place else "",
            slow=runner.reason if runner else "",
            remarks=self._remarks(),
            changed=self.renewal.changed,
        )

    def _remarks(self) -> tuple[str, ...]:
        place = self.place
        if place and self._is_warm() and have_gone(place.guarded):
            return (*place.remarks, UNGUARDED)
        return place.remarks if place else ()

    def _may_be_guarded_again(self) -> bool:
        """Whether the container must start anew for its guards, and nothing runs that it ends."""
        return bool(self.place and not self._runs and have_gone(self.place.guarded))

    @asynccontextmanager
    async def use(
        self, report: OnProgress, *, fresh: bool = False, relayed: bool = False
    ) -> AsyncIterator[Runner]:
        """What runs commands here, for one run that lasts as long as the context; `relayed` for
        one whose terminal the engine makes."""
        runner = await self.acquire(report, fresh=fresh)
        self._runs += 1
        self._idle.clear()
        try:
            await self._say_if_outdated(report)
            yield await self._runners.attached() if relayed else runner
        finally:
            self._runs -= 1
            if not self._runs:
                self._idle.set()
            self._used()

    async def acquire(
        self, report: OnProgress, *, rebuild: bool = False, fresh: bool = False
    ) -> Runner:
        """What runs commands in the environment, warm. Raises EngineError or NoProjectError.

        On a warm environment this asks nobody anything but the file system, once.
        """
        directory = directory_identity(self.project.path)
        same = not (rebuild or fresh or self._is_stale or self._may_be_guarded_again())
        same = same and directory == self._identity
        if same and (runner := self._runners.main):
            self._used()
            return runner
        self._reports.add(report)
        if self._preparing.under_way:
            report(self._detail, None)
        try:
            return await self._preparing.join(
                partial(self._prepare, directory, rebuild=rebuild, fresh=fresh)
            )
        finally:
            self._reports.discard(report)
            self._used()

    async def up(self, report: OnProgress, *, rebuild: bool = False) -> None:
        """Have it warm, of what is defined now; `rebuild`: of a new image. Raises EngineError."""
        if not self._is_warm():
            await self.acquire(report, rebuild=rebuild)
            return
        await self.acquire(report)
        self._reports.add(report)
        if self.renewal.under_way:
            report(self._detail, None)
        try:
            await self.renewal.current(rebuild=rebuild)
        finally:
            self._reports.discard(report)

    async def terminals(self, report: OnProgress) -> TerminalResult:
        """How a client makes a terminal of the environment, which is warm then."""
        return await self._runners.terminals(await self.acquire(report))

    async def retire(self) -> None:
        """The configuration knows it no more: let go of it once nothing runs in it."""
        await self._idle.wait()
        await self.close()

    @property
    def has_container(self) -> bool:
        """Whether a container of it runs, as far as is known."""
        return self._is_warm() and bool(self.place and self.place.container)

    @property
    def is_idle(self) -> bool:
        """Whether it is warm, and nothing runs in it or is about to."""
        return self.has_container and not (self._runs or self._reports or self._is_being_made)

    @property
    def _is_being_made(self) -> bool:
        return self._preparing.under_way or self.renewal.under_way

    def cancel(self) -> bool:
        """End the making of its image or its container, for all who wait for that; whether
        anything was being made. What there was goes on serving."""
        return bool(self.renewal.cancel() | self._preparing.cancel())

    async def down(self) -> bool:
        """Stop the container and all that runs in it; whether one ran. It is kept, and the next
        use starts it again."""
        await self.close()
        return await self.rest()

    async def rest(self) -> bool:
        """As `down`, where nothing runs in it: what wants to begin meanwhile waits, and has it
        started again."""
        if not self._resting:
            self._resting = asyncio.create_task(self._rest())
        return await asyncio.shield(self._resting)

    async def _rest(self) -> bool:
        try:
            await self._runners.stop()
            stopped = await self._stop_container()
            self.error = None
            self._is_stopped = self._is_stopped or stopped
            return stopped
        finally:
            self.place = None
            self._resting = None
            self.renewal.stop()
            self._owner.environment_changed()

    async def let_go(self) -> None:
        """Somebody removes its container: know nothing of it any more."""
        await self.close()
        if self._resting:
            await asyncio.wait((self._resting,))
        self.place = self.error = None
        self._is_stopped = False
        self._owner.environment_changed()

    async def close(self) -> None:
        """End the supervisor and with it the runs. The container stays, to be adopted."""
        await self.renewal.end()
        self._preparing.cancel()
        await self._preparing.settled()
        await self._runners.stop()

    async def _stop_container(self) -> bool:
        module = await asyncio.to_thread(engine, self.specification.engine)
        return await module.stop(self.project.path, self.specification.name)

    def _is_warm(self) -> bool:
        return self._runners.main is not None

    async def _prepare(self, identity: tuple[int, int], *, rebuild: bool, fresh: bool) -> Runner:
        try:
            if self._is_warm() and not fresh:
                await self._idle.wait()
            await self._runners.stop()
            await self._runners.cleaned()
            if self._resting:
                await asyncio.wait((self._resting,))
            self._made_of = self.specification
            self.place, runner = await prepare(
                self.project,
                self.specification,
                self._runners,
                self._reporter(),
                rebuild=rebuild,
                fresh=fresh,
            )
            passing(SUPERVISOR_READY)
        except BuilddError as error:
            self.error = error
            if isinstance(error, DefinitionError):
                self._owner.environment_defined(self, error)
            raise
        else:
            self._runners.settle(runner)
            self.error = None
            self._owner.environment_defined(self, None)
            self._is_stopped = False
            self._identity = identity
            self.renewal.follow(self.place.definition, self.place.parts)
            return runner

    # --- as the renewal's host

    async def consent(self) -> None:
        await self._owner.consent()

    async def build_image(self, *, rebuild: bool) -> str:
        return await image(self.project, self.specification, self._reporter(), rebuild=rebuild)

    async def change_over(self, *, fresh: bool) -> None:
        if self._runs:
            self._report("the new container waits until nothing runs in the old one", None)
        while self._runs:
            await self._idle.wait()
        identity = directory_identity(self.project.path)
        await self._preparing.join(partial(self._prepare, identity, rebuild=False, fresh=fresh))

    def outdated(self) -> None:
        self._owner.environment_outdated(self)

    def renewed(self, error: BuilddError | None) -> None:
        self._owner.environment_renewed(self, error)

    def renewal_ended(self) -> None:
        self._owner.environment_changed()

    async def _say_if_outdated(self, report: OnProgress) -> None:
        await self.renewal.glance()
        if self.renewal.changed:
            report(
                f"{and_more(self.renewal.changed)} changed: this run is still in the container of "
                "before",
                None,
            )

    def _reporter(self) -> OnProgress:
        """Tells of what is done, from any thread."""
        loop = asyncio.get_running_loop()

        def report(message: str, percentage: int | None) -> None:
            loop.call_soon_threadsafe(self._report, message, percentage)

        return report

    def _used(self) -> None:
        if self.has_container:
            self._warmth.used(self)

    def _report(self, message: str, percentage: int | None) -> None:
        self._detail = message
        self._owner.environment_changed()
        for report in list(self._reports):
            report(message, percentage)
