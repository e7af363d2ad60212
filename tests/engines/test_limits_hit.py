"""These tests check that a failed run names the limit of its environment that it reached."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import IMAGE
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    ("limit", "command", "text"),
    [
        ("memory = '32m'", "head -c 300m /dev/zero | tail", "`memory = 32m` was not enough"),
        ("processes = 12", "for i in $(seq 40); do sleep 9 & done; exit 1", "of 12 processes"),
        ("network = false", "gcc x.c; getent hosts a.b || echo Could not resolve host; exit 1", ""),
    ],
    ids=["memory", "processes", "network"],
)
def test_the_limit_is_named_in_the_terminal_and_at_its_key(
    make_project: Callable[..., ProjectFiles], daemon: Daemon, limit: str, command: str, text: str
) -> None:
    project = make_project({}, engine="docker", trust=False)
    project.write(
        "buildd.toml",
        f"[environments.build]\nimage = '{IMAGE}'\n{limit}\n[tasks.build]\nrun = '{command}'\n",
    )
    daemon.trust(project.path)
    result = daemon.connect().request("buildd/run", project=project.path, task="build")
    (remark,) = result["run"]["remarks"]
    assert (text or "`network = false`") in remark
    (found,) = [item for item in result["diagnostics"] if item["source"] == "buildd"]
    assert (found["file"], found["line"]) == (project.file("buildd.toml"), 3)
    assert remark in found["message"]


def test_a_failure_without_a_limit_has_no_remark(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    toml = '[tasks.build]\nrun = "echo Could not resolve host; exit 1"\n'
    project = make_project({"buildd.toml": toml}, engine="docker")
    result = daemon.connect().request("buildd/run", project=project.path, task="build")
    assert "remarks" not in result["run"]
