"""An engine that is restarted or hangs while runs are under way: a real one, of the test's own."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest

from tests.support.client import Client
from tests.support.daemon import Daemon, wait_until
from tests.support.engine import IMAGE, Engine, needs_root
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]

pytestmark = [pytest.mark.engine, needs_root]

CONFIGURATION = f"""
[environments.build]
image = "{IMAGE}"
network = false
[tasks.short]
run = "echo done"
[tasks.long]
run = "echo on; while ! [ -e stop ]; do sleep 0.05; done"
"""


@pytest.fixture
def private_engine(daemon: Daemon) -> Iterator[Engine]:
    """The engine of the test's daemon."""
    made = Engine()
    daemon.environment["DOCKER_HOST"] = made.url
    try:
        made.start()
        made.load()
        yield made
    finally:
        made.close()


def make(directory: str, daemon: Daemon) -> ProjectFiles:
    project = ProjectFiles(f"{directory}/p", {}, engine="host", image="")
    project.write("buildd.toml", CONFIGURATION)
    daemon.trust(project.path)
    return project


def begin(client: Client, project: ProjectFiles) -> int:
    number = client.start("buildd/run", project=project.path, task="long")
    client.wait_for(lambda one: one.get("method") == "buildd/output")
    return number


def short(client: Client, project: ProjectFiles) -> str:
    state: str = client.request("buildd/run", project=project.path, task="short")["run"]["state"]
    return state


def test_an_engine_that_is_restarted_loses_the_run_and_no_later_one(
    directory: str, daemon: Daemon, private_engine: Engine
) -> None:
    project = make(directory, daemon)
    client = daemon.connect()
    number = begin(client, project)
    private_engine.stop()
    run = client.result(number)["run"]
    assert run["state"] == "lost"
    assert "went away" in run["error"]
    private_engine.start()
    assert short(client, project) == "finished"


def test_an_engine_that_is_restarted_without_its_containers_is_not_noticed(
    directory: str, daemon: Daemon, private_engine: Engine
) -> None:
    private_engine.stop()
    private_engine.start(live_restore=True)
    project = make(directory, daemon)
    client = daemon.connect()
    number = begin(client, project)
    private_engine.stop()
    assert short(client, project) == "finished", "runs need no engine"
    private_engine.start(live_restore=True)
    project.write("stop", "")
    assert client.result(number)["run"]["state"] == "finished"
    assert short(client, project) == "finished"


def test_an_engine_that_hangs_holds_up_neither_warm_runs_nor_reports(
    directory: str, daemon: Daemon, private_engine: Engine
) -> None:
    project = make(directory, daemon)
    client = daemon.connect()
    assert short(client, project) == "finished"
    private_engine.signal(signal.SIGSTOP)
    assert short(client, project) == "finished"
    assert client.request("buildd/status")["projects"]
    private_engine.signal(signal.SIGCONT)
    wait_until(lambda: short(client, project) == "finished")
