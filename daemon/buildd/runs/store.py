"""What outlives a run: its record, its output and its diagnostics, as files in the state directory.

One directory a project: `MILLISECONDS.RUN.TASK.json` and `RUN.log`, the newest runs of each task.
A record is written whole and renamed into place, so that a reader sees all of it or nothing. A run
that has written something and has not ended is `MILLISECONDS.RUN.TASK.begun`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from buildd.base.failpoint import RESULT_STORED, RESULT_WRITTEN, passing
from buildd.base.lone_surrogates import encode
from buildd.files.state_dirs import make_runs_of, runs_of
from buildd.model import Diagnostic, Frozen, Run, RunState, TestResult
from buildd.output.run_log import RunLog

log = logging.getLogger(__name__)

KEPT_RUNS = 100
"""Records kept of each task's ended runs."""

KEPT_OUTPUTS = 10
"""Of the newest of them the output is kept too."""

STORE_LIMIT = 2 << 30
"""Bytes of one project's records and outputs; beyond it the oldest go, of whatever task."""

_NAME = re.compile(r"(\d{13})\.([0-9a-f]{8})\.(.+)\.json")
_BEGUN = ".begun"
_KILLED = "the daemon was killed before its end was stored"


class _Entry(NamedTuple):
    created: str
    run: str
    task: str
    name: str


VERSION = 1
"""Of a record; raised when older readers could not read it."""


class Stored(Frozen, frozen=True):
    """An ended run and what it found."""

    run: Run
    diagnostics: tuple[Diagnostic, ...] = ()
    tests: tuple[TestResult, ...] = ()
    tells: bool = False
    """As in `incremental.Rebuilt`."""
    version: int = VERSION


class Store:
    """The stored runs of one project."""

    def __init__(self, project: str) -> None:
        self._project = project
        self._directory = runs_of(project)

    def log(self, run: str) -> RunLog:
        """A new log for a run that begins."""
        if not os.path.isdir(self._directory):
            make_runs_of(self._project)
        return RunLog(os.path.join(self._directory, f"{run}.log"))

    def log_path(self, run: str) -> str:
        return os.path.join(self._directory, f"{run}.log")

    def begin(self, run: Run) -> None:
        """A run has written something: should this process be killed, the next one knows of it."""
        try:
            with open(self._path(run, _BEGUN), "wb") as file:
                file.write(encode(run))
        except OSError as error:
            log.error("run %s cannot be noted: %s", run.id, error)

    def save(self, stored: Stored) -> None:
        """Store an ended run, so that it outlives this process."""
        run = stored.run
        path = self._path(run)
        try:
            with open(f"{path}.new", "wb") as file:
                file.write(encode(stored))
            passing(RESULT_WRITTEN)
            os.replace(f"{path}.new", path)
            passing(RESULT_STORED)
            self._remove(self._path(run, _BEGUN))
        except OSError as error:
            # A full disk must not take the result from those who wait for it.
            log.error("run %s cannot be stored: %s", run.id, error)
            with contextlib.suppress(OSError):
                os.unlink(f"{path}.new")

    def settle(self, run: Run) -> None:
        """Have a stored run outlive the machine too, and forget those beyond the kept ones."""
        try:
            with open(self._path(run), "rb") as file:
                os.fsync(file.fileno())
            self._forget(run)
        except OSError as error:
            log.error("%s: %s", self._directory, error)

    def standing(self) -> list[Stored]:
        """Of each task the newest run that finished whole, and those that were asked for after it,
        as they ended; what cannot be read is passed over."""
        found: list[Stored] = []
        whole: set[str] = set()
        for entry in reversed(self._entries()):
            if entry.task not in whole and (stored := self._read(entry)):
                found.append(stored)
                if stored.run.state is RunState.FINISHED and not stored.run.only:
                    whole.add(entry.task)
        return sorted(found, key=lambda one: one.run.ended)

    def history(self, task: str = "", run: str = "") -> Iterator[Stored]:
        """The stored runs, newest first, of the task or with the id that is given."""
        for entry in reversed(self._entries()):
            fits = (not task or entry.task == task) and (not run or entry.run == run)
            if fits and (stored := self._read(entry)):
                yield stored

    def tidy(self) -> None:
        """End the runs that a daemon never saw end, because it was killed, and remove what belongs
        to none. Only before the first run of this one."""
        for name in self._names():
            if name.endswith(_BEGUN):
                self._end(os.path.join(self._directory, name))
        names = self._names()
        known = {entry.run for entry in _entries(names)}
        known |= {name.split(".")[1] for name in names if name.endswith(_BEGUN)}
        for name in names:
            run, _, suffix = name.partition(".")
            if (suffix == "log" and run not in known) or name.endswith(".new"):
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(self._directory, name))

    def _end(self, begun: str) -> None:
        try:
            with open(begun, "rb") as file:
                run = msgspec.json.decode(file.read(), type=Run)
            if os.path.exists(self._path(run)):
                self._remove(begun)
            else:
                output = os.stat(self.log_path(run.id))
                self.save(
                    Stored(
                        run=msgspec.structs.replace(
                            run,
                            state=RunState.LOST,
                            ended=output.st_mtime,
                            output_bytes=output.st_size,
                            error=_KILLED,
                        )
                    )
                )
        except (OSError, ValueError) as error:
            log.warning("the run %s of a killed daemon cannot be read: %s", begun, error)
            with contextlib.suppress(OSError):
                os.unlink(begun)

    def _path(self, run: Run, suffix: str = ".json") -> str:
        name = f"{int(run.created * 1000):013d}.{run.id}.{run.task}{suffix}"
        return os.path.join(self._directory, name)

    def _names(self) -> list[str]:
        try:
            return os.listdir(self._directory)
        except OSError:
            return []

    def _entries(self) -> list[_Entry]:
        return _entries(self._names())

    def _read(self, entry: _Entry) -> Stored | None:
        try:
            with open(os.path.join(self._directory, entry.name), "rb") as file:
                stored = msgspec.json.decode(file.read(), type=Stored)
        except (OSError, ValueError, RecursionError) as error:
            log.warning("the stored run %s cannot be read: %s", entry.name, error)
            return None
        return stored if stored.version <= VERSION else None

    def _forget(self, newest: Run) -> None:
        entries = self._entries()
        of_task = [entry for entry in entries if entry.task == newest.task]
        for entry in of_task[:-KEPT_OUTPUTS]:
            self._remove(f"{entry.run}.log")
        for entry in of_task[:-KEPT_RUNS]:
            self._remove(entry.name)
        sizes = self._sizes()
        excess = sum(sizes.values()) - STORE_LIMIT
        for entry in entries:
            for name in (f"{entry.run}.log", entry.name):
                if excess > 0 and entry.run != newest.id:
                    excess -= sizes.get(name, 0)
                    self._remove(name)

    def _sizes(self) -> dict[str, int]:
        """Bytes by the name of the file."""
        found: dict[str, int] = {}
        with os.scandir(self._directory) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    found[entry.name] = entry.stat(follow_symlinks=False).st_size
        return found

    def _remove(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self._directory, name))


def _entries(names: Iterable[str]) -> list[_Entry]:
    """The stored runs among the names of files, oldest first."""
    found = filter(None, map(_NAME.fullmatch, names))
    return sorted(_Entry(one[1], one[2], one[3], one[0]) for one in found)
