"""What runs commands in one container: a supervisor, or the engine's execs if there can be none."""

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
    """Starts and ends what runs commands in the container of one environment.

    `on_lost` is called when the supervisor is gone; `stop_container` ends all that it left.
    """

    def __init__(
        self, on_lost: Callable[[], None], stop_container: Callable[[], Awaitable[object]]
    ) -> None:
        self._on_lost = on_lost
        self._stop_container = stop_container
        self._instance: Instance | None = None
        self._main: Runner | None = None
        self._relayed: AttachedRunner | None = None
        self._cleaning = TaskSet(log)
        self._no_supervisor = ""
        """Why there can be no supervisor. It is found out once, because that takes seconds."""

    @property
    def main(self) -> Runner | None:
        """What runs commands now; None if nothing does."""
        return self._main if self._main and not self._main.lost.is_set() else None

    async def start(self, instance: Instance) -> Runner:
        """Start a supervisor; if it cannot be reached, return what makes an exec for each run.

        It becomes the `main` one when it is passed to `set_main`. Raises EngineError.
        """
        self._instance = instance
        if instance.slow:
            return await self.attached(instance.slow)
        if not self._no_supervisor:
            try:
                supervisor = await Supervisor.start(
                    instance.run_directory, instance.launch, shared=instance.shared
                )
                self._cleaning.start(self._clean_up_after(supervisor, instance))
                return supervisor
            except PipesError as error:
                if not instance.attach:
                    raise
                self._no_supervisor = error.message
                runner = await self.attached(self._no_supervisor)
                await runner.kill_supervisor(error.token)
        return await self.attached(self._no_supervisor)

    def set_main(self, runner: Runner) -> None:
        """Make this the `main` one."""
        self._main = runner

    async def attached(self, reason: str = "") -> AttachedRunner:
        """Return what makes an exec of the engine for each run; `reason` says why.

        Raises EngineError.
        """
        if self._relayed is None or self._relayed.lost.is_set():
            instance = self._instance
            if not instance or not instance.attach:
                raise EngineError("the engine of this environment makes no terminals")
            self._relayed = await AttachedRunner.start(
                instance.run_directory, instance.attach, reason, shared=instance.shared
            )
        return self._relayed

    async def terminals(self, runner: Runner) -> TerminalResult:
        """Return how a client makes a terminal where `runner` runs commands."""
        instance = self._instance
        history = instance.history if instance else ""
        if isinstance(runner, Supervisor) and (path := await runner.multiplexer()):
            return TerminalResult(multiplexer=path, history=history)
        if instance and instance.attach:
            return TerminalResult(multiplexer=MULTIPLEXER, relayed=True, history=history)
        return TerminalResult(multiplexer="", history=history)

    async def stop(self) -> None:
        """End the runners, and their runs with them. Later runs need others."""
        runners = self._main, self._relayed
        self._main = self._relayed = None
        for runner in filter(None, runners):
            await runner.stop()

    async def cleaned(self) -> None:
        """Return once what an earlier supervisor left has ended."""
        await self._cleaning.settled()

    async def _clean_up_after(self, supervisor: Supervisor, instance: Instance) -> None:
        """Wait until the supervisor is gone by itself, then end the processes that it left.

        If nothing can be started in the container any more, as after a fork bomb, stop it.
        """
        await supervisor.lost.wait()
        self._on_lost()
        if supervisor.stopped or not instance.attach:
            return  # nothing is left, or the next supervisor ends it
        try:
            runner = await AttachedRunner.start(
                instance.run_directory, instance.attach, "", shared=instance.shared
            )
            try:
                await runner.kill(supervisor.token)
            finally:
                await runner.stop()
        except EngineError as error:
            log.info("%s: the container is stopped: %s", instance.run_directory, error)
            with suppress(EngineError):
                await self._stop_container()
