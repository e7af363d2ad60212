"""A pseudo-terminal in the environment, connected to our own terminal.

This process holds the master end itself: no byte passes through the daemon or the engine.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import signal
import sys
import termios
import time

from buildd.errors import BuilddError
from buildd_cli.execution.pipes import LINGER, write_all

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable

# From <asm-generic/ioctls.h>; Python's termios module does not have them.
_TIOCGPTN = 0x80045430
_TIOCSPTLCK = 0x40045431

_DEVICE = os.makedev(5, 2)

_END = b"\x04"
"""The character that a terminal takes for the end of input (VEOF)."""

_CHUNK = 1 << 16

_RAW_OFF = (
    termios.IGNBRK
    | termios.BRKINT
    | termios.PARMRK
    | termios.ISTRIP
    | termios.INLCR
    | termios.IGNCR
    | termios.ICRNL
    | termios.IXON,
    termios.OPOST,
    0,
    termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN,
)


def is_foreground_terminal(fd: int) -> bool:
    """Return whether this is our controlling terminal, and reading from it does not stop us."""
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return False


class PseudoTerminal:
    """A terminal of an environment, made by opening the environment's `multiplexer` device.

    Raises BuilddError if that is not possible.
    """

    def __init__(self, multiplexer: str) -> None:
        flags = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            self._master = os.open(multiplexer, flags)
            if os.fstat(self._master).st_rdev != _DEVICE:
                raise OSError(errno.ENODEV, "it is not a terminal multiplexer")
            fcntl.ioctl(self._master, _TIOCSPTLCK, (0).to_bytes(4, sys.byteorder))
            number = fcntl.ioctl(self._master, _TIOCGPTN, bytes(4))
        except OSError as error:
            raise BuilddError(
                f"cannot open a terminal in the environment: {error.strerror}",
                "Use `-T` to run without.",
            ) from error
        self.name = f"/dev/pts/{int.from_bytes(number, sys.byteorder)}"
        """The path of the other end, in the environment."""
        self._typed = bytearray()
        self._input_open = True
        self._output_open = True
        self._last = b"\n"

    def copy_settings(self, fd: int) -> None:
        """Copy the modes and the size of our terminal `fd`."""
        termios.tcsetattr(self._master, termios.TCSANOW, termios.tcgetattr(fd))
        self.resize(fd)

    def make_raw(self) -> None:
        """Have it pass on everything unchanged."""
        _make_raw(self._master)

    def resize(self, fd: int) -> None:
        """Copy the size of our terminal `fd`; the programs inside are told if it changed."""
        try:
            size = fcntl.ioctl(fd, termios.TIOCGWINSZ, bytes(8))
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)
        except OSError:
            pass  # our terminal has closed, and we are about to end

    def relay(self, until: int, on_ready: Callable[[], bool]) -> None:
        """Move bytes between this terminal and our standard input and output.

        `on_ready` is called whenever the descriptor `until` is readable. When it returns True, the
        output written so far is still passed on, and then this returns.
        """
        deadline: float | None = None
        while deadline is None or self._output_open:
            if deadline is not None and time.monotonic() > deadline:
                return
            poll = select.poll()
            if deadline is None:
                poll.register(until, select.POLLIN)
            if self._input_open and len(self._typed) < _CHUNK:
                poll.register(0, select.POLLIN)
            if self._output_open:
                events = select.POLLIN | (select.POLLOUT if self._typed else 0)
                poll.register(self._master, events)
            ready = dict(poll.poll(None if deadline is None else 1000 * LINGER))
            if 0 in ready:
                self._read_input()
            if self._master in ready:
                self._move_output(ready[self._master])
            elif deadline is not None:
                return  # no output for so long: a process left behind keeps the terminal open
            if until in ready and on_ready():
                deadline = time.monotonic() + LINGER
                self._input_open = False

    def close(self) -> None:
        """Close it; the processes that still run in it get SIGHUP."""
        os.close(self._master)

    def _read_input(self) -> None:
        try:
            data = os.read(0, _CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""  # our terminal has closed
        if data:
            self._last = data[-1:]
            self._typed += data
        else:
            self._input_open = False
            # In the middle of a line, the first VEOF only ends the line.
            self._typed += _END if self._last == b"\n" else 2 * _END

    def _move_output(self, events: int) -> None:
        try:
            if self._typed and events & select.POLLOUT:
                del self._typed[: os.write(self._master, self._typed)]
            if events & (select.POLLIN | select.POLLHUP):
                write_all(1, os.read(self._master, _CHUNK))
        except BlockingIOError:
            pass
        except OSError:
            # EIO: no process has the other end open any more. Or nobody reads our output; the
            # programs inside then get SIGHUP.
            self._output_open = False
            self._typed.clear()


class RawMode:
    """A context in which our terminal `fd` passes on every key unchanged.

    `on_resize` is called when its size changes. The terminal's modes are restored at the end.
    """

    def __init__(self, fd: int, on_resize: Callable[[], None]) -> None:
        self._fd = fd
        self._on_resize = on_resize
        self._previous = termios.tcgetattr(fd)

    def __enter__(self) -> RawMode:
        _make_raw(self._fd)
        signal.signal(signal.SIGWINCH, lambda *_: self._on_resize())
        # While we were stopped, the shell may have changed the modes.
        signal.signal(signal.SIGCONT, lambda *_: self._on_continue())
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGWINCH, signal.SIG_DFL)
        signal.signal(signal.SIGCONT, signal.SIG_DFL)
        try:
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._previous)
        except termios.error:
            pass  # the terminal has closed

    def _on_continue(self) -> None:
        if is_foreground_terminal(self._fd):
            _make_raw(self._fd)
            self._on_resize()


def _make_raw(fd: int) -> None:
    modes = termios.tcgetattr(fd)
    for index, off in enumerate(_RAW_OFF):
        modes[index] &= ~off
    modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
    termios.tcsetattr(fd, termios.TCSADRAIN, modes)
