"""Move bytes between a run's named pipes and our own descriptors, with one thread per pipe.

The kernel moves them (`splice`) if it can.
"""

from __future__ import annotations

import _thread  # importing `threading` costs 2 ms, and `buildd exec` needs no more than this
import errno
import fcntl
import os
import select
import stat
import time

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable

PIPE_SIZE = 1 << 20
"""The capacity in bytes that we ask for pipes, and the most bytes moved at once."""

LINGER = 1.0
"""Seconds for which output is still read after the command has ended, if a child that it left
behind keeps the pipe open. The same as for tasks."""


class OutputPipe:
    """Copies what a run writes into the pipe `path` to our descriptor `target`.

    `error` is why that ended early, for example a full disk. It is None if all was copied, or if
    our reader has left: the command notices that at its own pipe, as it would here.
    """

    def __init__(self, path: str, target: int) -> None:
        self.error: OSError | None = None
        # Without O_NONBLOCK, opening would wait for a writer.
        self._source = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self._target = target
        self._woken, self._wake = os.pipe()
        self._linger = LINGER
        self._done = _thread.allocate_lock()
        self._done.acquire()
        _widen(self._source)
        _widen(target)
        _thread.start_new_thread(self._work, ())

    def finish(self, linger: float = LINGER) -> None:
        """Return once everything that the command wrote has been copied.

        Call it when the command has ended; `linger` is in seconds.
        """
        self._linger = linger
        os.close(self._wake)
        self._done.acquire()

    def _work(self) -> None:
        try:
            self._pump()
        except OSError as error:
            if error.errno not in (errno.EPIPE, errno.ECONNRESET):
                self.error = error
        finally:
            os.close(self._source)
            self._done.release()

    def _pump(self) -> None:
        poll = select.poll()
        # Linux reports no HUP until a first writer has opened and closed the pipe.
        poll.register(self._source, select.POLLIN)
        poll.register(self._woken, 0)
        os.set_blocking(self._source, True)
        deadline: float | None = None
        # After the deadline we read what is left in the pipe, but no more: a writer may never end.
        rest = PIPE_SIZE
        move = byte_mover(self._source, self._target)
        while rest > 0:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready = {fd for fd, _ in poll.poll(None if left is None else left * 1000)}
            if self._woken in ready:
                poll.unregister(self._woken)
                deadline = time.monotonic() + self._linger
            if self._source in ready:
                moved = move()
                if not moved:
                    return
                if left == 0.0:
                    rest -= moved
            elif self._woken not in ready:
                return


def feed_input(source: int, path: str) -> None:
    """Copy our descriptor `source` into a run's pipe `path` in a thread.

    The pipe is closed at the end. Nobody waits for the thread: the command may end without reading
    everything.
    """
    _thread.start_new_thread(_feed, (source, path))


def write_all(target: int, data: bytes) -> None:
    """Write all of `data`, even if another process made the descriptor non-blocking."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(target, view) :]
        except BlockingIOError:
            select.select((), (target,), ())


def byte_mover(source: int, target: int) -> Callable[[], int]:
    """Return a function that moves the next bytes and returns their number; 0 at the end."""
    spliced = _is_spliceable(source) and _is_spliceable(target)

    def move() -> int:
        nonlocal spliced
        while True:
            try:
                if spliced:
                    return os.splice(source, target, PIPE_SIZE)
                data = os.read(source, PIPE_SIZE)
                write_all(target, data)
            except BlockingIOError:
                # Another process made one of the two non-blocking.
                select.select((source,), (), ())
                select.select((), (target,), ())
            except OSError as error:
                # The kernel cannot splice to files that are opened for appending.
                if not spliced or error.errno not in (errno.EINVAL, errno.ENOSYS, errno.EBADF):
                    raise
                spliced = False
            else:
                return len(data)

    return move


def _is_spliceable(fd: int) -> bool:
    """Return whether `splice` can be used for the descriptor.

    With a terminal or a socket the kernel keeps the pipe locked while it waits: a command that ends
    could not even close its end.
    """
    mode = os.fstat(fd).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _feed(source: int, path: str) -> None:
    try:
        # This waits until the command has opened its end.
        target = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return  # the command never started
    try:
        _widen(target)
        move = byte_mover(source, target)
        while move():
            pass
    except OSError:
        pass  # the command has closed its standard input, or ours cannot be read
    finally:
        os.close(target)


def _widen(fd: int) -> None:
    try:
        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
    except OSError:
        pass  # not a pipe, or the user has too many pipes: it works, but slower
