"""What the runs of a task have found of which its next run may not speak; see `incremental`.

A run that was broken off (cancelled, lost, killed with its daemon) changes nothing that shows. But
what it has compiled the next one need not compile again, and so what it said of it has to be known:
its log is read again, once, by the run that comes next. So is that of a run of some tests only.
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
from buildd.output.stream import Placing

log = logging.getLogger(__name__)

READ_LIMIT = 64 << 20
"""Bytes of logs that are read again before a run, of the newest: one to two seconds of a thread."""


class Partial(NamedTuple):
    """A run that was broken off, or of some tests only; what it said is in the file `log`."""

    run: Run
    log: str


Reread = Callable[[Partial, Sequence[Known]], Awaitable[list[Known]]]


class CarryOver:
    """Of one task."""

    def __init__(self) -> None:
        self._runs: list[Known | Partial] = []

    def finished(self, known: Known) -> None:
        """A whole run, which knew of all that had ended before it began."""
        rest = [one for one in self._runs if _end(one) > known.since]
        self._runs = [_lasting(known), *rest]

    def add(self, run: Partial) -> None:
        """Besides, in the order of their ends."""
        if run.run.output_bytes:
            self._runs.append(run)

    def clear(self) -> None:
        self._runs.clear()

    async def known(self, reread: Reread) -> Sequence[Known]:
        """What every run so far has found that may still hold, oldest first; `reread` as the
        function of this module."""
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
    partial: Partial, before: Sequence[Known], reading: OutputParser, placing: Placing
) -> list[Known]:
    """What is known once this run is taken in, too. `reading` is fresh, and knows `before`."""
    await asyncio.to_thread(_feed, reading, partial.log)
    found = await placing.diagnostics(reading.diagnostics())
    left = [
        known._replace(
            diagnostics=[one for one in known.diagnostics if not reading.rebuilt.names(one)]
        )
        for known in before
    ]
    last = _lasting(Known(found, partial.run.started, partial.run.ended))
    return [
        known for known in (*left, last) if known.diagnostics or known.naming_command is not None
    ]


def _lasting(known: Known) -> Known:
    """Without what comes from tools that look at everything each time: they have the last word."""
    return known._replace(diagnostics=[one for one in known.diagnostics if one.source in COMPILERS])


def _end(run: Known | Partial) -> float:
    return run.until if isinstance(run, Known) else run.run.ended


def _affordable(runs: Sequence[Known | Partial]) -> list[Known | Partial]:
    room = READ_LIMIT
    kept = []
    for run in reversed(runs):
        room -= run.run.output_bytes if isinstance(run, Partial) else 0
        if isinstance(run, Known) or room >= 0:
            kept.append(run)
    return kept[::-1]


def _feed(reading: OutputParser, path: str) -> None:
    offset = 0
    try:
        while data := read_at(path, offset):
            reading.feed(data)
            offset += len(data)
    except OSError as error:
        log.warning("%s cannot be read again: %s", path, error)
    reading.finish()
