"""These tests check that `buildd clean` shows and removes what buildd made, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from tests.conftest import IMAGE
from tests.support.daemon import Daemon
from tests.support.project import BROKEN_C, MAKEFILE, ProjectFiles
from tests.support.screen import Screen

Make = Callable[..., ProjectFiles]
Command = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.engine

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))


@pytest.fixture
def engine_client() -> Iterator[docker.DockerClient]:
    made = docker.from_env()
    yield made
    made.close()


@pytest.fixture
def project(make_project: Make, daemon: Daemon, command: Command) -> ProjectFiles:
    """Make a project with a container, a built image, a cache, logs and results."""
    made = make_project({"Makefile": MAKEFILE, "lib.c": BROKEN_C}, trust=False)
    made.write(
        "buildd.toml",
        '[environments.build]\ndockerfile = "build.Dockerfile"\ncaches = { stuff = "/stuff" }\n'
        '[tasks.build]\nrun = "make"\n'
        '[tasks.long]\nrun = "touch begun; until [ -e stop ]; do sleep 0.05; done"\n',
    )
    made.write("build.Dockerfile", f"FROM {IMAGE}\nRUN echo {made.path} >/mark\n")
    daemon.trust(made.path)
    assert command("build", cwd=made.path).returncode == 2
    return made


def left(engine_client: docker.DockerClient, project: ProjectFiles) -> dict[str, int]:
    """Count what has the project's label in the engine."""
    label: dict[str, str | list[str] | bool] = {"label": f"buildd.project={project.path}"}
    return {
        "container": len(
            engine_client.containers.list(all=True, filters=label, ignore_removed=True)
        ),
        "image": len(engine_client.images.list(filters=label)),
        "cache": len(engine_client.volumes.list(filters=label)),
    }


def shown(command: Command, *arguments: str, cwd: str = "/") -> list[tuple[str, str]]:
    """Return the kinds and projects of what would be removed."""
    result = command("clean", "--show", "--json", *arguments, cwd=cwd)
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)["belongings"]
    return [(row["kind"], row["project"]) for row in rows]


KINDS = ["container", "image", "cache", "state"]


def test_clean_shows_asks_and_removes_everything(
    project: ProjectFiles, daemon: Daemon, command: Command, engine_client: docker.DockerClient
) -> None:
    before = left(engine_client, project)
    assert all(before.values())
    refused = command("clean", cwd=project.path)
    assert refused.returncode == 125
    assert "no terminal to ask you on" in refused.stderr
    assert "image " in refused.stdout, "the list is shown anyway"
    assert left(engine_client, project) == before
    for answer, status in (("n", 1), ("y", 0)):
        screen = Screen(EXECUTABLE, "clean", cwd=project.path, env=daemon.environment, columns=160)
        screen.until("in total)? [y/N]")
        assert all(kind in screen.text() for kind in KINDS)
        screen.type(f"{answer}\r")
        assert screen.end() == status
    assert not any(left(engine_client, project).values())
    client = daemon.connect()
    assert client.request("buildd/diagnostics", project=project.path)["diagnostics"] == []
    assert "nothing to remove" in command("clean", cwd=project.path).stdout
    assert command("build", cwd=project.path).returncode == 2, "the consent stays"


def test_clean_needs_no_valid_configuration(
    project: ProjectFiles, command: Command, engine_client: docker.DockerClient
) -> None:
    project.write("buildd.toml", "]")
    assert sorted({kind for kind, _ in shown(command, cwd=project.path)}) == sorted(KINDS)
    os.unlink(project.file("buildd.toml"))
    os.unlink(project.file("build.Dockerfile"))
    os.mkdir(project.file("below"))
    assert command("clean", "--yes", cwd=project.file("below")).returncode == 0
    assert not any(left(engine_client, project).values())
    nothing = command("clean", cwd=project.path)
    assert nothing.returncode == 125
    assert "--orphans" in nothing.stderr


def test_a_project_with_a_run_under_way_is_left_alone(
    project: ProjectFiles, daemon: Daemon, command: Command, engine_client: docker.DockerClient
) -> None:
    before = left(engine_client, project)
    client = daemon.connect()
    ids = [resource["id"] for resource in belongings(daemon, project)]
    number = client.start("buildd/run", project=project.path, task="long")
    client.wait_for(lambda message: message.get("method") == "buildd/runStarted")
    refused = command("clean", "--yes", cwd=project.path)
    assert refused.returncode == 1
    assert "under way" in refused.stderr
    result = daemon.connect().request("buildd/clean", belongings=ids)
    assert "removed" not in result
    assert left(engine_client, project) == before
    project.write("stop", "")
    assert client.result(number)["run"]["exitStatus"] == 0


