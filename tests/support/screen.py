"""A program in a terminal of its own, and what a person would see of it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

import pexpect
import pyte

from tests.support.daemon import TIMEOUT


class _Screen(pyte.Screen):
    def select_graphic_rendition(self, *attributes: int, private: bool = False) -> None:
        """Without what vim asks xterm's keyboard for."""
        if not private:
            super().select_graphic_rendition(*attributes)


class Screen:
    """A command in a terminal of `rows` and `columns`."""

    def __init__(
        self,
        *command: str,
        cwd: str,
        env: Mapping[str, str],
        rows: int = 24,
        columns: int = 80,
    ) -> None:
        self.child: pexpect.spawn[bytes] = pexpect.spawn(
            command[0],
            list(command[1:]),
            cwd=cwd,
            env={**env, "TERM": "xterm-256color"},
            dimensions=(rows, columns),
            timeout=TIMEOUT,
        )
        self._screen = _Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    def text(self) -> str:
        """What is on the screen now."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def colour(self, row: int, column: int) -> str:
        """The foreground colour of a character, as pyte names it."""
        return str(self._screen.buffer[row][column].fg)

    def until(self, text: str) -> str:
        """Wait until the text is on the screen; the whole screen."""
        deadline = time.monotonic() + TIMEOUT
        while text not in self.text():
            assert time.monotonic() < deadline, f"{text!r} did not come:\n{self.text()}"
            self.read()
        return self.text()

    def until_gone(self, text: str) -> str:
        """Wait until the text is not on the screen any more; the whole screen."""
        deadline = time.monotonic() + TIMEOUT
        while text in self.text():
            assert time.monotonic() < deadline, f"{text!r} did not go:\n{self.text()}"
            self.read()
        return self.text()

    def type(self, text: str) -> None:
        self.child.send(text)

    def resize(self, rows: int, columns: int) -> None:
        self._screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def end(self) -> int:
        """Wait until it has ended; its exit status, 128+n for signal n."""
        deadline = time.monotonic() + TIMEOUT
        while not self.child.eof() and self.read():
            assert time.monotonic() < deadline, f"it does not end:\n{self.text()}"
        self.child.close()
        if self.child.exitstatus is not None:
            return int(self.child.exitstatus)
        return 128 + int(self.child.signalstatus or 0)

    def leave(self) -> None:
        """Close the terminal, as a person closes a window."""
        os.dup2(os.open(os.devnull, os.O_RDWR), self.child.child_fd)

    def read(self) -> bool:
        """Take in what there is; False at the end."""
        try:
            self._stream.feed(self.child.read_nonblocking(1 << 16, timeout=0.05))
        except pexpect.TIMEOUT:
            pass
        except pexpect.EOF:
            return False
        return True
