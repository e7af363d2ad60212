"""Recognises changes that a run made itself, so that it does not start itself for ever."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from typing import NamedTuple

from buildd.errors import BuilddError
from buildd.model import Run, RunState

ROUNDS = 3
"""Runs of a task, each started by a change during the one before, after which the task waits for
another change. Also, a file that changed during this many runs, and at no other time, is output."""

COARSE = 0.02
"""Seconds by which a file's time may be behind the clock."""

REMEMBERED = 10.0
"""Seconds after its end for which a run is remembered, at least; events are not that late."""

TIDIED_EACH = 1.0
"""Seconds between two times at which old runs are dropped, so that many short runs cost little."""

LIMIT = 10_000
"""Files remembered; beyond that all are forgotten, and learned again."""


class FileChange(NamedTuple):
    """A file that was changed between two times.

    `created` is when it was seen to be created, 0 if it was there before. All times are in seconds
    since the epoch.
    """

    file: str
    earliest: float
    latest: float
    created: float
    is_deleted: bool


class SelfChanges:
    """Decides for one project which changes start a task.

    The system reports when a file changed, not who changed it. A change while nothing runs was
    certainly made by somebody else. A change during a run may be its own; it starts one more run
    after it, a limited number of times.
    """

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._tidied = 0.0
        self._written: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        """By task and file: the ids of the task's runs during which the file changed."""
        self._causes: defaultdict[str, set[str]] = defaultdict(set)
        """By task: the ids of the runs whose changes asked for it, since the last change that was
        certainly made by somebody else."""

    def follow(self, run: Run) -> None:
        """Remember a run of a task, whose state has changed."""
        if (now := time.time()) > self._tidied + TIDIED_EACH:
            self._tidied = now
            recent = now - REMEMBERED
            self._runs = {key: old for key, old in self._runs.items() if _end(old) > recent}
        if run.started:
            self._runs[run.id] = run

    def saved(self, file: str) -> None:
        """Take note that an editor saved the file: this change is certainly no run's own."""
        self._causes.clear()
        for key in [key for key in self._written if key[1] == file]:
            del self._written[key]

    def starts(self, task: str, change: FileChange) -> bool:
        """Return whether the change starts the task.

        Raises BuilddError, once, if the task would start itself for ever.
        """
        during = [run for run in self._runs.values() if _overlap(run, change)]
        if change.is_deleted and any(_begin(run) <= change.created for run in during):
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
                "It waits for another change now. Add what it writes itself to .gitignore, or "
                "remove it from its `on-save`.",
            )
        return len(causes) < ROUNDS


def _begin(run: Run) -> float:
    return run.started - COARSE


def _end(run: Run) -> float:
    return run.ended or math.inf


def _overlap(run: Run, change: FileChange) -> bool:
    return _begin(run) <= change.latest and change.earliest <= _end(run)


def _includes(run: Run, change: FileChange) -> bool:
    """Whether the run began after the change, and so has built it."""
    is_whole = run.state in (RunState.FINISHED, RunState.RUNNING) and not run.only
    return is_whole and change.latest < _begin(run)
