"""What runs commands in the container of one environment: a supervisor, and execs of the engine
where there can be none."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from buildd.base.task_set import TaskSet
from buildd.engines import Instance
from buildd.errors import EngineError
from buildd.protocol import TerminalResult
from buildd.runner.attached import AttachedRunner
from buildd.runner.base import Runner
from buildd.runner.multiplexer import MULTIPLEXER
from buildd.runner.supervisor import PipesError, Supervisor

log = logging.getLogger(__name__)


class Runners:
    """`on_lost` is called when the supervisor has gone; `stop_container` ends all that it left."""

    def __init__(
        self, on_lost: Callable[[], None], stop_container: Callable[[], Awaitable[object]]
    ) -> None:
        self._on_lost = on_lost
        self._stop_container = stop_container
        self._place: Instance | None = None
        self._main: Runner | None = None
        self._relayed: AttachedRunner | None = None
        self._cleaning = TaskSet(log)
        self._pipes_fail = ""
        """Why there can be no supervisor: found out once, for it takes long."""

    @property
    def main(self) -> Runner | None:
        """What runs commands now; None where nothing does."""
        return self._main if self._main and not self._main.lost.is_set() else None

    async def start(self, place: Instance) -> Runner:
        """What runs commands in the place: a supervisor; where it hears nothing, an exec for each
        run. It is the main one once it is `settled`."""
        self._place = place
        if place.slow:
            return await self.attached(place.slow)
        if not self._pipes_fail:
            try:
                supervisor = await Supervisor.start(
                    place.run_directory, place.launch, shared=place.shared
                )
                self._cleaning.start(self._clean_up_after(supervisor, place))
                return supervisor
            except PipesError as error:
                if not place.attach:
                    raise
                self._pipes_fail = error.message
                runner = await self.attached(self._pipes_fail)
                await runner.end_supervisor(error.token)
        return await self.attached(self._pipes_fail)

    def settle(self, runner: Runner) -> None:
        """From now on, this is the main one."""
        self._main = runner

    async def attached(self, reason: str = "") -> AttachedRunner:
        """An exec for each run; `reason` says why."""
        if self._relayed is None or self._relayed.lost.is_set():
            place = self._place
            if not place or not place.attach:
                raise EngineError("the engine of this environment makes no terminals")
            self._relayed = await AttachedRunner.start(
                place.run_directory, place.attach, reason, shared=place.shared
            )
        return self._relayed

    async def terminals(self, runner: Runner) -> TerminalResult:
        """How a client makes a terminal where `runner` runs commands."""
        place = self._place
        history = place.history if place else ""
        if isinstance(runner, Supervisor) and (path := await runner.multiplexer()):
            return TerminalResult(multiplexer=path, history=history)
        if place and place.attach:
            return TerminalResult(multiplexer=MULTIPLEXER, relayed=True, history=history)
        return TerminalResult(multiplexer="", history=history)

    async def stop(self) -> None:
        """End them, and with them the runs. What comes meanwhile starts others."""
        runners = self._main, self._relayed
        self._main = self._relayed = None
        for runner in filter(None, runners):
            await runner.stop()

    async def cleaned(self) -> None:
        """Return once what an earlier supervisor left has ended."""
        await self._cleaning.settled()

    async def _clean_up_after(self, supervisor: Supervisor, place: Instance) -> None:
        """Once the supervisor has gone by itself, end what it has left, at the latest with the
        container: after a fork bomb, nothing else can be started in that any more."""
        await supervisor.lost.wait()
        self._on_lost()
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
            log.info("%s: the container is stopped: %s", place.run_directory, error)
            with suppress(EngineError):
                await self._stop_container()
