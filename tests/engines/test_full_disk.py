"""These tests fill the engine's disk: warm environments work, and a new one fails cleanly."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import docker
import pytest

from tests.support.client import ClientError
from tests.support.daemon import Daemon
from tests.support.disk import fill
from tests.support.engine import IMAGE, Engine
from tests.support.leftovers import held_now, nothing_is_left
from tests.support.project import ProjectFiles

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a small disk"),
]

CONFIGURATION = f"""
[environments.warm]
image = "{IMAGE}"
network = false
[environments.other]
image = "{IMAGE}"
network = false
[tasks.here]
run = "echo done"
environment = "warm"
[tasks.there]
run = "echo done"
environment = "other"
"""


@pytest.fixture
def small_engine(daemon: Daemon) -> Iterator[Engine]:
    """Start an engine with a disk of 32 MiB for the test's daemon."""
    made = Engine(size="32m")
    daemon.environment["DOCKER_HOST"] = made.url
    try:
        made.start()
        made.load()
        yield made
    finally:
        (made.disk / "filler").unlink(missing_ok=True)
        daemon.close()
        made.close()


def containers(engine: Engine) -> set[str]:
    client = docker.DockerClient(base_url=engine.url)
    try:
        return {str(container.id) for container in client.containers.list(all=True)}
    finally:
        client.close()


def test_the_engine_s_disk_is_full(directory: str, daemon: Daemon, small_engine: Engine) -> None:
    """Check the promise 25: warm environments work, and a new one is made once there is space."""
    project = ProjectFiles(f"{directory}/p", {}, engine="host", image="")
    project.write("buildd.toml", CONFIGURATION)
    daemon.trust(project.path)
    client = daemon.connect()

    def state(task: str) -> str:
        result = client.request("buildd/run", project=project.path, task=task)
        return str(result["run"]["state"])

    assert state("here") == "finished"
    before = containers(small_engine)
    filler = fill(small_engine.disk)
    assert state("here") == "finished"
    assert_refused(state)
    held = held_now(daemon)
    assert_refused(state)
    assert containers(small_engine) == before
    nothing_is_left(daemon, held)
    filler.unlink()
    assert state("there") == "finished"
    assert len(containers(small_engine)) == 2


def assert_refused(state: Callable[[str], str]) -> None:
    with pytest.raises(ClientError, match="no space left on device") as caught:
        state("there")
    assert "Free space on the engine's disk" in caught.value.remedy
