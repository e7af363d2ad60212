"""A task that fails because of a limit of its environment is told so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import IMAGE
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    ("limit", "command", "said"),
    [
        ("memory = '32m'", "head -c 300m /dev/zero | tail", "`memory = 32m` was not enough"),
        ("processes = 12", "for i in $(seq 40); do sleep 9 & done; exit 1", "of 12 processes"),
        ("network = false", "gcc x.c; getent hosts a.b || echo Could not resolve host; exit 1", ""),
    ],
    ids=["memory", "processes", "network"],
)
def test_the_limit_is_named_in_the_terminal_and_at_its_key(
    make_project: Callable[..., ProjectFiles], daemon: Daemon, limit: str, command: str, said: str
) -> None:
    project = make_project({}, engine="docker", trust=False)
    project.write(
        "buildd.toml",
        f"[environments.build]\nimage = '{IMAGE}'\n{limit}\n[tasks.build]\nrun = '{command}'\n",
    )
    daemon.trust(project.path)
    result = daemon.connect().request("buildd/run", project=project.path, task="build")
    (remark,) = result["run"]["remarks"]
    assert (said or "`network = false`") in remark
    found = [one for one in result["diagnostics"] if one["source"] == "buildd"]
    assert [(one["file"], one["line"]) for one in found] == [(project.file("buildd.toml"), 3)]
    assert remark in found[0]["message"]


def test_what_fails_by_itself_has_no_remark(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    toml = '[tasks.build]\nrun = "echo Could not resolve host; exit 1"\n'
    project = make_project({"buildd.toml": toml}, engine="docker")
    result = daemon.connect().request("buildd/run", project=project.path, task="build")
    assert "remarks" not in result["run"]
