"""A client is told when something is another, and need not ask again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.client import Client
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.ways

Make = Callable[..., ProjectFiles]
FILES = {"buildd.toml": '[tasks.build]\nrun = "until [ -e go ]; do sleep 0.02; done"\n'}


def until(
    client: Client, asking: Client, project: ProjectFiles, fits: Callable[[Any], bool]
) -> None:
    """Ask for the status at each change of the project that `client` is told of, until it fits."""
    while True:
        client.wait_for(
            lambda one: (
                one.get("method") == "buildd/changed" and one["params"]["project"] == project.path
            )
        )
        (status,) = asking.request("buildd/status", project=project.path)["projects"]
        if fits(status):
            return


def is_running(status: Any) -> bool:
    task, environment = status["tasks"][0], status["environments"][0]
    return bool(task.get("current", {}).get("started")) and environment["state"] == "warm"


def test_every_state_of_a_run_can_be_seen(make_project: Make, daemon: Daemon) -> None:
    project = make_project(FILES)
    watching, asking, running = (daemon.connect() for _ in range(3))
    number = watching.start("buildd/events", project=project.path)
    until(watching, asking, project, lambda status: status["trusted"])
    run = running.start("buildd/run", project=project.path, task="build")
    until(watching, asking, project, is_running)
    project.write("go", "")
    until(watching, asking, project, lambda status: status["tasks"][0].get("last"))
    running.result(run)
    running.request("buildd/revoke", project=project.path)
    until(watching, asking, project, lambda status: not status["trusted"])
    watching.notify("$/cancelRequest", id=number)
    answer = watching.wait_for(lambda one: one.get("id") == number)
    assert answer["error"]["code"] == -32800


def test_projects_that_come_later_are_told_of_too(make_project: Make, daemon: Daemon) -> None:
    first = make_project(FILES)
    watching, asking = daemon.connect(), daemon.connect()
    watching.start("buildd/events")
    until(watching, asking, first, lambda status: True)
    second = make_project(FILES)
    until(watching, asking, second, lambda status: True)


def test_who_comes_late_is_told_of_the_end_of_what_runs(make_project: Make, daemon: Daemon) -> None:
    project = make_project(FILES)
    watching, asking, running = (daemon.connect() for _ in range(3))
    run = running.start("buildd/run", project=project.path, task="build")
    running.wait_for(lambda one: one.get("method") == "buildd/runStarted")
    watching.start("buildd/events", project=project.path)
    until(watching, asking, project, is_running)
    project.write("go", "")
    until(watching, asking, project, lambda status: status["tasks"][0].get("last"))
    running.result(run)
