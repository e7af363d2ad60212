"""`buildd daemon`: start, stop, look at the daemon itself."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import Any, NoReturn

from buildd.errors import BuilddError
from buildd.paths import build_id
from buildd_cli.arguments import add_json
from buildd_cli.commands.status import daemon_lines
from buildd_cli.connection import Connection
from buildd_cli.daemon import (
    connect,
    connect_running,
    directory_of,
    greet,
    open_socket,
    peer,
    stop,
    wait_until_gone,
)
from buildd_cli.terminal import clean, print_json

HELP = """
The daemon starts by itself with the first command or editor, and leaves when nobody has needed
it for half an hour. Containers outlive it, and are adopted by the next one. It reads [daemon] of
your config.toml and the variables for it, as BUILDD_MAX_WARM, when it starts; `status` shows what
it uses.

examples:
  buildd daemon start       and print its process id
  buildd daemon stop        refused while runs are under way, unless --force
  buildd daemon restart --force
  buildd daemon status
  buildd daemon run         in the foreground, its log on the terminal
  buildd daemon debug       how it is inside, for a bug report; secrets are left out

exit status: 0; for `status` and `debug` 3 where none is running; 125 where buildd failed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("start", "stop", "restart", "status", "run", "debug"))
    parser.add_argument(
        "--force", action="store_true", help="stop it even if runs are under way, or it hangs"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    match arguments.action:
        case "start":
            return _start(as_json=arguments.json)
        case "stop":
            stopped = _stop(force=arguments.force)
            _say({"stopped": stopped}, "stopped" if stopped else "none was running", arguments)
            return 0
        case "restart":
            _stop(force=arguments.force)
            return _start(as_json=arguments.json)
        case "status":
            return _status(arguments)
        case "debug":
            return _debug(arguments)
        case _:
            return _become_daemon()


def _become_daemon() -> NoReturn:
    """In our place: signals and the terminal are then its own."""
    if (running := connect_running()) is not None:
        raise BuilddError(
            f"a daemon is running already (process {running[1]['pid']})",
            "End it with `buildd daemon stop`.",
        )
    os.execv(sys.executable, [sys.executable, "-P", "-m", "buildd"])


def _start(*, as_json: bool) -> int:
    connection = connect()
    pid, _ = peer(connection.socket)
    connection.close()
    if as_json:
        print_json({"pid": pid})
    else:
        print(pid)
    return 0


def _stop(*, force: bool) -> bool:
    """Whether there was one to stop."""
    connected = open_socket()
    if connected is None:
        return False
    connection = Connection(connected)
    try:
        greet(connection, build_id())
        stop(connection, force=force)
    except BuilddError:
        if not force:
            raise
        _kill(peer(connected)[0], directory_of(connected))
    finally:
        connection.close()
    return True


def _kill(pid: int, directory: str) -> None:
    """End a daemon that does not answer. What it ran ends with it: supervisors see it go."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    wait_until_gone(directory)


def _status(arguments: argparse.Namespace) -> int:
    running = connect_running()
    if running is None:
        _say({"running": False}, "no daemon is running", arguments)
        return 3
    status = running[0].request("buildd/status")
    _say({"running": True, **status}, "\n".join(daemon_lines(status)), arguments)
    return 0


def _debug(arguments: argparse.Namespace) -> int:
    running = connect_running()
    if running is None:
        _say({"running": False}, "no daemon is running", arguments)
        return 3
    found = running[0].request("buildd/debug")
    _say(found, clean_lines(found["report"]), arguments)
    return 0


def clean_lines(text: str) -> str:
    """Line by line without what would command the terminal."""
    return "\n".join(map(clean, text.split("\n")))


def _say(value: dict[str, Any], text: str, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print_json(value)
    else:
        print(text)
