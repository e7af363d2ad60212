"""Reads the output of a run as it arrives: logs it, parses it, and shows what it says so far."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from buildd.files.file_lookup import DigestOf
from buildd.model import Diagnostic, Mount, Project, TestResult
from buildd.output.incremental import Known, still_valid
from buildd.output.parsing import OutputParser, locate, locate_tests
from buildd.output.run_log import RunLog
from buildd.runner.base import Running
from buildd.runner.command import read_to_end
from buildd.testing.declarations import Declarations

SHOW_INTERVAL = 0.1
"""Seconds between two updates of what a run under way has found; the first comes at once."""

SHOW_SHARE = 4
"""After an update, there is no other for this many times its duration."""

TICK = 0.25
"""Seconds between two updates of how far a command is."""

HELD = (
    b"[buildd: the command has ended, but a process that it left behind still holds its output; "
    b"what that writes is not shown]\n"
)


class HostLocator:
    """Converts what a command in a container reported to the host's paths.

    `look` is called in a thread with each file that is named.
    """

    def __init__(
        self, project: Project, mounts: Sequence[Mount], directory: str, look: DigestOf
    ) -> None:
        self._project = project
        self._mounts = mounts
        self._look = look
        self._declarations = Declarations(project.path, directory, look)

    async def diagnostics(self, found: Sequence[Diagnostic]) -> list[Diagnostic]:
        """Return the diagnostics with the host's paths."""
        if not found:
            return []
        path, otherwise = self._project.path, self._project.config_file
        return await asyncio.to_thread(locate, found, self._mounts, path, otherwise, self._look)

    async def tests(self, found: Sequence[TestResult]) -> list[TestResult]:
        """Return the tests with the host's paths, and where each is declared."""
        if not found:
            return []
        return await asyncio.to_thread(
            locate_tests, found, self._mounts, self._project.path, self._look, self._declarations
        )


class OutputStream:
    """Reads the output of one run into its log and its parser, and shows what is found meanwhile.

    `known` is what earlier runs found that this run may not repeat. `show` is called with what was
    found so far, `advance` with how far the run is in percent. `expected` is how many seconds the
    run will probably take, 0 if that is not known.
    """

    def __init__(
        self,
        log: RunLog,
        parser: OutputParser,
        locator: HostLocator,
        known: Sequence[Known],
        *,
        show: Callable[[list[Diagnostic], list[TestResult]], None],
        advance: Callable[[int], None],
        is_cancelled: Callable[[], bool],
        expected: float,
    ) -> None:
        self._log = log
        self._parser = parser
        self._locator = locator
        self._known = known
        self._show = show
        self._advance = advance
        self._is_cancelled = is_cancelled
        self._expected = expected
        self._showing: asyncio.Task[None] | None = None
        self._next_show = 0.0
        self._is_read = False

    async def read(self, process: Running) -> int:
        """Read until the command has ended; return its exit status, as `Running.wait` does."""
        ticking = asyncio.create_task(self._tick())
        try:
            status = await read_to_end(process, self._on_data, self._on_held)
        finally:
            ticking.cancel()
            if self._showing:
                self._showing.cancel()
            self._is_read = True
        self._parser.finish()
        return status

    async def found(self) -> tuple[list[Diagnostic], list[TestResult]]:
        """Return all that the run found, once its output is read.

        That includes what earlier runs found that still holds, though this run did not repeat it.
        """
        found = await self._locator.diagnostics(self._parser.diagnostics())
        if self._known:
            found += await asyncio.to_thread(still_valid, self._known, self._parser.rebuilt, found)
        return found, await self._locator.tests(self._parser.tests())

    def names_units(self, *, has_succeeded: bool) -> bool:
        """Return whether the command is known to name what it compiles."""
        return self._parser.rebuilt.names_units(has_succeeded=has_succeeded)

    def _on_data(self, data: bytes) -> None:
        self._log.write(data)
        before = self._parser.count
        self._parser.feed(data)
        if self._parser.count != before and not self._showing:
            self._showing = asyncio.create_task(self._show_soon())

    async def _show_soon(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._next_show - loop.time()))
        # From here on, new findings cause an update of their own.
        self._showing = None
        begin = loop.time()
        self._next_show = begin + SHOW_INTERVAL
        found = await self._locator.diagnostics(self._parser.diagnostics())
        tests = await self._locator.tests(self._parser.tests())
        # A long update must not take the time that the reading needs.
        self._next_show = max(self._next_show, loop.time() + SHOW_SHARE * (loop.time() - begin))
        if not self._is_read and not self._is_cancelled():
            self._show(found, tests)

    async def _tick(self) -> None:
        """Report how far the run is: as the tool says, else by how long the last run took."""
        loop = asyncio.get_running_loop()
        start, last = loop.time(), 0
        while True:
            await asyncio.sleep(TICK)
            percentage = self._parser.percentage
            if percentage is None and self._expected:
                percentage = min(99, int(100 * (loop.time() - start) / self._expected))
            if percentage and percentage > last:
                last = percentage
                self._advance(percentage)

    def _on_held(self) -> None:
        if not self._is_cancelled():
            self._log.write(HELD)
