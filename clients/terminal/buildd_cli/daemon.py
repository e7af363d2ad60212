"""Finding the user's daemon, starting it where there is none, and ending it."""

from __future__ import annotations

import os
import sys
import time

from buildd import __version__
from buildd.errors import BuilddError
from buildd.paths import build_id, log_path, socket_of_owner, socket_path
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

BUSY = -32008

VARIABLES = (
    "BUILDD_IDLE_STOP",
    "BUILDD_IDLE_TIMEOUT",
    "BUILDD_LOG",
    "BUILDD_MAX_RUNS",
    "BUILDD_MAX_WARM",
)
"""Those that only the daemon reads, when it starts; a test holds them equal to its own."""


def connect(*, tell: bool = True) -> Connection:
    """A connection to a daemon that understands us, started if there is none.

    An older daemon that nobody uses is replaced; one in use is used with a warning. `tell` says
    whether the user is told of variables that the daemon does not follow.
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
            hello = greet(connection, build)
            if _is_usable(connection, hello, build):
                for remark in hello.get("remarks", ()) if tell else ():
                    print(f"buildd: {remark}", file=sys.stderr)
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
    """A connected socket; None if no daemon listens. Refuses other users' sockets.

    If none listens in the runtime directory, one may that has the state directory all the same: a
    session's, say, where we are cron's. There cannot be two.
    """
    connected = _open(socket_path())
    if connected is None and (other := socket_of_owner()) not in ("", socket_path()):
        connected = _open(other)
    return connected


def _open(path: str) -> socket.socket | None:
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connected.connect(path)
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
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
            "buildd/hello",
            version=__version__,
            build=build,
            client="terminal",
            variables={name: os.environ[name] for name in VARIABLES if name in os.environ},
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
    directory = directory_of(connection.socket)
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
    wait_until_gone(directory)


def directory_of(connected: socket.socket) -> str:
    """The runtime directory of the daemon at the other end."""
    return os.path.dirname(str(connected.getpeername()))


def wait_until_gone(directory: str) -> None:
    """Return once no daemon holds the lock of this runtime directory."""
    import fcntl

    lock = os.open(
        os.path.join(directory, "daemon.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
    )
    deadline = time.monotonic() + STOP_TIMEOUT
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise BuilddError(
                        "the daemon does not end", "Run `buildd daemon stop --force`."
                    ) from None
                time.sleep(0.005)
            else:
                return
    finally:
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
                if error.code != BUSY:
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
