"""This module copies bytes between a command attached by the engine and its pipes or terminal."""

from __future__ import annotations

import errno
import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress

from buildd.engines import Attachment

CHUNK = 1 << 16
"""Bytes of input read at once."""

OPEN_INTERVAL = 5
"""Milliseconds between two tries to open a pipe that its reader has not opened yet."""


class Relay:
    """A relay copies bytes until the command's output ends or `stop()` is called.

    `outputs` maps the command's streams (1, 2) to the paths of pipes or of a terminal; `source` is
    the path of its input, empty for none. `on_broken` is called, in a thread, when an output has
    no reader any more.
    """

    def __init__(
        self,
        attached: Attachment,
        outputs: dict[int, str],
        source: str,
        on_broken: Callable[[], None],
    ) -> None:
        self._attached = attached
        self._paths = outputs
        self._source = source
        self._on_broken = on_broken
        self._stopped, self._stop = os.pipe2(os.O_CLOEXEC)
        self._lock = threading.Lock()
        self._is_stopped = False

    def run(self) -> None:
        """Copy until the end of the output. It blocks: call it in a thread."""
        outputs: dict[str, int] = {}
        feeder = threading.Thread(target=self._feed, daemon=True)
        feeder.start()
        try:
            # The command itself would also wait here until somebody reads.
            for path in self._paths.values():
                if path not in outputs:
                    outputs[path] = self._open(path)
            for stream, data in self._attached.pieces():
                self._put(outputs[self._paths[stream]], data)
        except (BrokenPipeError, InterruptedError):
            pass
        finally:
            self.stop()
            feeder.join()
            for fd in (*outputs.values(), self._stopped):
                os.close(fd)

    def stop(self) -> None:
        """End `run`, wherever it waits. It can be called from any thread, and repeatedly."""
        with self._lock:
            if not self._is_stopped:
                self._is_stopped = True
                os.close(self._stop)
        self._attached.disconnect()

    def _open(self, path: str) -> int:
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        while True:
            try:
                return os.open(path, flags)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
            if self._wait(OPEN_INTERVAL):
                raise InterruptedError

    def _put(self, fd: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(fd, view) :]
            except BlockingIOError:
                if self._wait(None, fd, select.POLLOUT):
                    raise InterruptedError from None
            except OSError:
                self._on_broken()
                raise BrokenPipeError from None

    def _feed(self) -> None:
        with suppress(OSError):
            if self._source:
                flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
                source = os.open(self._source, flags)
                try:
                    # The pipe is not readable, and not at its end, before a writer opens it.
                    while not self._wait(None, source, select.POLLIN):
                        if not (data := os.read(source, CHUNK)):
                            break
                        self._attached.write(data)
                finally:
                    os.close(source)
        self._attached.end_input()

    def _wait(self, milliseconds: int | None, fd: int = -1, events: int = 0) -> bool:
        """Wait for the descriptor or the timeout; return whether `stop` was called meanwhile."""
        poll = select.poll()
        poll.register(self._stopped, 0)
        if fd >= 0:
            poll.register(fd, events)
        return self._stopped in dict(poll.poll(milliseconds))