def belongings(daemon: Daemon, project: ProjectFiles) -> list[dict[str, str]]:
    found = daemon.connect().request("buildd/belongings", project=project.path)
    return list(found["belongings"])


def test_orphans_and_all_are_of_this_user_and_state_only(
    project: ProjectFiles,
    make_project: Make,
    daemon: Daemon,
    command: Command,
    engine_client: docker.DockerClient,
    directory: str,
) -> None:
    other = Daemon(os.path.join(directory, "r2"), os.path.join(directory, "s2"))
    stays = make_project({"buildd.toml": '[tasks.build]\nrun = "true"\n'}, engine="docker")
    try:
        other.trust(project.path)
        other.connect().request("buildd/up", project=project.path)
        command("up", cwd=stays.path)
        assert not shown(command, "--orphans")
        shutil.rmtree(project.path)
        orphans = shown(command, "--orphans")
        assert sorted({kind for kind, _ in orphans}) == sorted([*KINDS, "consent"])
        assert {path for _, path in orphans} == {project.path}
        assert command("clean", "--orphans", "--yes").returncode == 0
        assert not shown(command, "--orphans")
        assert left(engine_client, project)["container"] == 1, "the other daemon's"
        assert left(engine_client, stays)["container"] == 1
        assert {path for _, path in shown(command, "--all")} == {stays.path}
        assert command("clean", "--all", "--yes").returncode == 0
        assert not any(left(engine_client, stays).values())
        assert left(engine_client, project)["container"] == 1
    finally:
        other.close()


def test_a_resource_in_use_stays_and_is_named(
    project: ProjectFiles, command: Command, engine_client: docker.DockerClient
) -> None:
    label: dict[str, str | list[str] | bool] = {"label": f"buildd.project={project.path}"}
    (image,) = engine_client.images.list(filters=label)
    engine_client.api.tag(image.id or "", f"mine-{os.path.basename(project.path)}", "1")
    tag = f"mine-{os.path.basename(project.path)}:1"
    cache = {"label": ["buildd.cache=stuff", f"buildd.project={project.path}"]}
    (volume,) = engine_client.api.volumes(filters=cache)["Volumes"]
    user = engine_client.containers.create(IMAGE, "true", volumes=[f"{volume['Name']}:/x"])
    try:
        result = command("clean", "--yes", cwd=project.path)
        assert result.returncode == 1
        assert "the cache stuff cannot be removed" in result.stderr
        assert engine_client.images.get(tag).tags == [tag], "the user's own tag stays"
        user.remove()
        assert command("clean", "--yes", cwd=project.path).returncode == 0
        assert engine_client.images.get(tag).tags == [tag]
    finally:
        engine_client.images.remove(tag)


def test_one_cache_is_removed_by_its_name(
    project: ProjectFiles, command: Command, engine_client: docker.DockerClient
) -> None:
    before = left(engine_client, project)
    status = command("status", "--caches", cwd=project.path)
    caches = {line.split()[0]: line for line in status.stdout.splitlines()}
    assert {"stuff", "home"} <= caches.keys(), status.stderr
    assert project.path in caches["stuff"]
    assert command("down", cwd=project.path).returncode == 0
    assert shown(command, "--cache", "nothing", cwd=project.path) == []
    assert shown(command, "--cache", "stuff", cwd=project.path) == [("cache", project.path)]
    assert left(engine_client, project) == before
    assert command("up", cwd=project.path).returncode == 0
    removed = command("clean", "--cache", "stuff", "--yes", cwd=project.path)
    assert removed.returncode == 0, removed.stderr
    assert left(engine_client, project)["cache"] == before["cache"] - 1
    again = command("exec", "--", "ls", "/stuff", cwd=project.path)
    assert (again.returncode, again.stdout) == (0, "")


def test_an_engine_that_is_away_is_named_and_the_rest_removed(
    project: ProjectFiles, daemon: Daemon, command: Command, engine_client: docker.DockerClient
) -> None:
    before = left(engine_client, project)
    assert command("daemon", "stop").returncode == 0
    daemon.environment["DOCKER_HOST"] = "unix:///nonexistent.sock"
    result = command("clean", "--yes", cwd=project.path)
    assert result.returncode == 1
    assert "no Docker engine answers" in result.stderr
    assert "state" in result.stdout
    assert left(engine_client, project) == before
    assert command("daemon", "stop").returncode == 0
    del daemon.environment["DOCKER_HOST"]
    assert command("clean", "--yes", cwd=project.path).returncode == 0
    assert not any(left(engine_client, project).values())
