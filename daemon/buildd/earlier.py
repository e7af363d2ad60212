"""What the runs of a task have found of which its next run may not speak; see `incremental`.

A run that was broken off (cancelled, lost, killed with its daemon) changes nothing that shows. But
what it has compiled the next one need not compile again, and so what it said of it has to be known:
its log is read again, once, by the run that comes next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from buildd.incremental import COMPILERS, Known
from buildd.model import Command
from buildd.reading import Reading
from buildd.run_log import read_at
from buildd.run_output import Placing

READ_LIMIT = 64 << 20
"""Bytes of a log that are read again: one to two seconds of a thread."""


class BrokenOff(NamedTuple):
    """A run that began at `since` and told in the file `log` what it did until it was ended."""

    log: str
    since: float
    command: Command


Reread = Callable[[BrokenOff, Sequence[Known]], Awaitable[list[Known]]]


class Earlier:
    """Of one task."""

    def __init__(self) -> None:
        self._runs: list[Known | BrokenOff] = []

    def finished(self, known: Known) -> None:
        """Run whole, and all that still holds was `known` to it."""
        self._runs = [_lasting(known)]

    def finished_in_part(self, known: Known) -> None:
        """Of some tests only."""
        if (lasting := _lasting(known)).diagnostics:
            self._runs.append(lasting)

    def broke_off(self, run: BrokenOff) -> None:
        self._runs.append(run)

    def clear(self) -> None:
        self._runs.clear()

    async def known(self, reread: Reread) -> Sequence[Known]:
        """What every run so far has found that may still hold, oldest first; `reread` as the
        function of this module."""
        runs = list(self._runs)
        known: list[Known] = []
        for run in runs:
            if isinstance(run, BrokenOff):
                known = await reread(run, known)
            else:
                known.append(run)
        if self._runs[: len(runs)] == runs:
            self._runs[: len(runs)] = known
        return known


async def reread(
    run: BrokenOff, before: Sequence[Known], reading: Reading, placing: Placing
) -> list[Known]:
    """What is known once this run is taken in, too. `reading` is fresh, and knows `before`."""
    await asyncio.to_thread(_feed, reading, run.log)
    found = await placing.diagnostics(reading.diagnostics())
    rebuilt = reading.rebuilt
    left = [
        known._replace(diagnostics=[one for one in known.diagnostics if not rebuilt.names(one)])
        for known in before
    ]
    last = Known(found, run.since, run.command if rebuilt.tells else None)
    return [*(known for known in left if known.diagnostics), _lasting(last)]


def _lasting(known: Known) -> Known:
    """Without what comes from tools that look at everything each time: they have the last word."""
    return known._replace(diagnostics=[one for one in known.diagnostics if one.source in COMPILERS])


def _feed(reading: Reading, log: str) -> None:
    offset = 0
    while offset < READ_LIMIT and (data := read_at(log, offset)):
        reading.feed(data)
        offset += len(data)
    reading.finish()
