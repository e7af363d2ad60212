"""Signals to us while a run is under way: passed on to the run, which we then see end."""

from __future__ import annotations

import os
import sys

from buildd_cli.lean import signal

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    from types import FrameType

    from buildd_cli.connection import Connection

FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """While entered, the first signal cancels the request, a second kills its run, and a third
    (or a second, before the run is known) ends us, which cancels what is ours too.

    `first` is the number of the first signal, 0 without one. The caller sets `run` once it is
    known, and `ended` once there is nothing left to cancel: from then on a signal ends us.
    """

    def __init__(self, connection: Connection, request: int, project: str) -> None:
        self.first = 0
        self.run = ""
        self.ended = False
        self._connection = connection
        self._request = request
        self._project = project
        self._count = 0
        self._before: list[tuple[int, object]] = []

    def __enter__(self) -> Interrupts:
        for number in FORWARDED:
            before = signal.getsignal(number)
            # What our parent had ignored (nohup, a shell's background job) stays ignored.
            if before is not signal.SIG_IGN:
                self._before.append((number, before))
                signal.signal(number, self._arrived)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before:
            signal.signal(number, before)  # type: ignore[arg-type]  # as getsignal gave it

    def _arrived(self, number: int, _: FrameType | None) -> None:
        # In the main thread, which only reads from the connection meanwhile.
        self._count += 1
        self.first = self.first or number
        if self.ended:
            raise KeyboardInterrupt
        if self._count == 1:
            self._connection.notify("$/cancelRequest", id=self._request)
            if number == signal.SIGINT and os.isatty(2):
                print("\nbuildd: cancelling; once more to kill", file=sys.stderr)
        elif self._count == 2 and self.run:
            self._connection.start("buildd/cancel", project=self._project, run=self.run, kill=True)
        else:
            raise KeyboardInterrupt
