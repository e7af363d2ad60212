"""What a run's command writes, as it comes: kept, read for findings and tests, shown meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from buildd.errors import EnvironmentLostError
from buildd.files.file_lookup import Look
from buildd.model import Diagnostic, Mount, Project, TestResult
from buildd.output.feeder import Feeder
from buildd.output.incremental import Known, kept
from buildd.output.parsing import OutputParser, place, place_tests
from buildd.output.run_log import RunLog
from buildd.runner.base import LINGER, Running
from buildd.runner.pipes import PipeReader
from buildd.testing.declarations import Declarations

SHOW_INTERVAL = 0.1
"""Seconds between two showings of what a run under way has found; the first is at once."""

SHOW_SHARE = 4
"""How many times as long as a showing took nothing is shown after it."""

TICK = 0.25
"""Seconds between two words on how far a command is."""

HELD = (
    b"[buildd: the command has ended, but a process that it left behind still holds its output; "
    b"what that writes is not shown]\n"
)


class Placing:
    """Where on the host is what a container's command told of. `look` is called in a thread with
    each file that is named."""

    def __init__(
        self, project: Project, mounts: Sequence[Mount], directory: str, look: Look
    ) -> None:
        self._project = project
        self._mounts = mounts
        self._look = look
        self._declarations = Declarations(project.path, directory, look)

    async def diagnostics(self, found: Sequence[Diagnostic]) -> list[Diagnostic]:
        """The same in the host's paths."""
        if not found:
            return []
        path, otherwise = self._project.path, self._project.config_file
        return await asyncio.to_thread(place, found, self._mounts, path, otherwise, self._look)

    async def tests(self, found: Sequence[TestResult]) -> list[TestResult]:
        """The same in the host's paths, and where each is declared."""
        if not found:
            return []
        return await asyncio.to_thread(
            place_tests, found, self._mounts, self._project.path, self._look, self._declarations
        )


class OutputStream:
    """Of one run, which may not speak of what was known `earlier`. `show` is told of what was found
    so far, `advance` of how far it is in percent; `expected` is how many seconds it will probably
    take, 0 if nothing is known."""

    def __init__(
        self,
        log: RunLog,
        reading: OutputParser,
        placing: Placing,
        earlier: Sequence[Known],
        *,
        show: Callable[[list[Diagnostic], list[TestResult]], None],
        advance: Callable[[int], None],
        is_cancelled: Callable[[], bool],
        expected: float,
    ) -> None:
        self._log = log
        self._reading = reading
        self._feeder = Feeder(reading, self._on_found)
        self._placing = placing
        self._earlier = earlier
        self._show = show
        self._advance = advance
        self._is_cancelled = is_cancelled
        self._expected = expected
        self._showing: asyncio.Task[None] | None = None
        self._next_show = 0.0
        self._is_read = False

    async def read(self, process: Running) -> int:
        """Until the command's end; its exit status, as from `Running.wait`."""
        ticking = asyncio.create_task(self._tick())
        output = process.read("out", self._on_data)
        try:
            status = await process.wait()
            await self._rest(output)
        except EnvironmentLostError:
            output.drain()  # nobody is left who writes, but what was written may be there yet
            raise
        finally:
            output.close()
            ticking.cancel()
            if self._showing:
                self._showing.cancel()
            self._is_read = True
        await self._feeder.finish()
        return status

    async def found(self) -> tuple[list[Diagnostic], list[TestResult]]:
        """All that it found, once it is read; with it what was found earlier that still holds,
        for this run had no reason to tell it again."""
        found = await self._placing.diagnostics(self._reading.diagnostics())
        if self._earlier:
            found += await asyncio.to_thread(kept, self._earlier, self._reading.rebuilt, found)
        return found, await self._placing.tests(self._reading.tests())

    def tells(self, *, has_succeeded: bool) -> bool:
        """As in `Rebuilt`."""
        return self._reading.rebuilt.tells(has_succeeded=has_succeeded)

    def _on_data(self, data: bytes) -> asyncio.Future[None] | None:
        self._log.write(data)
        return self._feeder.feed(data)

    def _on_found(self) -> None:
        if not self._showing and not self._is_read:
            self._showing = asyncio.create_task(self._show_soon())

    async def _show_soon(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._next_show - loop.time()))
        # From here on new findings ask for a showing of their own.
        self._showing = None
        begin = loop.time()
        self._next_show = begin + SHOW_INTERVAL
        found = await self._placing.diagnostics(self._reading.diagnostics())
        tests = await self._placing.tests(self._reading.tests())
        # Much takes long to show: most of the time is for reading more of it.
        self._next_show = max(self._next_show, loop.time() + SHOW_SHARE * (loop.time() - begin))
        if not self._is_read and not self._is_cancelled():
            self._show(found, tests)

    async def _tick(self) -> None:
        """Tell how far it is: as the tool says, else by what the last run took."""
        loop = asyncio.get_running_loop()
        start, told = loop.time(), 0
        while True:
            await asyncio.sleep(TICK)
            percentage = self._reading.percentage
            if percentage is None and self._expected:
                percentage = min(99, int(100 * (loop.time() - start) / self._expected))
            if percentage and percentage > told:
                told = percentage
                self._advance(percentage)

    async def _rest(self, output: PipeReader) -> None:
        """What was written before the end; a child that holds the pipe does not hold the run."""
        if output.ended.is_set():
            return  # as most often: `wait_for` would take two turns of the loop to see it
        try:
            await asyncio.wait_for(output.ended.wait(), LINGER)
        except TimeoutError:
            if output.drain() and not self._is_cancelled():
                self._log.write(HELD)
