"""`buildd daemon`: start, stop and inspect the daemon."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from buildd.errors import BuilddError
from buildd.paths import build_id
from buildd_cli import systemd
from buildd_cli.arguments import add_json
from buildd_cli.commands.status import daemon_lines
from buildd_cli.daemon.connection import Connection
from buildd_cli.daemon.launch import starting
from buildd_cli.daemon.lifecycle import (
    connect,
    connect_running,
    daemon_pid,
    greet,
    may_run,
    open_socket,
    stop,
    wait_until_gone,
)
from buildd_cli.output.terminal import clean, print_json

HELP = """
Start, stop or inspect the daemon, the background process that runs builds for all clients.

You rarely need this: the first command or editor starts the daemon, and it stops when nobody has
used it for half an hour. Containers keep running without it, and the next daemon takes them over.

When it starts, the daemon reads [daemon] of your config.toml and the environment variables that
override it, such as BUILDD_MAX_WARM; `buildd status` shows what it uses.

examples:
  buildd daemon start       start it, and print its process id
  buildd daemon stop        stop it; refused while runs are in progress, unless --force
  buildd daemon restart --force
  buildd daemon status
  buildd daemon run         run it in the foreground, with its log on the terminal
  buildd daemon debug       print its internal state for a bug report, without secrets
  buildd daemon install     have systemd listen for clients, and start the daemon for the first
  buildd daemon uninstall   undo that: clients start the daemon again

A daemon that systemd starts has the environment of your systemd, not of your shell: `systemctl
--user import-environment PATH SSH_AUTH_SOCK DOCKER_HOST` gives it these variables.

exit status: 0; 3 for `status` and `debug` if no daemon is running; 125 if buildd itself failed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "action",
        choices=tuple(ACTIONS),
        help="what to do, as in the examples below",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="stop it even if runs are in progress or it does not answer",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Do what the action says; return the exit status."""
    return ACTIONS[arguments.action](arguments)


def _become_daemon(_: argparse.Namespace) -> NoReturn:
    """Replace this process by the daemon, which then gets the signals and the terminal."""
    if (running := connect_running()) is not None:
        raise BuilddError(
            f"a daemon is already running (process {running[1]['pid']})",
            "Stop it with `buildd daemon stop`.",
        )
    os.execv(sys.executable, [sys.executable, "-P", "-m", "buildd"])


def _start(arguments: argparse.Namespace) -> int:
    connection = connect()
    pid = daemon_pid(connection.socket)
    connection.close()
    _print({"pid": pid}, str(pid), arguments)
    return 0


def _restart(arguments: argparse.Namespace) -> int:
    _stop(force=arguments.force)
    return _start(arguments)


def _end(arguments: argparse.Namespace) -> int:
    stopped = _stop(force=arguments.force)
    _print({"stopped": stopped}, "stopped" if stopped else "none was running", arguments)
    return 0


def _stop(*, force: bool) -> bool:
    """Stop the daemon; return whether one was running."""
    connected = open_socket() if may_run() else None
    if connected is None:
        return False
    connection = Connection(connected)
    try:
        greet(connection, build_id())
        stop(connection, force=force)
    except BuilddError:
        if not force:
            raise
        _kill(daemon_pid(connected))
    finally:
        connection.close()
    return True


def _kill(pid: int) -> None:
    """Kill a daemon that does not answer. Its runs end too: their supervisors notice."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    wait_until_gone()


def _status(arguments: argparse.Namespace) -> int:
    running = connect_running()
    if running is None:
        _print({"running": False}, "no daemon is running", arguments)
        return 3
    status = running[0].request("buildd/status")
    _print({"running": True, **status}, "\n".join(daemon_lines(status)), arguments)
    return 0


def _debug(arguments: argparse.Namespace) -> int:
    running = connect_running()
    if running is None:
        _print({"running": False}, "no daemon is running", arguments)
        return 3
    found = running[0].request("buildd/debug")
    _print(found, clean_lines(found["report"]), arguments)
    return 0


def _install(arguments: argparse.Namespace) -> int:
    with starting():  # no client may start one meanwhile, which would take the socket's place
        _stop(force=arguments.force)
        systemd.write()
        failure = systemd.tell(
            ("daemon-reload",), ("enable", systemd.SOCKET), ("restart", systemd.SOCKET)
        )
    lines = [f"{systemd.SOCKET} and {systemd.SERVICE} are in {systemd.directory()}"]
    if failure:
        later = f"systemctl --user enable --now {systemd.SOCKET}"
        lines += [f"systemd does not use them yet ({failure})", f"later: {later}"]
    else:
        lines.append("systemd listens, and starts the daemon with the first client")
    installed = {"directory": systemd.directory(), "enabled": not failure, "problem": failure}
    _print(installed, "\n".join(lines), arguments)
    return 0


def _uninstall(arguments: argparse.Namespace) -> int:
    with starting():
        _stop(force=arguments.force)
        failure = systemd.tell(("disable", "--now", systemd.SOCKET, systemd.SERVICE))
        removed = systemd.remove()
        systemd.tell(("daemon-reload",))
    text = "removed; clients start the daemon again" if removed else "was not installed"
    if removed and failure:
        text += f"\nsystemd could not be told ({failure})"
    _print({"removed": removed}, text, arguments)
    return 0


def clean_lines(text: str) -> str:
    """Return the text without control characters, except for line ends."""
    return "\n".join(map(clean, text.split("\n")))


def _print(value: dict[str, Any], text: str, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print_json(value)
    else:
        print(text)


ACTIONS: dict[str, Callable[[argparse.Namespace], int]] = {
    "start": _start,
    "stop": _end,
    "restart": _restart,
    "status": _status,
    "run": _become_daemon,
    "debug": _debug,
    "install": _install,
    "uninstall": _uninstall,
}
