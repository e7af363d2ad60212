"""Watches what an environment's image is made from, to see whether the container is outdated."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from buildd.base.words import and_more
from buildd.engines.image_definition.digest import define, image_source
from buildd.environments.background import log_failure
from buildd.errors import ImageError
from buildd.model import Environment
from buildd.watching.inotify import TouchedDirectories

SETTLING = 0.1
"""Seconds from a change to the look at it, because an editor's save is several changes."""

REST = 5
"""After a look, at least this many times its duration pass before the next one."""

PATIENCE = 0.005
"""Seconds that a run waits for a look, to say that it is in an old container."""


class DefinitionWatch:
    """Follows the definition of an environment's image as long as it has a container.

    `on_outdated` is called each time the image would be made from something else than before.
    """

    def __init__(self, specification: Environment, on_outdated: Callable[[], None]) -> None:
        self.changed: tuple[str, ...] = ()
        """The parts of the definition that changed since the container was made."""
        self.digest = ""
        """What the image would be made from now, as in `Image.definition`."""
        self._specification = specification
        self._on_outdated = on_outdated
        self._made = ""
        """What the container's image was made from; empty if there is no container."""
        self._parts: dict[str, str] = {}
        """The same by its parts, as in `Image.parts`."""
        self._sent: frozenset[str] = frozenset()
        """The parts that are files which trust does not cover."""
        self._told = ""
        self._touched: TouchedDirectories | None = None
        self._looking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._next_look = 0.0

    @property
    def summary(self) -> str:
        """The first part that changed and how many more did; empty if none did."""
        return and_more(self.changed) if self.changed else ""

    @property
    def is_trusted(self) -> bool:
        """Whether trust covers a part that changed: the user consented, and wants it built."""
        return any(name not in self._sent for name in self.changed)

    def follow(self, made: str, parts: dict[str, str]) -> None:
        """Begin: there is a container of an image that was made from this."""
        self._made = self.digest = self._told = made
        self._parts = parts
        self.changed = ()
        if self._specification.dockerfile:
            self._touched = self._touched or TouchedDirectories(self._look_soon)
            self._look_now()

    def specify(self, specification: Environment) -> None:
        """The configuration was read again: report what changed, even if it was reported before."""
        self._specification = specification
        if self._made:
            self._told = self._made
            self._look_now()

    def stop(self) -> None:
        """End: there is no container any more."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._touched:
            self._touched.close()
            self._touched = None
        self._made, self.changed = "", ()

    def close(self) -> None:
        """End, and do not finish a look that is under way."""
        self.stop()
        if self._looking:
            self._looking.cancel()

    async def look_if_touched(self) -> None:
        """Return once `changed` and `digest` are up to date."""
        if self._is_due():
            await asyncio.shield(self._look_now())

    async def glance(self) -> None:
        """Update `changed` and `digest` if that takes only milliseconds."""
        if self._is_due():
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._look_now()), PATIENCE)

    def _look_soon(self) -> None:
        """Something was touched: look once it has settled."""
        if not self._timer:
            loop = asyncio.get_running_loop()
            when = max(loop.time() + SETTLING, self._next_look)
            self._timer = loop.call_at(when, self._on_settled)

    def _on_settled(self) -> None:
        self._timer = None
        if self._touched and self._touched.take():
            self._look_now()

    def _is_due(self) -> bool:
        """Whether anything may have changed since the last look that has ended."""
        return bool(self._looking or (self._touched and self._touched.take()))

    def _look_now(self) -> asyncio.Task[None]:
        if not self._looking:
            self._looking = asyncio.create_task(self._look())
            self._looking.add_done_callback(log_failure)
        return self._looking

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        begin = loop.time()
        try:
            await self._compare()
        finally:
            self._looking = None
            self._next_look = loop.time() + REST * (loop.time() - begin)
        if self.digest != self._told:
            self._told = self.digest
            self._on_outdated()

    async def _compare(self) -> None:
        specification, touched = self._specification, self._touched
        if not specification.dockerfile or not touched:
            self.digest = specification.image
            self.changed = ("image",) if self._made not in ("", self.digest) else ()
            return
        touched.take()  # what is touched from now on asks for another look
        try:
            found = await asyncio.to_thread(define, image_source(specification), touched.add)
        except ImageError as error:
            self.digest, self.changed = error.message, (error.file,)
            return
        self.digest, self._sent = found.digest, frozenset(found.sent)
        self.changed = () if found.digest == self._made else found.differences(self._parts)
