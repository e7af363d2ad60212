"""These tests build run images from what tasks have made, with a real engine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator

import docker
import pytest

from tests.conftest import IMAGE
from tests.support.client import Client, ClientError
from tests.support.daemon import Daemon, wait_until
from tests.support.project import ProjectFiles

Command = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.engine

CONFIGURATION = f"""
[environments.build]
image = "{IMAGE}"
[tasks.build]
run = "test -e source && cp source made"
[tasks.test]
run = "touch tested"
[images.run]
dockerfile = "run.Dockerfile"
needs = ["build", "test"]
target = "run"
build-args = {{ WORD = "hello" }}
"""

DOCKERFILE = f"""\
FROM {IMAGE} AS run
ARG WORD
COPY made /made
RUN echo $WORD >>/made
FROM run
RUN exit 1
"""


@pytest.fixture
def engine_client() -> Iterator[docker.DockerClient]:
    made = docker.from_env()
    yield made
    made.close()


@pytest.fixture
def project(make_project: Callable[..., ProjectFiles], daemon: Daemon) -> ProjectFiles:
    made = make_project({"source": "text\n", "run.Dockerfile": DOCKERFILE}, trust=False)
    made.write("buildd.toml", CONFIGURATION)
    daemon.trust(made.path)
    return made


def tag(project: ProjectFiles) -> str:
    return f"{os.path.basename(project.path)}-run:latest"


def images(engine_client: docker.DockerClient, project: ProjectFiles) -> list[list[str]]:
    """Return the tags of each image that has the project's label."""
    label: dict[str, str | list[str] | bool] = {"label": f"buildd.project={project.path}"}
    return [image.tags for image in engine_client.images.list(filters=label)]


def test_a_run_image_contains_what_its_tasks_make(
    project: ProjectFiles, command: Command, engine_client: docker.DockerClient
) -> None:
    result = command("image", cwd=project.path)
    assert result.returncode == 0, result.stderr
    assert f"built {os.path.basename(project.path)}-run (" in result.stdout
    assert os.path.exists(project.file("tested"))
    made = engine_client.containers.run(tag(project), ["cat", "/made"], remove=True)
    assert made == b"text\nhello\n"

    project.write("source", "other\n")
    assert command("image", "run", cwd=project.path).returncode == 0
    made = engine_client.containers.run(tag(project), ["cat", "/made"], remove=True)
    assert made == b"other\nhello\n"
    assert images(engine_client, project) == [[tag(project)]], "the old image is removed"
    assert command("clean", "--yes", cwd=project.path).returncode == 0
    assert images(engine_client, project) == []


def test_a_failed_task_is_the_last_one(
    project: ProjectFiles, command: Command, engine_client: docker.DockerClient
) -> None:
    os.unlink(project.file("source"))
    result = command("image", cwd=project.path)
    assert result.returncode == 1
    assert "build failed" in result.stderr
    assert not os.path.exists(project.file("tested"))
    assert images(engine_client, project) == []


def test_an_error_in_its_dockerfile_is_a_diagnostic_until_it_is_built(
    project: ProjectFiles, daemon: Daemon
) -> None:
    client = daemon.connect()
    project.write("run.Dockerfile", DOCKERFILE.replace("COPY made", "COPY nothing"))
    daemon.trust(project.path)
    with pytest.raises(ClientError) as caught:
        client.request("buildd/image", project=project.path)
    assert caught.value.code == -32005
    wanted = [(project.file("run.Dockerfile"), 3)]
    assert (caught.value.data["file"], caught.value.data["line"]) == wanted[0]
    assert shown(client, project) == wanted
    client.request("buildd/run", project=project.path, task="build")
    assert shown(client, project) == wanted, "a task's success does not change the image"

    project.write("run.Dockerfile", DOCKERFILE)
    daemon.trust(project.path)
    assert client.request("buildd/image", project=project.path)["tag"] == tag(project)[:-7]
    assert shown(client, project) == []


def shown(client: Client, project: ProjectFiles) -> list[tuple[str, int]]:
    found = client.request("buildd/diagnostics", project=project.path)["diagnostics"]
    return [(diagnostic["file"], diagnostic["line"]) for diagnostic in found]


def test_a_cancel_ends_the_build_in_the_engine(
    project: ProjectFiles, daemon: Daemon, engine_client: docker.DockerClient
) -> None:
    marker = f"sleep 600 # {project.path}"
    project.write("run.Dockerfile", f"FROM {IMAGE} AS run\nRUN {marker}\n")
    daemon.trust(project.path)
    client = daemon.connect()
    number = client.start("buildd/image", project=project.path)

    def building() -> bool:
        rows = engine_client.api.containers(trunc=False)
        return any(marker in row["Command"] for row in rows)

    wait_until(building)
    client.notify("$/cancelRequest", id=number)
    with pytest.raises(ClientError) as caught:
        client.result(number)
    assert caught.value.code == -32800
    wait_until(lambda: not building())
    assert images(engine_client, project) == []


def test_an_unknown_run_image_is_an_error(project: ProjectFiles, command: Command) -> None:
    unknown = command("image", "nothing", cwd=project.path)
    assert unknown.returncode == 125
    assert "no image `nothing`" in unknown.stderr
    assert "It has: run" in unknown.stderr
