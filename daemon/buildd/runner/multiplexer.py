"""An environment's own pseudo-terminal multiplexer, reached from the host.

A client opens it as the programs inside would, and so holds the other end of a terminal of the
environment: what is typed and shown goes through nobody's hands but the kernel's.
"""

from __future__ import annotations

import os

MULTIPLEXER = os.path.realpath("/dev/ptmx")
"""This machine's own; in a container, what the link there leads to."""

_DEVICE = os.makedev(5, 2)


def multiplexer(process: int, token: str) -> str:
    """The path of the multiplexer of the environment in which the supervisor with this token is
    `process` (its id here); empty where there is no way, as for another user's or another
    machine's processes. Reads /proc."""
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            # An engine on another machine has process ids of its own.
            if token.encode() not in file.read().split(b"\0"):
                return ""
        # A terminal belongs to who opened it: it must be the user that the runs have.
        if os.stat(f"/proc/{process}").st_uid != os.geteuid():
            return ""
        for name in ("pts/ptmx", "ptmx"):
            path = f"/proc/{process}/root/dev/{name}"
            if os.lstat(path).st_rdev == _DEVICE and os.access(path, os.R_OK | os.W_OK):
                return path
    except OSError:
        pass
    return ""
