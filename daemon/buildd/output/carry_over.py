"""What earlier runs of a task found that its next run may not repeat; see `incremental`.

A run that was broken off (cancelled, lost, killed with its daemon) does not change what shows. But
the next run need not compile again what it compiled, so what it reported must be known: the next
run reads its log again, once. The same holds for a run of some tests only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from buildd.model import Run
from buildd.output.incremental import COMPILERS, Known
from buildd.output.parsing import OutputParser
from buildd.output.run_log import read_at
from buildd.output.stream import HostLocator

log = logging.getLogger(__name__)

READ_LIMIT = 64 << 20
"""Bytes of logs that are read again before a run, of the newest: one to two seconds in a thread."""


class Partial(NamedTuple):
    """A run that was broken off, or ran some tests only; its output is in the file `log`."""

    run: Run
    log: str


Reread = Callable[[Partial, Sequence[Known]], Awaitable[list[Known]]]
"""Reads the log of a run again, given what is known from earlier runs; what is known then."""


class CarryOver:
    """Remembers what the earlier runs of one task found, as far as the next run may need it."""

    def __init__(self) -> None:
        self._runs: list[Known | Partial] = []

    def finished(self, known: Known) -> None:
        """Add a complete run, which replaces all runs that had ended before it began."""
        rest = [run for run in self._runs if _end(run) > known.since]
        self._runs = [_of_compilers(known), *rest]

    def add(self, run: Partial) -> None:
        """Add a partial run. Runs are added in the order in which they end."""
        if run.run.output_bytes:
            self._runs.append(run)

    def clear(self) -> None:
        """Forget all runs."""
        self._runs.clear()

    async def known(self, reread: Reread) -> Sequence[Known]:
        """Return what the runs so far have found that may still hold, the oldest run first.

        `reread` is called for each partial run whose log was not yet read again.
        """
        runs = list(self._runs)
        known: list[Known] = []
        for run in _affordable(runs):
            if isinstance(run, Partial):
                known = await reread(run, known)
            else:
                known.append(run)
        if self._runs[: len(runs)] == runs:
            self._runs[: len(runs)] = known
        return known


async def reread(
    partial: Partial, known: Sequence[Known], parser: OutputParser, locator: HostLocator
) -> list[Known]:
    """Return what is known once the log of this run is read again.

    `parser` is new, and its `rebuilt` looks for the units of `known`.
    """
    await asyncio.to_thread(_feed, parser, partial.log)
    found = await locator.diagnostics(parser.diagnostics())
    rest = [
        run._replace(
            diagnostics=[
                diagnostic
                for diagnostic in run.diagnostics
                if not parser.rebuilt.has_rebuilt(diagnostic)
            ]
        )
        for run in known
    ]
    last = _of_compilers(Known(found, partial.run.started, partial.run.ended))
    return [run for run in (*rest, last) if run.diagnostics or run.naming_command is not None]


def _of_compilers(known: Known) -> Known:
    """Leave out what other tools found: they check everything each time, and repeat it."""
    return known._replace(
        diagnostics=[
            diagnostic for diagnostic in known.diagnostics if diagnostic.source in COMPILERS
        ]
    )


def _end(run: Known | Partial) -> float:
    return run.until if isinstance(run, Known) else run.run.ended


def _affordable(runs: Sequence[Known | Partial]) -> list[Known | Partial]:
    """Leave out the logs beyond `READ_LIMIT`, the oldest first."""
    room = READ_LIMIT
    affordable = []
    for run in reversed(runs):
        room -= run.run.output_bytes if isinstance(run, Partial) else 0
        if isinstance(run, Known) or room >= 0:
            affordable.append(run)
    return affordable[::-1]


def _feed(parser: OutputParser, path: str) -> None:
    offset = 0
    try:
        while data := read_at(path, offset):
            parser.feed(data)
            offset += len(data)
    except OSError as error:
        log.warning("%s cannot be read again: %s", path, error)
    parser.finish()
