"""The log and the report for bugs: what a line is about, and no secret."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.daemon import TIMEOUT, Daemon
from tests.support.project import ProjectFiles

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))


_LOGGING = """
import logging
from buildd.base import logs
logs.start("info")
log = logging.getLogger("buildd.test")
log.warning("no error")
log.error("the first")
try:
    raise ValueError
except ValueError:
    log.exception("the second")
print(logs.COUNTS["errors"])
"""


@pytest.mark.parametrize("on_terminal", [False, True])
def test_an_error_is_counted_once_however_many_handlers_write_it(
    tmp_path: Path, *, on_terminal: bool
) -> None:
    stderr, other_end = os.openpty() if on_terminal else os.pipe()
    environment = {**os.environ, "BUILDD_STATE_DIR": str(tmp_path / "state")}
    counted = subprocess.run(
        [sys.executable, "-c", _LOGGING],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=other_end,
        text=True,
        timeout=TIMEOUT,
        check=True,
    ).stdout
    os.close(other_end)
    shown = b""
    # A terminal whose other end is closed ends with an error, a pipe with nothing.
    with suppress(OSError):
        while data := os.read(stderr, 1 << 16):
            shown += data
    os.close(stderr)
    assert shown.count(b"the second") == int(on_terminal)
    assert counted == "2\n"


def test_the_report_tells_how_it_is_inside_and_no_secret(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    daemon.environment["BUILDD_TEST_TOKEN"] = "t0psecret"
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "echo $BUILDD_TEST_TOKEN"\n'})
    client = daemon.connect()
    client.request("buildd/run", project=project.path, task="build")
    told = subprocess.run(
        [EXECUTABLE, "daemon", "debug"],
        env=daemon.environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=True,
    ).stdout
    for wanted in (
        "== machine",
        "max-warm 8 (default)",
        "BUILDD_TEST_TOKEN=***",
        "runs finished 1",
        "Session._serve",
        os.path.basename(project.path),
    ):
        assert wanted in told
    assert "t0psecret" not in told
    assert client.request("buildd/status")["counts"]["runs finished"] == 1


def test_without_a_daemon_there_is_nothing_to_report(daemon: Daemon) -> None:
    told = subprocess.run([EXECUTABLE, "daemon", "debug"], env=daemon.environment, check=False)
    assert told.returncode == 3


def test_a_line_says_which_session_it_is_about(daemon: Daemon) -> None:
    daemon.environment["BUILDD_LOG"] = "DEBUG"
    client = daemon.connect()
    client.request("buildd/hello", version="0", build=0, client="test")
    log = Path(client.request("buildd/status")["log"]).read_text("utf-8")
    assert "buildd.server.server session=" in log
