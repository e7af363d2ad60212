"""These tests stop, start and change containers over time, also by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import docker
import pytest
from docker.models.containers import Container

from tests.support.client import Client
from tests.support.daemon import TIMEOUT, Daemon, wait_until
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]

pytestmark = pytest.mark.engine

FILES = {
    "buildd.toml": '[tasks.build]\nrun = "true"\n'
    '[tasks.long]\nrun = "until [ -e stop ]; do sleep 0.05; done"\n'
}


@pytest.fixture
def engine_client() -> Iterator[docker.DockerClient]:
    made = docker.from_env()
    yield made
    made.close()


@pytest.fixture
def only(engine_client: docker.DockerClient) -> Callable[[ProjectFiles], Container]:
    """Return a function that finds a project's only container, in any state."""

    def find(project: ProjectFiles) -> Container:
        label: dict[str, str | list[str] | bool] = {"label": f"buildd.project={project.path}"}
        (container,) = engine_client.containers.list(all=True, filters=label, ignore_removed=True)
        return container

    return find


Only = Callable[[ProjectFiles], Container]


def state(client: Client, project: ProjectFiles) -> str:
    (status,) = client.request("buildd/status", project=project.path)["projects"]
    return str(status["environments"][0]["state"])


def build(client: Client, project: ProjectFiles) -> None:
    result = client.request("buildd/run", project=project.path, task="build")
    assert result["run"]["exitStatus"] == 0


def test_down_stops_the_container_which_the_next_run_starts_again(
    make_project: Make, daemon: Daemon, only: Only
) -> None:
    project = make_project(FILES, engine="docker")
    client = daemon.connect()
    build(client, project)
    before = only(project)
    assert client.request("buildd/down", project=project.path)["stopped"] == ["build"]
    assert state(client, project) == "stopped"
    assert only(project).status == "exited"
    assert client.request("buildd/down", project=project.path)["stopped"] == []
    assert state(client, project) == "stopped"
    client.seen.clear()
    build(client, project)
    assert only(project).id == before.id
    parameters = [message.get("params", {}) for message in client.seen]
    messages = [params["message"] for params in parameters if "message" in params]
    assert messages == ["starting the container"]


def test_an_idle_environment_stops_but_a_busy_one_does_not(
    make_project: Make, daemon: Daemon, only: Only
) -> None:
    daemon.environment["BUILDD_IDLE_STOP"] = "0.3"
    busy, idle = (make_project(FILES, engine="docker") for _ in range(2))
    client, other = daemon.connect(), daemon.connect()
    number = other.start("buildd/run", project=busy.path, task="long")
    other.wait_for(lambda message: message.get("method") == "buildd/runStarted")
    build(client, idle)
    wait_until(lambda: state(client, idle) == "stopped")
    assert only(idle).status == "exited"
    assert state(client, busy) == "warm"
    busy.write("stop", "")
    assert other.result(number)["run"]["exitStatus"] == 0
    wait_until(lambda: state(client, busy) == "stopped")
    build(client, idle)


def test_the_least_recently_used_of_too_many_warm_containers_stops(
    make_project: Make, daemon: Daemon
) -> None:
    daemon.environment["BUILDD_MAX_WARM"] = "2"
    first, second, third = (make_project(FILES, engine="docker") for _ in range(3))
    client = daemon.connect()
    for project in (first, second, first, third):
        build(client, project)
    wait_until(lambda: state(client, second) == "stopped")
    assert (state(client, first), state(client, third)) == ("warm", "warm")


def test_a_daemon_stops_its_containers_before_it_exits(
    make_project: Make, daemon: Daemon, only: Only
) -> None:
    daemon.environment |= {"BUILDD_IDLE_STOP": "0.3", "BUILDD_IDLE_TIMEOUT": "0.1"}
    project = make_project(FILES, engine="docker")
    client = daemon.connect()
    build(client, project)
    client.close()
    assert daemon.process
    assert daemon.process.wait(TIMEOUT) == 0
    assert only(project).status == "exited"


@pytest.mark.parametrize("action", ["stop", "kill", "restart", "remove", "rename"])
def test_a_build_works_after_a_container_was_changed_by_hand(
    make_project: Make, daemon: Daemon, only: Only, action: str
) -> None:
    project = make_project(FILES, engine="docker")
    client = daemon.connect()
    build(client, project)
    container = only(project)
    match action:
        case "remove":
            container.remove(force=True)
        case "rename":
            container.rename(f"{container.name}-mine")
        case "stop" | "restart":
            getattr(container, action)(timeout=0)
        case _:
            getattr(container, action)()
    build(client, project)
    is_same = only(project).id == container.id
    assert is_same == (action != "remove")
