"""Keeps an environment's image as it is defined: what is defined now is built while what there is
goes on serving, and takes its place when nothing runs."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Protocol

from buildd.base.shared_task import SharedTask
from buildd.base.task_set import log_failure
from buildd.engines.image_definition.digest import define, recipe_of
from buildd.errors import BuilddError, DefinitionError, ImageError, UntrustedError
from buildd.model import Environment
from buildd.watching.inotify import TouchedDirectories

if TYPE_CHECKING:
    from buildd.environments.environment import LiveEnvironment

log = logging.getLogger(__name__)

SETTLING = 0.1
"""Seconds from a change to the look at it: an editor's save is several."""

REST = 5
"""After a look, at least so many times its duration without another."""

ATTEMPTS = 3
"""To build what does not change meanwhile."""

PATIENCE = 0.005
"""Seconds that a run waits for a look, to be told that it is in an old container."""


class Host(Protocol):
    """The environment that is renewed."""

    @property
    def specification(self) -> Environment:
        """As it is configured now."""

    async def consent(self) -> None:
        """Raises UntrustedError or ConfigError unless what is defined now may be built."""

    async def build_image(self, *, rebuild: bool) -> str:
        """Have the image; what it was made from, as in `Image`. Raises EngineError."""

    async def change_over(self, *, fresh: bool) -> None:
        """Replace the container once nothing runs in it. Raises EngineError."""

    def outdated(self) -> None:
        """What the image is made from is another."""

    def renewed(self, error: BuilddError | None) -> None:
        """A renewal has come to its end; not told where it was cancelled."""

    def renewal_ended(self) -> None:
        """In whatever way."""


class Owner:
    """Whose environments they are: told of what happens to them. The base consents, and does
    nothing."""

    async def consent(self) -> None:
        """Raises UntrustedError or ConfigError unless the configuration may be used."""

    def environment_changed(self) -> None:
        """One is in another state, or further on its way to be warm."""

    def environment_defined(self, live: LiveEnvironment, error: DefinitionError | None) -> None:
        """It could be made as it is defined; or what of that is wrong."""

    def environment_outdated(self, live: LiveEnvironment) -> None:
        """What its image is made from is another."""

    def environment_renewed(self, live: LiveEnvironment, error: BuilddError | None) -> None:
        """The new image has been built and its container serves; or why not."""


class Renewal:
    """Of one environment, as long as it has a container."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.changed: tuple[str, ...] = ()
        """What of the definition is another than when the container was made."""
        self.error: BuilddError | None = None
        """Why what is defined now could not be built."""
        self.definition = ""
        """What the image would be made from now, as in `Image`."""
        self._made = ""
        self._parts: dict[str, str] = {}
        """The same by the things that it is made of, as in `Definition`."""
        self._sent: frozenset[str] = frozenset()
        self._told = ""
        self._touched: TouchedDirectories | None = None
        self._looking: asyncio.Task[None] | None = None
        self._waiting: asyncio.TimerHandle | None = None
        self._rests_until = 0.0
        self._renewing: SharedTask[None] = SharedTask(host.renewal_ended)
        self._unasked: asyncio.Task[None] | None = None
        """What wants the renewal that nobody waits for."""

    @property
    def under_way(self) -> bool:
        return self._renewing.under_way

    @property
    def is_consented(self) -> bool:
        """Whether what has changed is covered by trust: who consented to that wants it built."""
        return any(name not in self._sent for name in self.changed)

    def follow(self, made: str, parts: dict[str, str]) -> None:
        """There is a container, of an image made from this; follow whether it still would be."""
        self._made = self.definition = self._told = made
        self._parts = parts
        self.changed, self.error = (), None
        if self._host.specification.dockerfile:
            self._touched = self._touched or TouchedDirectories(self._soon)
            self._look_now()

    def stop(self) -> None:
        """There is no container any more."""
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None
        if self._touched:
            self._touched.close()
            self._touched = None
        self._made, self.changed = "", ()

    async def end(self) -> None:
        """As `stop`; a renewal under way ends too."""
        self.stop()
        self.cancel()
        if self._looking:
            self._looking.cancel()
        await self._renewing.settled()

    def cancel(self) -> bool:
        """End a renewal under way; whether there was one."""
        return self._renewing.cancel()

    async def current(self, *, rebuild: bool) -> None:
        """Return once the container is of what is defined now; `rebuild`: of a new image. Raises
        what a renewal raises."""
        await self._look_if_touched()
        if rebuild:
            await self._renewing.settled()
        if rebuild or self.changed:
            await self._renewing.join(partial(self._renew, rebuild=rebuild))

    async def glance(self) -> None:
        """Be up to date about `changed`, if that takes no time to speak of."""
        if self._is_due():
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._look_now()), PATIENCE)

    def specified(self) -> None:
        """The configuration was read again: what it changes is told, again if need be."""
        if self._made:
            self._told = self._made
            self._look_now()

    def start(self) -> None:
        """Renew it; the one under way will do, if there is one."""
        if not self._unasked:
            self._unasked = asyncio.create_task(
                self._renewing.join(partial(self._renew, rebuild=False))
            )
            self._unasked.add_done_callback(self._started_one_ended)

    def _started_one_ended(self, task: asyncio.Task[None]) -> None:
        self._unasked = None
        _heard(task)

    async def _renew(self, *, rebuild: bool) -> None:
        self.error = None
        try:
            for attempt in range(ATTEMPTS):
                await self._host.consent()
                built = await self._host.build_image(rebuild=rebuild and not attempt)
                await self._look_if_touched()
                if built == self.definition:
                    break
            await self._host.consent()
            await self._host.change_over(fresh=rebuild)
        except UntrustedError:
            raise  # the user is being asked
        except BuilddError as error:
            self.error = error
            self._host.renewed(error)
            raise
        else:
            self._host.renewed(None)

    def _soon(self) -> None:
        """Something was touched: look once it has settled."""
        if not self._waiting:
            loop = asyncio.get_running_loop()
            when = max(loop.time() + SETTLING, self._rests_until)
            self._waiting = loop.call_at(when, self._settled)

    def _settled(self) -> None:
        self._waiting = None
        if self._touched and self._touched.take():
            self._look_now()

    async def _look_if_touched(self) -> None:
        if self._is_due():
            await asyncio.shield(self._look_now())

    def _is_due(self) -> bool:
        """Whether it may be another since the last look that has ended."""
        return bool(self._looking or (self._touched and self._touched.take()))

    def _look_now(self) -> asyncio.Task[None]:
        if not self._looking:
            self._looking = asyncio.create_task(self._look())
            self._looking.add_done_callback(_heard)
        return self._looking

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            await self._compare()
        finally:
            self._looking = None
            self._rests_until = loop.time() + REST * (loop.time() - begun)
        if self.definition != self._told:
            self._told = self.definition
            self._host.outdated()

    async def _compare(self) -> None:
        specification, touched = self._host.specification, self._touched
        if not specification.dockerfile or not touched:
            self.definition = specification.image
            self.changed = ("image",) if self._made not in ("", self.definition) else ()
            return
        touched.take()  # what comes from now on asks for another look
        try:
            found = await asyncio.to_thread(define, recipe_of(specification), touched.add)
        except ImageError as error:
            self.definition, self.changed = error.message, (error.file,)
            return
        self.definition, self._sent = found.digest, frozenset(found.sent)
        self.changed = () if found.digest == self._made else found.differences(self._parts)


def _heard(task: asyncio.Task[None]) -> None:
    """What a task raises that nobody waits for has been told otherwise."""
    log_failure(task, log, BuilddError)
