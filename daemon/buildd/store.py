"""What outlives a run: its record, its output and its diagnostics, as files in the state directory.

One directory a project: `RUN.json` and `RUN.log`, the newest runs of each task. A record is
written whole and renamed into place, so that a reader sees all of it or nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import os
from collections.abc import AsyncIterator, Iterator

import msgspec

from buildd.model import Diagnostic, Frozen, Run
from buildd.paths import private_dir, short_hash, state_dir

log = logging.getLogger(__name__)

KEPT_RUNS = 10
"""Ended runs kept for each task, and as many ad-hoc ones."""

OUTPUT_LIMIT = 256 << 20
"""Bytes of one run's output that are stored; what comes after is counted and named."""

_CHUNK = 1 << 18


class Stored(Frozen, frozen=True):
    """An ended run and what it found; `version` is raised when older readers could not read it."""

    run: Run
    diagnostics: tuple[Diagnostic, ...] = ()
    version: int = 1


class Store:
    """The stored runs of one project."""

    def __init__(self, project: str) -> None:
        parent = private_dir(os.path.join(state_dir(), "runs"))
        self._directory = private_dir(os.path.join(parent, short_hash(project)))

    def log(self, run: str) -> RunLog:
        """A new log for a run that begins."""
        return RunLog(os.path.join(self._directory, f"{run}.log"))

    def log_path(self, run: str) -> str:
        return os.path.join(self._directory, f"{run}.log")

    def save(self, stored: Stored) -> None:
        """Store an ended run, and forget those beyond the kept ones."""
        path = os.path.join(self._directory, f"{stored.run.id}.json")
        try:
            with open(f"{path}.new", "wb") as file:
                file.write(msgspec.json.encode(stored))
                file.flush()
                os.fsync(file.fileno())
            os.replace(f"{path}.new", path)
            self._forget(stored.run.task)
        except OSError as error:
            # A full disk must not take the result from those who wait for it.
            log.error("run %s cannot be stored: %s", stored.run.id, error)

    def load(self) -> list[Stored]:
        """The stored runs, oldest first; what cannot be read is left out."""
        return sorted(self._read_all(), key=lambda stored: stored.run.created)

    def _read_all(self) -> Iterator[Stored]:
        for name in os.listdir(self._directory):
            if name.endswith(".json"):
                try:
                    with open(os.path.join(self._directory, name), "rb") as file:
                        yield msgspec.json.decode(file.read(), type=Stored)
                except (OSError, msgspec.MsgspecError) as error:
                    log.warning("the stored run %s cannot be read: %s", name, error)

    def _forget(self, task: str) -> None:
        of_task = [stored.run for stored in self.load() if stored.run.task == task]
        for run in of_task[:-KEPT_RUNS]:
            for suffix in ("json", "log"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(os.path.join(self._directory, f"{run.id}.{suffix}"))


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
