"""Hands a run's output to its parser, and lets nobody wait for a slow pattern of a user's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from buildd.output.parsing import OutputParser


class Feeder:
    """Feeds one parser, in order. `on_found` is called on the event loop when it found something.

    buildd's own parsers take no longer than the output takes to arrive. A user's patterns may, and
    are used in a thread: the regular expressions of `regex` let other threads run meanwhile.
    """

    def __init__(self, parser: OutputParser, on_found: Callable[[], None]) -> None:
        self._parser = parser
        self._on_found = on_found
        self._waiting: list[bytes] = []
        self._work: asyncio.Task[None] | None = None

    def feed(self, data: bytes) -> asyncio.Future[None] | None:
        """Parse a piece of the output; return what is done once there is room for more, or None if
        there is already."""
        if not self._parser.has_matchers:
            before = self._parser.count
            self._parser.feed(data)
            if self._parser.count != before:
                self._on_found()
            return None
        self._waiting.append(data)
        if self._work is None:
            self._work = asyncio.create_task(self._feed_all())
        return self._work

    async def finish(self) -> None:
        """Parse what is left, at the end of the output."""
        if self._work:
            await self._work
        if self._parser.has_matchers:
            await asyncio.to_thread(self._parser.finish)
        else:
            self._parser.finish()

    async def _feed_all(self) -> None:
        try:
            while self._waiting:
                data = b"".join(self._waiting)
                self._waiting.clear()
                before = self._parser.count
                await asyncio.to_thread(self._parser.feed, data)
                if self._parser.count != before:
                    self._on_found()
        finally:
            self._work = None
