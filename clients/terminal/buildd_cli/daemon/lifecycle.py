"""Find the user's daemon, start it if there is none, and stop it."""

from __future__ import annotations

import os
import sys
import time

from buildd import __version__
from buildd.errors import BuilddError, BusyError
from buildd.paths import build_id, lock_path, log_path, socket_path
from buildd_cli.c_modules import socket
from buildd_cli.daemon.connection import ClosedError, Connection, DaemonError

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    from typing import Any

PROTOCOL_VERSION = 1
"""The same as in `buildd.protocol`, whose import would be slow; a test holds them equal."""

START_TIMEOUT = 10.0
"""Seconds in which a daemon that was started must accept connections."""

ANSWER_TIMEOUT = 20.0
"""Seconds in which it must answer. It binds its socket before its slow imports."""

STOP_TIMEOUT = 20.0
"""Seconds in which a daemon that was told to stop must end."""

"""The error code with which a daemon refuses to stop while runs are in progress."""

VARIABLES = (
    "BUILDD_IDLE_STOP",
    "BUILDD_IDLE_TIMEOUT",
    "BUILDD_LOG",
    "BUILDD_MAX_RUNS",
    "BUILDD_MAX_WARM",
)
"""Those that only the daemon reads, when it starts; a test holds them equal to its own."""


def connect(*, tell: bool = True) -> Connection:
    """Connect to a daemon that speaks our protocol; start one if there is none.

    An older daemon is replaced if it is idle. If it is in use, we use it and print a warning.
    `tell` says whether the user is told about variables that the daemon does not follow.
    Raises BuilddError.
    """
    deadline = time.monotonic() + START_TIMEOUT
    build = build_id()
    may_replace = True
    while True:
        connected = open_socket()
        if connected is None:
            from buildd_cli.daemon.launch import launch

            connected = launch(open_socket, START_TIMEOUT)
        connection = Connection(connected)
        try:
            hello = greet(connection, build)
            if _is_usable(connection, hello, build, may_replace=may_replace):
                for remark in hello.get("remarks", ()) if tell else ():
                    print(f"buildd: {remark}", file=sys.stderr)
                return connection
            may_replace = False  # a service manager may start the same one again
        except ClosedError:
            # It was stopping just as we connected.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        connection.close()


def connect_running() -> tuple[Connection, dict[str, Any]] | None:
    """Connect to the running daemon; return None if no daemon is running.

    Returns the connection and the daemon's answer to `buildd/hello`.
    """
    connected = open_socket() if may_run() else None
    if connected is None:
        return None
    connection = Connection(connected)
    try:
        return connection, greet(connection, build_id())
    except ClosedError:
        connection.close()
        return None


def open_socket() -> socket.socket | None:
    """Return a connected socket, or None if no daemon listens.

    Raises BuilddError if the socket belongs to another user or cannot be connected to.
    """
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
            f"cannot connect to the socket {path}: {error.strerror}",
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
    """Return the process id and the user id of the other end."""
    credentials = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid, uid = (int.from_bytes(credentials[at : at + 4], sys.byteorder) for at in (0, 4))
    return pid, uid


def daemon_pid(connected: socket.socket) -> int:
    """The daemon's process id. Not always the other end's, which is who made the socket: that may
    be a service manager."""
    return _lock_holder() or peer(connected)[0]


def may_run() -> bool:
    """Whether there is a daemon, as far as can be told without connecting, by which a service
    manager would start one."""
    holder = _lock_holder()
    if not holder:
        return True  # an older daemon writes no process id
    try:
        os.kill(holder, 0)
    except OSError:
        return False  # it has ended, and the number may be another user's process by now
    return True


def greet(connection: Connection, build: int) -> dict[str, Any]:
    """Send `buildd/hello` and return the answer. `build` is our own build id.

    Raises ClosedError if the daemon is stopping, BuilddError if it does not answer in time.
    """
    connection.socket.settimeout(ANSWER_TIMEOUT)
    try:
        answer: dict[str, Any] = connection.request(
            "buildd/hello",
            version=__version__,
            build=build,
            client="terminal",
            variables={name: os.environ[name] for name in VARIABLES if name in os.environ},
        )
    except TimeoutError as error:
        pid = daemon_pid(connection.socket)
        raise BuilddError(
            f"the daemon (process {pid}) does not answer",
            f"Stop it with `buildd daemon stop --force`. Its log is {log_path()}.",
        ) from error
    connection.socket.settimeout(None)
    return answer


def stop(connection: Connection, *, force: bool = False) -> None:
    """Stop the daemon and wait until it has ended. Raises DaemonError if it refuses."""
    connection.socket.settimeout(STOP_TIMEOUT)
    try:
        connection.request("buildd/stop", force=force)
        while connection.receive() is not None:
            pass
    except ClosedError:
        pass
    except TimeoutError as error:
        pid = daemon_pid(connection.socket)
        raise BuilddError(
            f"the daemon (process {pid}) does not stop", "Run `buildd daemon stop --force`."
        ) from error
    wait_until_gone()


def wait_until_gone() -> None:
    """Return once no daemon holds the lock. Raises BuilddError after STOP_TIMEOUT."""
    from buildd.base.file_lock import try_lock  # here: most commands start without it

    deadline = time.monotonic() + STOP_TIMEOUT
    while (lock := try_lock(lock_path())) is None:
        if time.monotonic() > deadline:
            raise BuilddError("the daemon does not stop", "Run `buildd daemon stop --force`.")
        time.sleep(0.005)
    os.close(lock)


def _lock_holder() -> int:
    """Return the process id of the daemon that locked the file last; 0 if it is not known."""
    try:
        with open(lock_path(), "rb") as file:
            return int(file.read(20))
    except (FileNotFoundError, ValueError):
        return 0


def _is_usable(
    connection: Connection, hello: dict[str, Any], build: int, *, may_replace: bool
) -> bool:
    """Return whether to use this daemon; False if it was older and idle, and has been stopped."""
    ours = (_numbers(__version__), build)
    theirs = (_numbers(hello["version"]), hello["build"])
    same_protocol = hello["protocol"] == PROTOCOL_VERSION
    if theirs < ours:
        if hello["busy"] == 0 and may_replace:
            try:
                stop(connection)
            except DaemonError as error:
                if error.code != BusyError.code:
                    raise
                connection.socket.settimeout(None)
            else:
                return False
        if same_protocol:
            remedy = "in use. `buildd daemon restart --force` replaces it and ends its runs."
            if not may_replace:
                remedy = "systemd starts it again. `buildd daemon install` replaces it."
            print(
                f"buildd: the running daemon ({hello['version']}) is older than this command, and "
                + remedy,
                file=sys.stderr,
            )
    if not same_protocol:
        raise BuilddError(
            f"the running daemon ({hello['version']}) and this command ({__version__}) use "
            "different versions of the protocol",
            "Run `buildd daemon restart --force`; it ends all runs.",
        )
    return True


def _numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version: (0, 10, 1) for `0.10.1.dev3`."""
    numbers = []
    for part in version.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)
