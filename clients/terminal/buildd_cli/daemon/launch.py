"""Start the daemon; when several clients want it at once, only one of them starts it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from buildd.base.file_lock import locked
from buildd.errors import BuilddError
from buildd.paths import log_path, runtime_dir
from buildd_cli.daemon.lifecycle import peer

_started: list[subprocess.Popen[bytes]] = []
"""The daemons that this process started. They may outlive it, and nobody waits for them."""


def launch(open_socket: Callable[[], socket.socket | None], timeout: float) -> socket.socket:
    """Start the daemon unless another client just did; return a connected socket.

    `open_socket` returns one, or None while no daemon listens. Raises LaunchError with the end of
    the daemon's log if the daemon does not accept connections within `timeout` seconds.
    """
    with starting():
        return open_socket() or _start(open_socket, timeout)


@contextmanager
def starting() -> Iterator[None]:
    """Start no daemon anywhere else meanwhile; wait until nobody else does."""
    with locked(os.path.join(runtime_dir(), "start.lock")):
        yield


def reap() -> None:
    """Collect the exit status of daemons that we started and that have ended."""
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
                # Another daemon was there first. Ours must not come up when that one stops.
                child.kill()
                child.wait()
            return connected
        status = child.poll()
        if status == 0:
            # An earlier daemon is still stopping and holds the lock.
            child = _spawn(log)
        elif status is not None:
            raise _failure(f"the daemon ended with exit status {status}", log, begin)
        time.sleep(wait)
        wait = min(wait * 1.5, 0.05)
    raise _failure(f"the daemon did not start within {timeout:.0f} s", log, begin)


def _spawn(log: str) -> subprocess.Popen[bytes]:
    reap()
    with open(log, "ab") as output:
        child = subprocess.Popen(
            # -P: a directory named `buildd` in the current one must not be taken for the package.
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
    """The daemon does not start. `output` is the end of what it logged."""

    def __init__(self, message: str, remedy: str, *, output: str) -> None:
        super().__init__(message, remedy)
        self.output = output
