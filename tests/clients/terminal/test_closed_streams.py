"""Every command with a standard stream that is closed or full.

A closed stream counts as the null device: the work is done, and the exit status says how it went.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from buildd_cli.commands import COMMANDS
from tests.support.daemon import TIMEOUT, Daemon, listens, wait_until
from tests.support.git import make_repository
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))

PROJECT = {
    "buildd.toml": """
        [tasks.build]
        run = "echo 'a.c:1:1: error: wrong' >&2; exit 3"
        [tasks.test]
        run = "echo out; echo err >&2"
        [tasks.long]
        run = "touch begun; sleep 600"
        """,
    "a.c": "wrong\n",
    ".gitignore": "begun\n",
}

COMMAND_LINES = {
    "": 125,
    "--help": 0,
    "--version": 0,
    "help build": 0,
    "nosuch": 125,
    "build --nosuch": 125,
    "up": 0,
    "test": 0,
    "build": 3,
    "build --json": 3,
    "build --quiet": 3,
    "run test": 0,
    "run nosuch": 125,
    "image": 125,
    "ci build": 3,
    "ci --json test": 0,
    "verify test": 0,
    "try --image none test": 125,
    "exec sh -c 'echo out; echo err >&2; exit 7'": 7,
    "exec -n -- sh -c 'echo out; exit 7'": 7,
    "exec cat": 0,
    "exec nosuch": 127,
    "shell": 0,
    "shim shims sh": 0,
    "diagnostics": 0,
    "diagnostics --json": 0,
    "tests": 0,
    "parse": 0,
    "parse --format sarif": 0,
    "status": 0,
    "logs": 0,
    "history": 0,
    "cancel": 0,
    "trust": 0,
    "trust --show": 0,
    "doctor": 0,
    "lsp": 0,
    "daemon start": 0,
    "daemon status": 0,
    "daemon run": 125,
    "completion bash": 0,
    "demo --source /nosuch": 125,
    "clean --yes": 0,
    "init --force": 0,
    "down": 0,
}
"""What each command line ends with. `watch`, which does not end by itself, has its own test."""

CLOSED = ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"]


def test_every_command_is_here() -> None:
    tried = {line.split()[0] for line in COMMAND_LINES if line}
    assert set(COMMANDS) - tried == {"watch"}


@pytest.mark.parametrize("closing", CLOSED)
def test_a_closed_stream_is_the_null_device(
    make_project: Make, daemon: Daemon, closing: str
) -> None:
    project = make_project(PROJECT)
    make_repository(project.path)
    wrong = {}
    for line, status in COMMAND_LINES.items():
        result = subprocess.run(
            _shell(f"{line} {closing}"),
            cwd=project.path,
            env=daemon.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
        )
        if result.returncode != status or b"Traceback" in result.stderr + result.stdout:
            wrong[line] = result
    assert wrong == {}


@pytest.mark.parametrize("closing", CLOSED)
def test_a_watch_goes_on_until_it_is_interrupted(
    make_project: Make, daemon: Daemon, closing: str
) -> None:
    project = make_project(PROJECT)
    process = subprocess.Popen(
        _shell(f"watch long {closing}"),
        cwd=project.path,
        env=daemon.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_until(lambda: os.path.exists(project.file("begun")) or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIMEOUT)
    assert b"Traceback" not in out + err
    assert process.returncode == 130


@pytest.mark.parametrize("closing", CLOSED)
@pytest.mark.parametrize("line", ["buildd daemon run", "python -P -m buildd"])
def test_a_daemon_has_all_three(daemon: Daemon, line: str, closing: str) -> None:
    program = Path(sys.executable).with_name(line.partition(" ")[0])
    process = subprocess.Popen(
        ["sh", "-c", f"exec {program} {line.partition(' ')[2]} {closing}"],
        env=daemon.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    daemon.process = process
    wait_until(lambda: listens(daemon.socket_path))
    for number in range(3):
        assert os.readlink(f"/proc/{process.pid}/fd/{number}") == os.devnull
    daemon.stop()
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("--version 1>/dev/full", 125),
        ("status 1>/dev/full", 125),
        ("status --json 1>/dev/full", 125),
        ("test 1>/dev/full", 125),
        ("build --json 1>/dev/full", 125),
        ("exec echo out 1>/dev/full", 125),
        ("completion bash 1>/dev/full", 125),
        ("build 2>/dev/full", 125),
        ("nosuch 2>/dev/full", 125),
        ("nosuch 1>/dev/full 2>/dev/full", 125),
        ("exec sh -c 'exit 7' 1>/dev/full 2>/dev/full", 7),
    ],
)
def test_output_that_cannot_be_written_is_a_failure(
    make_project: Make, daemon: Daemon, line: str, status: int
) -> None:
    project = make_project(PROJECT)
    result = subprocess.run(
        _shell(line),
        cwd=project.path,
        env=daemon.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT,
    )
    assert b"Traceback" not in result.stderr + result.stdout
    assert result.returncode == status
    if status == 125 and "2>" not in line:
        assert b"No space left on device" in result.stderr


def test_a_failure_of_our_own_has_not_the_status_of_a_command(
    make_project: Make, daemon: Daemon
) -> None:
    project = make_project(PROJECT)
    code = (
        "from unittest import mock; import buildd_cli.main as main, sys;"
        "sys.argv[1:] = ['build'];"
        "mock.patch('buildd_cli.main._dispatch', side_effect=ZeroDivisionError).start();"
        "main.main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=project.path, capture_output=True, timeout=TIMEOUT
    )
    assert result.returncode == 125
    assert b"ZeroDivisionError" in result.stderr


def _shell(line: str) -> list[str]:
    return ["sh", "-c", f"exec {shlex.quote(EXECUTABLE)} {line}"]
