"""Reads what a container writes over the pipes `status` and `events`.

Whatever runs in the container can write there too. So lines have a limit, numbers have few digits,
and a line of another form is ignored. Pure.
"""

from __future__ import annotations

import re

LINE_LIMIT = 128
"""Bytes of a line; a longer one is ignored."""

_STARTED = re.compile(rb"started (\d{1,9})")
_EXIT = re.compile(rb"exit (\d{1,3})")
_TIME = rb"(\d{1,8})m(\d{1,2}(?:\.\d{1,9})?)s"
_TIMES = re.compile(_TIME + rb" " + _TIME)
"""A line of the shell's `times`: user and system."""

_TIMES_LINES = 2
"""The shell's own, and those of what it has waited for."""

_EVENT = re.compile(rb"(ready) \d{1,9} (yes|no)|(swept \w{1,64}) (\d{1,9})|(probed \w{1,64})")


class LineReader:
    """Cuts a stream of bytes into lines. It holds at most one line."""

    def __init__(self) -> None:
        self._partial = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that have ended, without those beyond the limit."""
        pieces = (self._partial + data).split(b"\n")
        # One byte beyond the limit is enough to know that the line is too long.
        self._partial = pieces.pop()[: LINE_LIMIT + 1]
        return [line for line in pieces if len(line) <= LINE_LIMIT]


class RunStatus:
    """What the status pipe of a run has said so far.

    `process` is the first process id that was named, or None. `exit_status` is 0 to 255, or None.
    `times` are seconds of processor time, user and system. `is_complete` says that nothing more is
    to come.
    """

    def __init__(self) -> None:
        self.process: int | None = None
        self.exit_status: int | None = None
        self.times = 0.0, 0.0
        self._times_lines = 0
        self._lines = LineReader()

    @property
    def is_complete(self) -> bool:
        """Whether nothing more is to come."""
        return self._times_lines >= _TIMES_LINES

    def feed(self, data: bytes) -> None:
        """Read the next bytes."""
        for line in self._lines.feed(data):
            self._read(line)

    def _read(self, line: bytes) -> None:
        if found := _TIMES.fullmatch(line):
            user, user_rest, system, system_rest = map(float, found.groups())
            self.times = 60 * user + user_rest, 60 * system + system_rest
            self._times_lines += 1
        elif found := _STARTED.fullmatch(line):
            # A signal to process group 0 or 1 would reach others.
            if self.process is None and int(found[1]) > 1:
                self.process = int(found[1])
        elif (found := _EXIT.fullmatch(line)) and int(found[1]) <= 255:
            self.exit_status = int(found[1])


def event(line: bytes) -> tuple[str, str] | None:
    """Return what a line of the pipe `events` answers and the answer, or None if it is no answer.

    They are (`ready`, `yes` or `no`), (`swept ID`, a number), or (`probed ID`, empty).
    """
    found = _EVENT.fullmatch(line)
    if not found:
        return None
    key, value = found[1] or found[3] or found[5], found[2] or found[4] or b""
    return key.decode(), value.decode()
