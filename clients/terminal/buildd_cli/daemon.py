"""Finding the user's daemon, starting it where there is none, and ending it."""

from __future__ import annotations

import os
import sys
import time

from buildd import __version__
from buildd.errors import BuilddError, BusyError
from buildd.paths import build_id, log_path, runtime_dir, socket_path
from buildd_cli.connection import ClosedError, Connection, DaemonError
from buildd_cli.lean import socket

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    from typing import Any

PROTOCOL_VERSION = 1
"""As in `buildd.protocol`, whose import would cost; a test holds them equal."""

START_TIMEOUT = 10.0
"""Seconds until a daemon that was started must accept connections."""

ANSWER_TIMEOUT = 20.0
"""Seconds until it must have answered; it binds its socket before its slow imports."""

STOP_TIMEOUT = 20.0
"""Seconds until a daemon that was told to stop must have gone."""


def connect() -> Connection:
    """A connection to a daemon that understands us, started if there is none.

    An older daemon that nobody uses is replaced; one in use is used with a warning.
    """
    deadline = time.monotonic() + START_TIMEOUT
    build = build_id()
    while True:
        connected = open_socket()
        if connected is None:
            from buildd_cli.launch import launch

            connected = launch(open_socket, START_TIMEOUT)
        connection = Connection(connected)
        try:
            if _is_usable(connection, greet(connection, build), build):
                return connection
        except ClosedError:
            # It was leaving just as we came.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        connection.close()


def connect_running() -> tuple[Connection, dict[str, Any]] | None:
    """A connection to the daemon that runs, with its answer to our greeting; None without one."""
    connected = open_socket()
    if connected is None:
        return None
    connection = Connection(connected)
    try:
        return connection, greet(connection, build_id())
    except ClosedError:
        connection.close()
        return None


def open_socket() -> socket.socket | None:
    """A connected socket; None if no daemon listens. Refuses other users' sockets."""
    path = socket_path()
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connected.connect(path)
    except (FileNotFoundError, ConnectionRefusedError):
        connected.close()
        return None
    except OSError as error:
        connected.close()
        raise BuilddError(
            f"the socket {path} cannot be connected to: {error.strerror}",
            "Remove it, or set BUILDD_RUNTIME_DIR to another directory.",
        ) from error
    _, uid = peer(connected)
    if uid != os.getuid():
        connected.close()
        raise BuilddError(
            f"the daemon at {path} belongs to another user (uid {uid})",
            "Set BUILDD_RUNTIME_DIR to a directory of your own.",
        )
    return connected


def peer(connected: socket.socket) -> tuple[int, int]:
    """The process id and the user id at the other end."""
    credentials = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid, uid = (int.from_bytes(credentials[at : at + 4], sys.byteorder) for at in (0, 4))
    return pid, uid


def greet(connection: Connection, build: int) -> dict[str, Any]:
    """The handshake: who answers. `build` is ours. Raises ClosedError where the daemon is
    leaving."""
    connection.socket.settimeout(ANSWER_TIMEOUT)
    try:
        answer: dict[str, Any] = connection.request(
            "buildd/hello", version=__version__, build=build, client="terminal"
        )
    except TimeoutError as error:
        pid, _ = peer(connection.socket)
        raise BuilddError(
            f"the daemon (process {pid}) does not answer",
            "End it with `buildd daemon stop --force`; its log is " + log_path() + ".",
        ) from error
    connection.socket.settimeout(None)
    return answer


def stop(connection: Connection, *, force: bool = False) -> None:
    """End the daemon and wait until it has gone. Raises DaemonError where it refuses."""
    connection.socket.settimeout(STOP_TIMEOUT)
    try:
        connection.request("buildd/stop", force=force)
        while connection.receive() is not None:
            pass
    except ClosedError:
        pass
    except TimeoutError as error:
        pid, _ = peer(connection.socket)
        raise BuilddError(
            f"the daemon (process {pid}) does not stop", "Run `buildd daemon stop --force`."
        ) from error
    wait_until_gone()


def wait_until_gone() -> None:
    """Return once no daemon holds the lock."""
    from buildd.base.file_lock import try_lock  # here: most commands start without it

    path = os.path.join(runtime_dir(), "daemon.lock")
    deadline = time.monotonic() + STOP_TIMEOUT
    while (lock := try_lock(path)) is None:
        if time.monotonic() > deadline:
            raise BuilddError("the daemon does not end", "Run `buildd daemon stop --force`.")
        time.sleep(0.005)
    os.close(lock)


def _is_usable(connection: Connection, hello: dict[str, Any], build: int) -> bool:
    """Whether to go on with this daemon; False if it was replaceable and has been stopped."""
    ours = (_numbers(__version__), build)
    theirs = (_numbers(hello["version"]), hello["build"])
    same_protocol = hello["protocol"] == PROTOCOL_VERSION
    if theirs < ours:
        if hello["busy"] == 0:
            try:
                stop(connection)
            except DaemonError as error:
                if error.code != BusyError.code:
                    raise
                connection.socket.settimeout(None)
            else:
                return False
        if same_protocol:
            print(
                f"buildd: the running daemon ({hello['version']}) is older than this command and "
                "busy; `buildd daemon restart --force` replaces it.",
                file=sys.stderr,
            )
    if not same_protocol:
        raise BuilddError(
            f"the running daemon ({hello['version']}) and this command ({__version__}) do not "
            "understand each other",
            "Run `buildd daemon restart --force`, which ends what runs.",
        )
    return True


def _numbers(version: str) -> tuple[int, ...]:
    """`0.10.1.dev3` as (0, 10, 1); what is no number ends it."""
    numbers = []
    for part in version.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)
