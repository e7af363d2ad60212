"""A pseudo-terminal of the environment, and our own terminal before it.

The client holds the master's end itself: no byte passes through the daemon or the engine.
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
from buildd_cli.pumps import LINGER, write_all

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable

# From <asm-generic/ioctls.h>; Python's termios module does not have them.
_TIOCGPTN = 0x80045430
_TIOCSPTLCK = 0x40045431

_DEVICE = os.makedev(5, 2)

_END = b"\x04"
"""What a terminal's line discipline takes for the end of input (VEOF)."""

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
    """Whether it is our controlling terminal, and we may read from it without being stopped."""
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return False


class PseudoTerminal:
    """One terminal of an environment, made by opening its `multiplexer`."""

    def __init__(self, multiplexer: str) -> None:
        flags = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            self._master = os.open(multiplexer, flags)
            if os.fstat(self._master).st_rdev != _DEVICE:
                raise OSError(errno.ENODEV, "it is another device")
            fcntl.ioctl(self._master, _TIOCSPTLCK, (0).to_bytes(4, sys.byteorder))
            number = fcntl.ioctl(self._master, _TIOCGPTN, bytes(4))
        except OSError as error:
            raise BuilddError(
                f"no terminal of the environment can be opened: {error.strerror}",
                "`-T` does without one.",
            ) from error
        self.name = f"/dev/pts/{int.from_bytes(number, sys.byteorder)}"
        """Its other end, as the environment sees it."""
        self._typed = bytearray()
        self._input_open = True
        self._output_open = True
        self._last = b"\n"

    def resemble(self, fd: int) -> None:
        """Take over the modes and the size of our terminal `fd`."""
        termios.tcsetattr(self._master, termios.TCSANOW, termios.tcgetattr(fd))
        self.resize(fd)

    def make_raw(self) -> None:
        """Let it pass everything on as it is."""
        _make_raw(self._master)

    def resize(self, fd: int) -> None:
        """Take over the size; the programs inside hear of it if it is another."""
        try:
            size = fcntl.ioctl(fd, termios.TIOCGWINSZ, bytes(8))
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)
        except OSError:
            pass  # it has gone, and so will we

    def move(self, until: int, on_ready: Callable[[], bool]) -> None:
        """Move bytes between it and our standard input and output. Whenever the descriptor
        `until` is readable, `on_ready` is called; once it says True, what was written up to then
        is still passed on."""
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
                return  # silent for so long: somebody whom the command left behind holds it
            if until in ready and on_ready():
                deadline = time.monotonic() + LINGER
                self._input_open = False

    def close(self) -> None:
        """Let go of it: what still runs in it gets SIGHUP."""
        os.close(self._master)

    def _read_input(self) -> None:
        try:
            data = os.read(0, _CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""  # our terminal has gone
        if data:
            self._last = data[-1:]
            self._typed += data
        else:
            self._input_open = False
            # In the middle of a line, the first one ends only that.
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
            # EIO: nobody has the other end open any more. Or our own output has no reader, which
            # the programs inside learn by SIGHUP.
            self._output_open = False
            self._typed.clear()


class RawMode:
    """While entered, our terminal hands on what is typed as it is, and `on_resize` hears of its
    new sizes. However it ends, the terminal is left as it was."""

    def __init__(self, fd: int, on_resize: Callable[[], None]) -> None:
        self._fd = fd
        self._on_resize = on_resize
        self._before = termios.tcgetattr(fd)

    def __enter__(self) -> RawMode:
        _make_raw(self._fd)
        signal.signal(signal.SIGWINCH, lambda *_: self._on_resize())
        # Whoever stopped and continued us had the terminal meanwhile.
        signal.signal(signal.SIGCONT, lambda *_: self._continued())
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGWINCH, signal.SIG_DFL)
        signal.signal(signal.SIGCONT, signal.SIG_DFL)
        try:
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)
        except termios.error:
            pass  # it has gone

    def _continued(self) -> None:
        if is_foreground_terminal(self._fd):
            _make_raw(self._fd)
            self._on_resize()


def _make_raw(fd: int) -> None:
    modes = termios.tcgetattr(fd)
    for index, off in enumerate(_RAW_OFF):
        modes[index] &= ~off
    modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
    termios.tcsetattr(fd, termios.TCSADRAIN, modes)
