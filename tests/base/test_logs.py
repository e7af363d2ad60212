"""These tests check that the log and the bug report name their subject, and contain no secret."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from buildd.base.logs import is_secret, masked
from tests.support.daemon import TIMEOUT, Daemon
from tests.support.project import ProjectFiles

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("started with GITHUB_TOKEN=abc123 and CC=gcc", "started with GITHUB_TOKEN=*** and CC=gcc"),
        ('{"password": "hunter2", "user": "me"}', '{"password": "***", "user": "me"}'),
        ("npm_config_api_key='x y'", "npm_config_api_key='*** y'"),
        ("https://me:pass@example.org/x", "https://***@example.org/x"),
        ("ssh://git@example.org:22/x", "ssh://git@example.org:22/x"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("the token was refused", "the token was refused"),
        ("monkey=banana", "monkey=banana"),
    ],
)
def test_values_with_a_name_like_a_secret_are_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "NPM_TOKEN", "PGPASSWORD", "API_KEY"])
def test_names_of_secrets(name: str) -> None:
    assert is_secret(name)
    assert not is_secret("PATH")


def test_the_bug_report_shows_the_daemon_s_state_and_no_secret(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    daemon.environment["BUILDD_TEST_TOKEN"] = "t0psecret"
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "echo $BUILDD_TEST_TOKEN"\n'})
    client = daemon.connect()
    client.request("buildd/run", project=project.path, task="build")
    report = subprocess.run(
        [EXECUTABLE, "daemon", "debug"],
        env=daemon.environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=True,
    ).stdout
    for wanted in (
        "== machine",
        "BUILDD_TEST_TOKEN=***",
        "runs finished 1",
        "Session._serve",
        os.path.basename(project.path),
    ):
        assert wanted in report
    assert "t0psecret" not in report
    assert client.request("buildd/status")["counts"]["runs finished"] == 1


def test_without_a_daemon_there_is_nothing_to_report(daemon: Daemon) -> None:
    command = subprocess.run([EXECUTABLE, "daemon", "debug"], env=daemon.environment, check=False)
    assert command.returncode == 3


def test_a_line_says_which_session_it_is_about(daemon: Daemon) -> None:
    daemon.environment["BUILDD_LOG"] = "DEBUG"
    client = daemon.connect()
    client.request("buildd/hello", version="0", build=0, client="test")
    log = Path(client.request("buildd/status")["log"]).read_text("utf-8")
    assert "buildd.server.server session=" in log
