"""Starting the daemon, by one of any number of clients that want it at once."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from buildd.base.file_lock import locked
from buildd.errors import BuilddError
from buildd.paths import log_path, runtime_dir
from buildd_cli.daemon import peer

_started: list[subprocess.Popen[bytes]] = []
"""The daemons we started; they may outlive us, and nobody waits for them."""


def launch(open_socket: Callable[[], socket.socket | None], timeout: float) -> socket.socket:
    """Start the daemon unless another client just did; a connected socket.

    `open_socket` gives one, or None while nobody listens. Raises BuilddError with the end of the
    daemon's log if it does not come up within `timeout` seconds.
    """
    with locked(os.path.join(runtime_dir(), "start.lock")):
        return open_socket() or _start(open_socket, timeout)


def reap() -> None:
    """Leave no zombie of a daemon that we started and that has ended before us."""
    _started[:] = [child for child in _started if child.poll() is None]


def _start(open_socket: Callable[[], socket.socket | None], timeout: float) -> socket.socket:
    log = log_path()
    begin = os.path.getsize(log) if os.path.exists(log) else 0
    deadline = time.monotonic() + timeout
    child = _spawn(log)
    wait = 0.002
    while time.monotonic() < deadline:
        if connected := open_socket():
            if peer(connected)[0] != child.pid:
                # Another was there after all. Ours must not come up once that one leaves.
                child.kill()
                child.wait()
            return connected
        status = child.poll()
        if status == 0:
            # An earlier daemon still holds the lock, on its way out.
            child = _spawn(log)
        elif status is not None:
            raise _failure(f"the daemon ended with exit status {status}", log, begin)
        time.sleep(wait)
        wait = min(wait * 1.5, 0.05)
    raise _failure(f"the daemon did not come up within {timeout:.0f} s", log, begin)


def _spawn(log: str) -> subprocess.Popen[bytes]:
    reap()
    with open(log, "ab") as output:
        child = subprocess.Popen(
            # -P: a directory named `buildd` where we stand must not be taken for the package.
            [sys.executable, "-P", "-m", "buildd"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
        )
    _started.append(child)
    return child


def _failure(message: str, log: str, begin: int) -> LaunchError:
    with open(log, "rb") as file:
        file.seek(begin)
        said = file.read()[-4096:].decode(errors="replace")
    return LaunchError(message, f"Its log is {log}.", output=said)


class LaunchError(BuilddError):
    """The daemon does not come up; `output` is what it said."""

    def __init__(self, message: str, remedy: str, *, output: str) -> None:
        super().__init__(message, remedy)
        self.output = output
