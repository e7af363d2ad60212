"""Bytes between named pipes of a run and our own descriptors, each pipe in a thread.

The kernel moves them (`splice`) where it can.
"""

from __future__ import annotations

import _thread  # `threading` would cost 2 ms, and `buildd exec` has no more use of it
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
"""Capacity asked of the kernel for pipes, and bytes moved at once."""

LINGER = 1.0
"""Seconds that output is still read after the command has ended, while a child that it left
behind holds the pipe open. As for tasks."""


class Output:
    """Moves what a run writes into the pipe `path` to our descriptor `target`."""

    def __init__(self, path: str, target: int) -> None:
        # Without O_NONBLOCK this would wait for a writer.
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
        """The command has ended: return once all that it wrote has been passed on."""
        self._linger = linger
        os.close(self._wake)
        self._done.acquire()

    def _work(self) -> None:
        try:
            self._pump()
        except OSError:
            # Nobody reads our output. The command learns it from its own pipe, as natively.
            pass
        finally:
            os.close(self._source)
            self._done.release()

    def _pump(self) -> None:
        poll = select.poll()
        # Not at its end before a writer has come and gone: Linux reports no HUP until then.
        poll.register(self._source, select.POLLIN)
        poll.register(self._woken, 0)
        os.set_blocking(self._source, True)
        deadline: float | None = None
        # What may still be in the pipe once the time is up; an endless writer gets no more.
        rest = PIPE_SIZE
        move = mover(self._source, self._target)
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


def feed(source: int, path: str) -> None:
    """Copy our descriptor `source` into a run's pipe `path` in a thread, and close that at the
    end. Nobody waits for it: the command may end without having read everything."""
    _thread.start_new_thread(_feed, (source, path))


def write_all(target: int, data: bytes) -> None:
    """Write everything, also to a descriptor that somebody made non-blocking."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(target, view) :]
        except BlockingIOError:
            select.select((), (target,), ())


def mover(source: int, target: int) -> Callable[[], int]:
    """A function that moves the next bytes and returns how many they were, 0 at the end."""
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
                # Somebody made one of the two non-blocking.
                select.select((source,), (), ())
                select.select((), (target,), ())
            except OSError as error:
                # Files opened for appending cannot be spliced to.
                if not spliced or error.errno not in (errno.EINVAL, errno.ENOSYS, errno.EBADF):
                    raise
                spliced = False
            else:
                return len(data)

    return move


def _is_spliceable(fd: int) -> bool:
    """Whether the kernel moves its bytes without keeping a pipe locked while it waits. It does so
    with a terminal or a socket: then a command that ends could not even close its end."""
    mode = os.fstat(fd).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _feed(source: int, path: str) -> None:
    try:
        # Waits until the command has opened its end.
        target = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return  # it never started
    try:
        _widen(target)
        move = mover(source, target)
        while move():
            pass
    except OSError:
        pass  # the command has closed its standard input, or ours is of no use
    finally:
        os.close(target)


def _widen(fd: int) -> None:
    try:
        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
    except OSError:
        pass  # not a pipe, or the user has many: slower, not wrong
