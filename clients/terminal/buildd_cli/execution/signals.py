"""Pass on the signals that we receive to the run that we wait for."""

from __future__ import annotations

import os
import sys

from buildd_cli.c_modules import signal

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    from types import FrameType

    from buildd_cli.daemon.connection import Connection

FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that end a run."""


class SignalForwarder:
    """A context in which signals cancel a request.

    The first signal cancels the request, the second kills its run, and the third ends this process,
    which cancels the run too. If the run's id is not known yet, the second ends the process.

    `first_signal` is the number of the first signal, or 0. The caller sets `run` to the run's id
    once it is known, and `ended` once there is nothing left to cancel: from then on a signal ends
    the process.
    """

    def __init__(self, connection: Connection, request: int, project: str) -> None:
        self.first_signal = 0
        self.run = ""
        self.ended = False
        self._connection = connection
        self._request = request
        self._project = project
        self._count = 0
        self._previous: list[tuple[int, object]] = []
        """The handlers to restore, by signal."""

    def __enter__(self) -> SignalForwarder:
        for number in FORWARDED:
            previous = signal.getsignal(number)
            # What our parent had ignored (nohup, a shell's background job) stays ignored.
            if previous is not signal.SIG_IGN:
                self._previous.append((number, previous))
                signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        for number, previous in self._previous:
            signal.signal(number, previous)  # type: ignore[arg-type]  # as getsignal returned it

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        # Runs in the main thread, which only reads from the connection meanwhile.
        self._count += 1
        self.first_signal = self.first_signal or number
        if self.ended:
            raise KeyboardInterrupt
        if self._count == 1:
            self._connection.notify("$/cancelRequest", id=self._request)
            if number == signal.SIGINT and os.isatty(2):
                print("\nbuildd: cancelling; press Ctrl-C again to kill", file=sys.stderr)
        elif self._count == 2 and self.run:
            self._connection.start("buildd/cancel", project=self._project, run=self.run, kill=True)
        else:
            raise KeyboardInterrupt
