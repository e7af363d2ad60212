"""What outlives a run: its record, its output and its diagnostics, as files in the state directory.

One directory a project: `MILLISECONDS.RUN.TASK.json` and `RUN.log`, the newest runs of each task.
A record is written whole and renamed into place, so that a reader sees all of it or nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import os
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import NamedTuple

import msgspec

from buildd.model import Diagnostic, Frozen, Run, TestResult
from buildd.state import runs_of

log = logging.getLogger(__name__)

KEPT_RUNS = 100
"""Records kept of each task's ended runs."""

KEPT_OUTPUTS = 10
"""Of the newest of them the output is kept too."""

OUTPUT_LIMIT = 256 << 20
"""Bytes of one run's output that are stored; what comes after is counted and named."""

_CHUNK = 1 << 18


_NAME = re.compile(r"(\d{13})\.([0-9a-f]{8})\.(.+)\.json")


class _Entry(NamedTuple):
    created: str
    run: str
    task: str
    name: str


class Stored(Frozen, frozen=True):
    """An ended run and what it found; `version` is raised when older readers could not read it."""

    run: Run
    diagnostics: tuple[Diagnostic, ...] = ()
    tests: tuple[TestResult, ...] = ()
    version: int = 1


class Store:
    """The stored runs of one project."""

    def __init__(self, project: str) -> None:
        self._directory = runs_of(project)

    def log(self, run: str) -> RunLog:
        """A new log for a run that begins."""
        return RunLog(os.path.join(self._directory, f"{run}.log"))

    def log_path(self, run: str) -> str:
        return os.path.join(self._directory, f"{run}.log")

    def save(self, stored: Stored) -> None:
        """Store an ended run, and forget those beyond the kept ones."""
        run = stored.run
        name = f"{int(run.created * 1000):013d}.{run.id}.{run.task}.json"
        path = os.path.join(self._directory, name)
        try:
            with open(f"{path}.new", "wb") as file:
                file.write(msgspec.json.encode(stored))
                file.flush()
                os.fsync(file.fileno())
            os.replace(f"{path}.new", path)
            self._forget(run.task)
        except OSError as error:
            # A full disk must not take the result from those who wait for it.
            log.error("run %s cannot be stored: %s", run.id, error)

    def latest(self) -> list[Stored]:
        """The newest stored run of each task; what cannot be read is passed over."""
        found: dict[str, Stored] = {}
        for entry in reversed(self._entries()):
            if entry.task not in found and (stored := self._read(entry)) and not stored.run.only:
                found[entry.task] = stored
        return list(found.values())

    def history(self, task: str = "", run: str = "") -> Iterator[Stored]:
        """The stored runs, newest first, of the task or with the id that is given."""
        for entry in reversed(self._entries()):
            fits = (not task or entry.task == task) and (not run or entry.run == run)
            if fits and (stored := self._read(entry)):
                yield stored

    def tidy(self) -> None:
        """Remove the outputs of runs that a daemon never saw end, because it was killed. Only
        before the first run of this one."""
        known = {entry.run for entry in self._entries()}
        for name in os.listdir(self._directory):
            run, _, suffix = name.partition(".")
            if (suffix == "log" and run not in known) or name.endswith(".new"):
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(self._directory, name))

    def _entries(self) -> list[_Entry]:
        return _entries(os.listdir(self._directory))

    def _read(self, entry: _Entry) -> Stored | None:
        try:
            with open(os.path.join(self._directory, entry.name), "rb") as file:
                return msgspec.json.decode(file.read(), type=Stored)
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("the stored run %s cannot be read: %s", entry.name, error)
            return None

    def _forget(self, task: str) -> None:
        names = os.listdir(self._directory)
        of_task = [entry for entry in _entries(names) if entry.task == task]
        unwanted = {f"{entry.run}.log" for entry in of_task[:-KEPT_OUTPUTS]}
        unwanted |= {entry.name for entry in of_task[:-KEPT_RUNS]}
        for name in unwanted.intersection(names):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self._directory, name))


def _entries(names: Iterable[str]) -> list[_Entry]:
    """The stored runs among the names of files, oldest first."""
    found = filter(None, map(_NAME.fullmatch, names))
    return sorted(_Entry(one[1], one[2], one[3], one[0]) for one in found)


class RunLog:
    """The output of one run, as it is written and as any number of readers follow it.

    Readers take it from the file, each at its own pace, so that a slow one costs no memory.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.size = 0
        self._cut = 0
        self._closed = False
        self._grown = asyncio.Condition()
        self._waking: asyncio.Task[None] | None = None
        self._failed = False
        self._file: io.FileIO | None = None  # made by the first write: many runs are silent

    def write(self, data: bytes) -> None:
        """Append; beyond the limit only count."""
        room = OUTPUT_LIMIT - self.size
        kept = data[:room] if room < len(data) else data
        self._cut += len(data) - len(kept)
        if kept and not self._failed:
            self._append(kept)
        self._notify()

    def close(self) -> None:
        """The run has ended."""
        if self._closed:
            return
        if self._cut and not self._failed:
            note = f"\n[buildd: {self._cut} bytes of output beyond {OUTPUT_LIMIT} are not stored]\n"
            self._append(note.encode())
        self._closed = True
        if self._file:
            self._file.close()
        self._notify()

    async def follow(self) -> AsyncIterator[bytes]:
        """The output from its beginning, in pieces, until the run has ended."""
        offset = 0
        while True:
            if offset < self.size:
                data = await asyncio.to_thread(read_at, self.path, offset)
                offset += len(data)
                yield data
            elif self._closed:
                return
            else:
                async with self._grown:
                    if offset >= self.size and not self._closed:
                        await self._grown.wait()

    def _append(self, data: bytes) -> None:
        try:
            if self._file is None:
                self._file = open(self.path, "wb", buffering=0)  # noqa: SIM115 (see close())
            self._file.write(data)
            self.size += len(data)
        except OSError as error:
            log.error("%s: %s", self.path, error)
            self._failed = True

    def _notify(self) -> None:
        if self._waking is None:
            self._waking = asyncio.create_task(self._wake())

    async def _wake(self) -> None:
        self._waking = None
        async with self._grown:
            self._grown.notify_all()


def read_at(path: str, offset: int) -> bytes:
    """A piece of a stored output from `offset` on; empty at its end, or if there is none."""
    try:
        with open(path, "rb", buffering=0) as file:
            file.seek(offset)
            return file.read(_CHUNK)
    except FileNotFoundError:
        return b""
