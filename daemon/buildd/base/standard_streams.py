"""The standard streams of a process that was started with some of them closed."""

from __future__ import annotations

import os
import sys


def open_closed_streams() -> None:
    """Open the null device for each standard stream that is closed.

    Otherwise the next file or socket that is opened gets the number of a standard stream. Python
    has None for a stream that was closed at its start, and `print` to None writes to another one.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
            # So that it is open in the processes that we start, too.
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
