"""Client and daemon of different versions: an idle older daemon is replaced, a busy one is not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable

import buildd
from buildd import protocol
from buildd_cli.daemon import lifecycle
from tests.support.daemon import TIMEOUT, Daemon, listens, wait_until

Command = Callable[..., "subprocess.CompletedProcess[str]"]

PACKAGE = os.path.dirname(os.path.abspath(buildd.__file__))


def start_older(daemon: Daemon, directory: str) -> subprocess.Popen[bytes]:
    """A daemon that says it is version 0.0.1."""
    return start_other(daemon, directory, "0.0.1")


def start_other(
    daemon: Daemon, directory: str, version: str, *, protocol: int = protocol.PROTOCOL_VERSION
) -> subprocess.Popen[bytes]:
    """A daemon from a copy of the package that says it is another version."""
    copy = os.path.join(directory, "other")
    shutil.copytree(PACKAGE, os.path.join(copy, "buildd"))
    with open(os.path.join(copy, "buildd", "__init__.py"), "w", encoding="utf-8") as file:
        file.write(f'"""Another one."""\n\n__version__ = "{version}"\n')
    handshake = os.path.join(copy, "buildd", "protocol", "handshake.py")
    with open(handshake, "a", encoding="utf-8") as file:
        file.write(f"\nPROTOCOL_VERSION = {protocol}\n")
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "buildd"],
        env={**daemon.environment, "PYTHONPATH": copy},
        cwd="/",
    )
    wait_until(lambda: listens(daemon.socket_path))
    return process


def test_an_idle_older_daemon_is_replaced(daemon: Daemon, command: Command, directory: str) -> None:
    older = start_older(daemon, directory)
    status = json.loads(command("status", "--json").stdout)
    assert status["version"] == buildd.__version__
    assert older.wait(TIMEOUT) == 0


def test_a_busy_older_daemon_is_used_with_a_word(
    daemon: Daemon, command: Command, directory: str
) -> None:
    older = start_older(daemon, directory)
    other = daemon.connect()
    other.request("buildd/hello", version="0.0.1", build=0)
    result = command("status", "--json")
    assert json.loads(result.stdout)["version"] == "0.0.1"
    assert "older than this command, and in use" in result.stderr
    assert "buildd daemon restart --force" in result.stderr
    assert command("daemon", "stop", "--force").returncode == 0
    assert older.wait(TIMEOUT) == 0


def test_a_newer_daemon_is_used(daemon: Daemon, command: Command, directory: str) -> None:
    newer = start_other(daemon, directory, "99.0")
    result = command("status", "--json")
    assert json.loads(result.stdout)["version"] == "99.0"
    assert result.stderr == ""
    assert command("daemon", "stop").returncode == 0
    assert newer.wait(TIMEOUT) == 0


def test_a_newer_daemon_that_speaks_otherwise_is_not_used(
    daemon: Daemon, command: Command, directory: str
) -> None:
    newer = start_other(daemon, directory, "99.0", protocol=protocol.PROTOCOL_VERSION + 1)
    result = command("status")
    assert result.returncode == 125
    assert "different versions of the protocol" in result.stderr
    assert "buildd daemon restart --force" in result.stderr
    assert newer.poll() is None, "nobody has asked for that"
    assert command("daemon", "stop", "--force").returncode == 0
    assert newer.wait(TIMEOUT) == 0


def test_both_sides_mean_the_same_protocol() -> None:
    assert lifecycle.PROTOCOL_VERSION == protocol.PROTOCOL_VERSION
