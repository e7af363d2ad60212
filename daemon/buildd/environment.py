"""One environment's live state: absent, preparing, warm or failed, and its supervisor."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial

from buildd import hooks
from buildd.engines import Place, Report, engine
from buildd.engines.definition import without_image
from buildd.engines.git_guards import have_gone
from buildd.errors import BuilddError, EngineError, NoProjectError
from buildd.failpoint import SUPERVISOR_READY, passing
from buildd.model import Environment, Project
from buildd.protocol import EnvironmentStatus, TerminalResult
from buildd.renewal import Renewal
from buildd.runner.attached import AttachedRunner
from buildd.runner.base import Runner
from buildd.runner.multiplexer import MULTIPLEXER
from buildd.runner.supervisor import PipesError, Supervisor
from buildd.state import note_engine
from buildd.warmth import Warmth

log = logging.getLogger(__name__)

UNGUARDED = (
    "git's configuration is another since the container started: what runs now could write it, "
    "what starts when nothing runs any more cannot"
)


class Owner:
    """Whose environment it is: told of what happens to it. The base consents, and does nothing."""

    async def consent(self) -> None:
        """Raises UntrustedError or ConfigError unless the configuration may be used."""

    def environment_changed(self) -> None:
        """It is in another state, or further on its way to be warm."""

    def environment_outdated(self, live: LiveEnvironment) -> None:
        """What its image is made from is another."""

    def environment_renewed(self, live: LiveEnvironment, error: BuilddError | None) -> None:
        """The new image has been built and its container serves; or why not."""


class LiveEnvironment:
    """Brings its environment up when asked, once for all who ask at the same time."""

    def __init__(
        self,
        project: Project,
        specification: Environment,
        warmth: Warmth,
        owner: Owner | None = None,
    ) -> None:
        self.project = project
        self._warmth = warmth
        self._owner = owner or Owner()
        self.specification = specification
        self.place: Place | None = None
        self.error: BuilddError | None = None
        self._runner: Runner | None = None
        self._relayed: AttachedRunner | None = None
        self._preparing: asyncio.Task[Runner] | None = None
        self._detail = ""
        self._reports: set[Report] = set()
        self._identity: tuple[int, int] | None = None
        self._cleaning: asyncio.Task[None] | None = None
        self._resting: asyncio.Task[bool] | None = None
        self._is_stopped = False
        self._pipes_fail = ""
        """Why there can be no supervisor: found out once, for it takes long."""
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
        made = self._made_of
        return made is not None and without_image(made) != without_image(self.specification)

    def status(self) -> EnvironmentStatus:
        if self._preparing:
            state = "preparing"
        elif self._is_warm():
            state = "warm"
        elif self.error:
            state = "failed"
        else:
            state = "stopped" if self._is_stopped else "absent"
        error = self.error or self.renewal.error
        place = self.place
        reason = self._runner.reason if self._runner and self._is_warm() else ""
        return EnvironmentStatus(
            name=self.specification.name,
            engine=self.specification.engine,
            state=state,
            detail=self._detail if self._preparing or self.renewal.under_way else str(error or ""),
            image=place.image if place else self.specification.image,
            container=place.container[:12] if place else "",
            slow=reason,
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
        self, report: Report, *, fresh: bool = False, relayed: bool = False
    ) -> AsyncIterator[Runner]:
        """What runs commands here, for one run that lasts as long as the context; `relayed` for
        one whose terminal the engine makes."""
        runner = await self.acquire(report, fresh=fresh)
        self._runs += 1
        self._idle.clear()
        try:
            await self._say_if_outdated(report)
            yield await self._attached("") if relayed else runner
        finally:
            self._runs -= 1
            if not self._runs:
                self._idle.set()
            self._used()

    async def acquire(
        self, report: Report, *, rebuild: bool = False, fresh: bool = False
    ) -> Runner:
        """What runs commands in the environment, warm. Raises EngineError or NoProjectError.

        On a warm environment this asks nobody anything but the file system, once.
        """
        directory = _directory_identity(self.project.path)
        same = not (rebuild or fresh or self._is_stale or self._may_be_guarded_again())
        same = same and directory == self._identity
        if self._runner and self._is_warm() and same:
            self._used()
            return self._runner
        self._reports.add(report)
        try:
            if not self._preparing:
                self._preparing = asyncio.create_task(
                    self._prepare(directory, rebuild=rebuild, fresh=fresh)
                )
            return await asyncio.shield(self._preparing)
        finally:
            self._reports.discard(report)
            self._used()

    async def up(self, report: Report, *, rebuild: bool = False) -> None:
        """Have it warm, of what is defined now; `rebuild`: of a new image. Raises EngineError."""
        if not self._is_warm():
            await self.acquire(report, rebuild=rebuild)
            return
        await self.acquire(report)
        self._reports.add(report)
        try:
            await self.renewal.current(rebuild=rebuild)
        finally:
            self._reports.discard(report)

    async def terminals(self, report: Report) -> TerminalResult:
        """How a client makes a terminal of the environment, which is warm then."""
        runner = await self.acquire(report)
        history = self.place.history if self.place else ""
        if isinstance(runner, Supervisor) and (path := await runner.multiplexer()):
            return TerminalResult(multiplexer=path, history=history)
        if self.place and self.place.attach:
            return TerminalResult(multiplexer=MULTIPLEXER, relayed=True, history=history)
        return TerminalResult(multiplexer="", history=history)

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
        return self.has_container and not (
            self._runs or self._preparing or self._reports or self.renewal.under_way
        )

    async def down(self) -> bool:
        """Stop the container and all that runs in it; whether one ran. It is kept, and the next
        use starts it again."""
        await self.close()
        return await self.rest()

    async def rest(self) -> bool:
        """As `down`, where nothing runs in it: what wants to begin meanwhile waits, and has it
        started again."""
        if not self._resting:
            runners = self._runner, self._relayed
            self._runner = self._relayed = None
            self._resting = asyncio.create_task(self._rest(runners))
        return await asyncio.shield(self._resting)

    async def _rest(self, runners: Iterable[Runner | None]) -> bool:
        try:
            for runner in filter(None, runners):
                await runner.stop()
            module = await asyncio.to_thread(engine, self.specification.engine)
            stopped = await module.stop(self.project.path, self.specification.name)
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
        self.renewal.end()
        if self._preparing:
            self._preparing.cancel()
            await asyncio.wait((self._preparing,))
        await self._stop()

    async def _stop(self) -> None:
        for runner in (self._runner, self._relayed):
            if runner:
                await runner.stop()
        self._runner = self._relayed = None

    def _is_warm(self) -> bool:
        return self._runner is not None and not self._runner.lost.is_set()

    async def _prepare(self, identity: tuple[int, int], *, rebuild: bool, fresh: bool) -> Runner:
        try:
            if self._is_warm() and not fresh:
                await self._idle.wait()
            await self._stop()
            for task in (self._cleaning, self._resting):
                if task:
                    await asyncio.wait((task,))
            self._made_of = self.specification
            self._runner = await self._come_up(self._reporter(), rebuild=rebuild, fresh=fresh)
            passing(SUPERVISOR_READY)
        except BuilddError as error:
            self.error = error
            raise
        else:
            self.error = None
            self._is_stopped = False
            self._identity = identity
            self.renewal.follow(self.place.definition if self.place else "")
            return self._runner
        finally:
            self._preparing = None
            self._owner.environment_changed()

    async def _come_up(self, report: Report, *, rebuild: bool, fresh: bool) -> Runner:
        """What runs commands in a container that is ready for them."""
        project, specification = self.project, self.specification
        module = await asyncio.to_thread(engine, specification.engine)
        while True:
            place = self.place = await module.up(
                project, specification, report, rebuild=rebuild, fresh=fresh
            )
            await asyncio.to_thread(note_engine, project.path, specification.engine)
            # An adopted container whose run directory was deleted under it is of no use, nor is
            # one that was never made ready; but a new one may be.
            unfinished = partial(hooks.left_unfinished, project, specification, place)
            if fresh or not await asyncio.to_thread(unfinished):
                try:
                    runner = await self._start(place)
                except BuilddError:
                    if fresh:
                        raise
                else:
                    return await self._ready(place, runner)
            fresh = True

    async def _ready(self, place: Place, runner: Runner) -> Runner:
        """The same, once its hooks have run."""
        try:
            await hooks.make_ready(self.project, self.specification, place, runner, self._report)
        except BaseException:
            await runner.stop()
            raise
        return runner

    async def _clean_up_after(self, supervisor: Supervisor, place: Place) -> None:
        """Once the supervisor has gone by itself, end what it has left, at the latest with the
        container: after a fork bomb, nothing else can be started in that any more."""
        await supervisor.lost.wait()
        self._owner.environment_changed()
        if supervisor.stopped or not place.attach:
            return  # nothing is left; or the next supervisor ends it
        try:
            runner = await AttachedRunner.start(
                place.run_directory, place.attach, "", shared=place.shared
            )
            try:
                await runner.kill(supervisor.token)
            finally:
                await runner.stop()
        except EngineError as error:
            log.info("%s: its container is stopped: %s", self.specification.name, error)
            module = await asyncio.to_thread(engine, self.specification.engine)
            with suppress(EngineError):
                await module.stop(self.project.path, self.specification.name)

    async def _start(self, place: Place) -> Runner:
        """A supervisor; where it hears nothing, an exec for each run."""
        if place.slow:
            return await self._attached(place.slow)
        if not self._pipes_fail:
            try:
                supervisor = await Supervisor.start(
                    place.run_directory, place.launch, shared=place.shared
                )
                self._cleaning = asyncio.create_task(self._clean_up_after(supervisor, place))
                return supervisor
            except PipesError as error:
                if not place.attach:
                    raise
                self._pipes_fail = error.message
                runner = await self._attached(self._pipes_fail)
                await runner.end_supervisor(error.token)
        return await self._attached(self._pipes_fail)

    async def _attached(self, reason: str) -> AttachedRunner:
        if self._relayed is None or self._relayed.lost.is_set():
            place = self.place
            if not place or not place.attach:
                raise EngineError("the engine of this environment makes no terminals")
            self._relayed = await AttachedRunner.start(
                place.run_directory, place.attach, reason, shared=place.shared
            )
        return self._relayed

    # --- as the renewal's host

    async def consent(self) -> None:
        await self._owner.consent()

    async def build_image(self, *, rebuild: bool) -> str:
        module = await asyncio.to_thread(engine, self.specification.engine)
        image = await module.image(
            self.project, self.specification, self._reporter(), rebuild=rebuild
        )
        return image.definition

    async def change_over(self, *, fresh: bool) -> None:
        if self._runs:
            self._report("the new container waits until nothing runs in the old one", None)
        while self._runs:
            await self._idle.wait()
        identity = _directory_identity(self.project.path)
        if not self._preparing:
            self._preparing = asyncio.create_task(
                self._prepare(identity, rebuild=False, fresh=fresh)
            )
        await asyncio.shield(self._preparing)

    def outdated(self) -> None:
        self._owner.environment_outdated(self)

    def renewed(self, error: BuilddError | None) -> None:
        self._owner.environment_renewed(self, error)

    async def _say_if_outdated(self, report: Report) -> None:
        await self.renewal.glance()
        if self.renewal.changed:
            report(
                f"{and_more(self.renewal.changed)} changed: this run is still in the container of "
                "before",
                None,
            )

    def _reporter(self) -> Report:
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


def _directory_identity(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError as error:
        raise NoProjectError(
            f"the project's directory {path} cannot be used: {error.strerror}",
            "If it was moved, open it at its new place.",
        ) from error
    return found.st_dev, found.st_ino


def and_more(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{more}"
