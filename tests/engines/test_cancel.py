"""These tests check that a cancelled build or pull stops at once, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from tests.conftest import IMAGE
from tests.support.client import Client, ClientError
from tests.support.daemon import Daemon, wait_until
from tests.support.project import ProjectFiles
from tests.support.registry import slow_registry

pytestmark = pytest.mark.engine

CLASSIC = 'dockerfile = "Dockerfile"'
BUILDKIT = 'dockerfile = "Dockerfile"\nsecrets = { token = "Dockerfile" }'
HOOK = f'image = "{IMAGE}"\non-create = "{{marker}}"'

Define = Callable[[str], ProjectFiles]


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


@pytest.fixture
def define(make_project: Callable[..., ProjectFiles], daemon: Daemon) -> Define:
    """Make a trusted project whose environment has these keys, and whose build never ends."""

    def make(keys: str) -> ProjectFiles:
        project = make_project({}, engine="docker", trust=False)
        project.write("Dockerfile", f"FROM {IMAGE}\nRUN touch /made\nRUN {marker(project)}\n")
        keys = keys.format(marker=marker(project)) if "marker" in keys else keys
        toml = f'[environments.build]\n{keys}\n[tasks.build]\nrun = "true"\non-save = true\n'
        project.write("buildd.toml", toml)
        daemon.trust(project.path)
        return project

    return make


@pytest.fixture
def engine_client() -> Iterator[docker.DockerClient]:
    made = docker.from_env()
    yield made
    made.close()


def marker(project: ProjectFiles) -> str:
    """Return a command that no other test runs."""
    return f"sleep 600.{int(os.path.basename(project.path)[1:], 16)}"


def runs(project: ProjectFiles) -> bool:
    """Return whether the marker command runs anywhere on this machine."""
    words = marker(project).split()
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if process.read_text().split("\0")[:2] == words:
                return True
        except OSError:
            continue
    return False


def left(engine_client: docker.DockerClient, project: ProjectFiles) -> list[str]:
    """Return the project's images and containers, and the containers of its builds."""
    label: dict[str, str | list[str] | bool] = {"label": f"buildd.project={project.path}"}
    containers = engine_client.api.containers(all=True, trunc=False)
    return [
        *(str(image.tags) for image in engine_client.images.list(filters=label)),
        *(row["Command"] for row in containers if marker(project) in row["Command"]),
        *(row["Id"] for row in containers if project.path in str(row["Labels"])),
    ]


def nothing_is_left(engine_client: docker.DockerClient, project: ProjectFiles) -> None:
    wait_until(lambda: not runs(project))
    wait_until(lambda: not left(engine_client, project))


@pytest.mark.parametrize("keys", [CLASSIC, BUILDKIT, HOOK], ids=["classic", "buildkit", "hook"])
def test_a_cancelled_request_ends_the_work(
    define: Define, client: Client, engine_client: docker.DockerClient, keys: str
) -> None:
    project = define(keys)
    number = client.start("buildd/up", project=project.path)
    wait_until(lambda: runs(project))
    client.notify("$/cancelRequest", id=number)
    with pytest.raises(ClientError) as caught:
        client.result(number)
    assert caught.value.code == -32800
    wait_until(lambda: not runs(project))
    if keys != HOOK:
        nothing_is_left(engine_client, project)
    # A cancel is not a failure, and the next request starts the work again.
    wait_until(lambda: state(client, project) == "absent")
    again = client.start("buildd/up", project=project.path)
    wait_until(lambda: runs(project))
    client.notify("$/cancelRequest", id=again)


def state(client: Client, project: ProjectFiles) -> str:
    status = client.request("buildd/status", project=project.path)
    return str(status["projects"][0]["environments"][0]["state"])


def test_the_work_goes_on_for_another_request(
    define: Define, client: Client, daemon: Daemon, engine_client: docker.DockerClient
) -> None:
    project = define(CLASSIC)
    number = client.start("buildd/up", project=project.path)
    wait_until(lambda: runs(project))
    other = daemon.connect()
    run = other.start("buildd/run", project=project.path, task="build")
    other.wait_for(lambda message: message.get("method") == "buildd/progress")
    client.notify("$/cancelRequest", id=number)
    with pytest.raises(ClientError):
        client.result(number)
    assert runs(project)
    cancelled = client.request("buildd/cancel", project=project.path)
    assert cancelled["environments"] == ["build"]
    assert other.result(run)["run"]["state"] == "cancelled"
    nothing_is_left(engine_client, project)


def test_an_interrupt_in_the_terminal_ends_the_work(
    define: Define, daemon: Daemon, engine_client: docker.DockerClient
) -> None:
    project = define(CLASSIC)
    for arguments, status in ((["up"], 130), (["build"], 130)):
        command = subprocess.Popen(
            [str(Path(sys.executable).with_name("buildd")), *arguments],
            cwd=project.path,
            env=daemon.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: runs(project))
        command.send_signal(signal.SIGINT)
        assert command.wait(30) == status
        nothing_is_left(engine_client, project)


def test_the_daemon_s_end_ends_the_work(
    define: Define, client: Client, daemon: Daemon, engine_client: docker.DockerClient
) -> None:
    project = define(BUILDKIT)
    client.start("buildd/up", project=project.path)
    wait_until(lambda: runs(project))
    daemon.stop()
    nothing_is_left(engine_client, project)


def test_a_renewal_ends_and_the_old_container_goes_on(
    define: Define, client: Client, daemon: Daemon, engine_client: docker.DockerClient
) -> None:
    project = define(CLASSIC)
    endless = project.read("Dockerfile")
    project.write("Dockerfile", f"FROM {IMAGE}\n")
    daemon.trust(project.path)
    client.request("buildd/up", project=project.path)
    before = left(engine_client, project)
    project.write("Dockerfile", endless)
    daemon.trust(project.path)
    wait_until(lambda: runs(project))
    assert client.request("buildd/cancel", project=project.path)["environments"] == ["build"]
    wait_until(lambda: not runs(project))
    wait_until(lambda: left(engine_client, project) == before)
    assert state(client, project) == "warm"
    assert (
        client.request("buildd/run", project=project.path, task="build")["run"]["exitStatus"] == 0
    )


@pytest.mark.parametrize("silent", [False, True], ids=["slow", "silent"])
def test_a_pull_ends(define: Define, client: Client, *, silent: bool) -> None:
    with slow_registry(silent=silent) as registry:
        project = define(f'image = "{registry.address}/some/image:1"')
        number = client.start("buildd/up", project=project.path)
        wait_until(lambda: registry.waiting > 0)
        client.notify("$/cancelRequest", id=number)
        with pytest.raises(ClientError) as caught:
            client.result(number)
        assert caught.value.code == -32800
        wait_until(lambda: state(client, project) == "absent")
        # Docker itself keeps waiting for the image's layers.
        wait_until(lambda: silent or registry.waiting == 0)
