"""This module finds an environment's pseudo-terminal multiplexer from the host.

A client opens it as programs in the container do, and then holds the other end of a terminal of
the environment. Input and output go through the kernel only. Source: pts(4).
"""

from __future__ import annotations

import os

MULTIPLEXER = os.path.realpath("/dev/ptmx")
"""The host's multiplexer; in a container /dev/ptmx is usually a link to pts/ptmx."""

_DEVICE = os.makedev(5, 2)


def multiplexer(process: int, token: str) -> str:
    """Return the path of the multiplexer in an environment, or empty if the host cannot use it.

    `process` is the id, on this host, of the supervisor with this token. The result is empty for
    a process of another user or of another machine. It reads /proc.
    """
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            # If the engine is on another machine, this id belongs to some other process here.
            if token.encode() not in file.read().split(b"\0"):
                return ""
        # A terminal belongs to the user who opened it, who must be the user of the runs.
        if os.stat(f"/proc/{process}").st_uid != os.geteuid():
            return ""
        for name in ("pts/ptmx", "ptmx"):
            path = f"/proc/{process}/root/dev/{name}"
            if os.lstat(path).st_rdev == _DEVICE and os.access(path, os.R_OK | os.W_OK):
                return path
    except OSError:
        pass
    return ""
