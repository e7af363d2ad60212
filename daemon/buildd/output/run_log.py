"""The output of a run as a file: written as it arrives, followed by any number of readers."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Callable

from buildd.base.safe_open import read_end

log = logging.getLogger(__name__)

OUTPUT_LIMIT = 256 << 20
"""Bytes of one run's output that are stored. The rest is counted; a note says how much it is."""

_CHUNK = 1 << 18


class RunLog:
    """The output of one run, which is written here and followed by any number of readers.

    Each reader reads the file at its own speed, so that a slow one costs no memory.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.size = 0
        self._cut = 0
        self._closed = False
        self._grown = asyncio.Condition()
        self._waking: asyncio.Task[None] | None = None
        self._failed = ""
        """Why no more can be stored."""
        self.on_begin: Callable[[], None] = lambda: None
        """Called before the first byte is stored."""
        self._file: io.FileIO | None = None  # opened at the first write: many runs write nothing

    def write(self, data: bytes) -> None:
        """Append to the output; beyond the limit, only count."""
        room = OUTPUT_LIMIT - self.size
        kept = data[:room] if room < len(data) else data
        self._cut += len(data) - len(kept)
        if kept and not self._failed:
            self._append(kept)
        self._notify()

    def close(self) -> None:
        """End the output, because the run has ended."""
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
        """Yield the output from its beginning, in pieces, until the run has ended.

        If a part could not be stored or was removed, the last piece says so.
        """
        offset = 0
        while True:
            if offset < self.size:
                data = await asyncio.to_thread(read_at, self.path, offset)
                if not data:
                    yield _missing("its file is not there any more")
                    return
                offset += len(data)
                yield data
            elif self._closed:
                if self._failed:
                    yield _missing(self._failed)
                return
            else:
                async with self._grown:
                    if offset >= self.size and not self._closed:
                        await self._grown.wait()

    def _append(self, data: bytes) -> None:
        try:
            if self._file is None:
                self.on_begin()
                self._file = open(self.path, "wb", buffering=0)  # noqa: SIM115 (see close())
            while data:
                written = self._file.write(data)  # on a full disk: less than asked for
                self.size += written
                data = data[written:]
        except OSError as error:
            log.error("%s: %s", self.path, error)
            self._failed = error.strerror or str(error)

    def _notify(self) -> None:
        if self._waking is None:
            self._waking = asyncio.create_task(self._wake())

    async def _wake(self) -> None:
        self._waking = None
        async with self._grown:
            self._grown.notify_all()


def tail(path: str, size: int) -> str:
    """Return the last `size` bytes of a run's output, as text; empty if there is none."""
    try:
        return read_end(path, size).decode("utf-8", "replace")
    except OSError:
        return ""


def _missing(reason: str) -> bytes:
    return f"\n[buildd: the rest of the output is not stored: {reason}]\n".encode()


def read_at(path: str, offset: int) -> bytes:
    """Return a piece of a stored output from `offset` on; empty at its end, or if there is none."""
    try:
        with open(path, "rb", buffering=0) as file:
            file.seek(offset)
            return file.read(_CHUNK)
    except FileNotFoundError:
        return b""
