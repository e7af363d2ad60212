"""Changes on the disk that runs have made themselves: they must not start the runs for ever."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from typing import NamedTuple

from buildd.errors import BuilddError
from buildd.model import Run, RunState

ROUNDS = 3
"""Runs of a task, one for the changes of the other, after which it waits for somebody else's; and
runs during which a file must have changed, and never without one, to be the task's own output."""

COARSE = 0.02
"""Seconds by which a file's time may be behind the clock."""

REMEMBERED = 10.0
"""Seconds after its end for which a run is looked for, at least; news are not that late."""

TIDIED_EACH = 1.0
"""Seconds between two times at which runs are forgotten: not at each of many short ones."""

LIMIT = 10_000
"""Files remembered; beyond, all are forgotten, and learned anew."""


class SelfChange(NamedTuple):
    """A file that was changed between two times. `born` is when it was seen to come into being, 0
    if it was there before. All in seconds since the epoch."""

    file: str
    earliest: float
    latest: float
    born: float
    is_gone: bool


class SelfChanges:
    """Of one project. Nobody tells who has changed a file, only when. What changes while nothing
    runs is certainly somebody's wish. What changes during a run may be that run's own doing, and
    is answered by one more run after it, within bounds."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._tidied = 0.0
        self._written: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        """By task and file: the ids of the task's runs during which it has changed."""
        self._causes: defaultdict[str, set[str]] = defaultdict(set)
        """By task: the ids of the runs whose changes it was to be started for, since the last
        change that was certain."""

    def follow(self, run: Run) -> None:
        """A run of a task is in another state."""
        if (now := time.time()) > self._tidied + TIDIED_EACH:
            self._tidied = now
            recent = now - REMEMBERED
            self._runs = {key: one for key, one in self._runs.items() if _end(one) > recent}
        if run.started:
            self._runs[run.id] = run

    def saved(self, file: str) -> None:
        """An editor has saved the file: that is certain."""
        self._causes.clear()
        for key in [one for one in self._written if one[1] == file]:
            del self._written[key]

    def starts(self, task: str, change: SelfChange) -> bool:
        """Whether the change is to start the task. Raises BuilddError, once, where the task would
        start itself for ever."""
        during = [run for run in self._runs.values() if _overlap(run, change)]
        if change.is_gone and any(_begin(run) <= change.born for run in during):
            return False  # a temporary file of the run
        own = [run for run in during if run.task == task]
        if own and self._is_output(task, change.file, own[-1], alone=len(own) == len(during)):
            return False
        if not own:
            self._written.pop((task, change.file), None)
        if not during:
            self._causes.clear()
        if any(_includes(run, change) for run in self._runs.values() if run.task == task):
            return False
        return not during or self._may_follow(task, (own or during)[-1], change.file)

    def _is_output(self, task: str, file: str, run: Run, *, alone: bool) -> bool:
        if len(self._written) > LIMIT:
            self._written.clear()
        writers = self._written[task, file]
        if alone:
            writers.add(run.id)
        return len(writers) >= ROUNDS

    def _may_follow(self, task: str, cause: Run, file: str) -> bool:
        causes = self._causes[task]
        is_new = cause.id not in causes
        causes.add(cause.id)
        if len(causes) == ROUNDS and is_new:
            raise BuilddError(
                f"`{task}` has run {ROUNDS} times, each for what changed during the one before, "
                f"the last time {file}",
                "It waits for another change now. What it writes itself belongs into .gitignore, "
                "or not into its `on-save`.",
            )
        return len(causes) < ROUNDS


def _begin(run: Run) -> float:
    return run.started - COARSE


def _end(run: Run) -> float:
    return run.ended or math.inf


def _overlap(run: Run, change: SelfChange) -> bool:
    return _begin(run) <= change.latest and change.earliest <= _end(run)


def _includes(run: Run, change: SelfChange) -> bool:
    """Whether the run began after the change, and so has built it."""
    is_whole = run.state in (RunState.FINISHED, RunState.RUNNING) and not run.only
    return is_whole and change.latest < _begin(run)
