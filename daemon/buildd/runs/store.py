"""Stores what outlives a run in the state directory: its record, its output, its diagnostics.

Each project has a directory, with the newest runs of each task: `MILLISECONDS.RUN.TASK.json` is a
record, `RUN.log` is the output. A record is written and then renamed, so that a reader sees all of
it or nothing. While a run is under way that has written something, there is a file
`MILLISECONDS.RUN.TASK.begun`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from buildd.base.atomic_write import replace_file
from buildd.base.failpoint import RESULT_STORED, RESULT_WRITTEN, hit_failpoint
from buildd.base.json_file import read_json
from buildd.base.json_unicode import encode
from buildd.files.state_dirs import make_runs_of, runs_of
from buildd.model import Diagnostic, Frozen, Run, RunState, TestResult
from buildd.output.run_log import RunLog

log = logging.getLogger(__name__)

KEPT_RUNS = 100
"""Records kept of each task's ended runs."""

KEPT_OUTPUTS = 10
"""Outputs kept of each task's newest ended runs."""

STORE_LIMIT = 2 << 30
"""Bytes of one project's records and outputs; beyond it the oldest of any task are removed."""

_NAME = re.compile(r"(\d{13})\.([0-9a-f]{8})\.(.+)\.json")
_BEGUN = ".begun"
_KILLED = "the daemon was killed before its end was stored"


class _Entry(NamedTuple):
    created: str
    run: str
    task: str
    name: str


VERSION = 1
"""The version of a record; it is raised when older daemons could not read it."""


class Stored(Frozen, frozen=True):
    """An ended run and what it found."""

    run: Run
    diagnostics: tuple[Diagnostic, ...] = ()
    tests: tuple[TestResult, ...] = ()
    names_units: bool = msgspec.field(default=False, name="tells")
    """Whether its command is known to name what it compiles, as `IncrementalBuild.names_units`
    says."""
    version: int = VERSION


class Store:
    """Keeps the runs of one project on the disk. Its methods block."""

    def __init__(self, project: str) -> None:
        self._project = project
        self._directory = runs_of(project)

    def log(self, run: str) -> RunLog:
        """Return a new log for a run that begins, given its id."""
        if not os.path.isdir(self._directory):
            make_runs_of(self._project)
        return RunLog(os.path.join(self._directory, f"{run}.log"))

    def log_path(self, run: str) -> str:
        """Return where the output of the run with this id is, or would be."""
        return os.path.join(self._directory, f"{run}.log")

    def begin(self, run: Run) -> None:
        """Note that a run has written something.

        If this process is killed before the run ends, the next one knows of the run.
        """
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
            replace_file(path, encode(stored), failpoint=RESULT_WRITTEN)
            hit_failpoint(RESULT_STORED)
            self._remove(self._path(run, _BEGUN))
        except OSError as error:
            # On a full disk, those who wait for the result still get it.
            log.error("run %s cannot be stored: %s", run.id, error)

    def make_durable(self, run: Run) -> None:
        """Make a stored run survive a crash of the machine, and remove the oldest ones."""
        try:
            with open(self._path(run), "rb") as file:
                os.fsync(file.fileno())
            self._forget(run)
        except OSError as error:
            log.error("%s: %s", self._directory, error)

    def standing(self) -> list[Stored]:
        """Return the runs whose results still hold, in the order in which they ended.

        For each task these are the newest run that finished and ran all tests, and the runs that
        were created after it. Records that cannot be read are left out.
        """
        found: list[Stored] = []
        complete: set[str] = set()
        for entry in reversed(self._entries()):
            if entry.task not in complete and (stored := self._read(entry)):
                found.append(stored)
                if stored.run.state is RunState.FINISHED and not stored.run.only:
                    complete.add(entry.task)
        return sorted(found, key=lambda stored: stored.run.ended)

    def history(self, task: str = "", run: str = "") -> Iterator[Stored]:
        """Yield the stored runs, newest first; with `task` or `run` (an id), only those."""
        for entry in reversed(self._entries()):
            fits = (not task or entry.task == task) and (not run or entry.run == run)
            if fits and (stored := self._read(entry)):
                yield stored

    def tidy(self) -> None:
        """End the runs of a daemon that was killed, and remove files that belong to no run.

        Call it before the first run.
        """
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
            run = read_json(begun, Run)
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
            stored = read_json(os.path.join(self._directory, entry.name), Stored)
        except (OSError, ValueError) as error:
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
    matches = filter(None, map(_NAME.fullmatch, names))
    return sorted(_Entry(match[1], match[2], match[3], match[0]) for match in matches)
