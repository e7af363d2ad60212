"""These tests use a real Docker engine: images, containers, adoption, users, failures."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable

import docker
import pytest

from tests.conftest import IMAGE
from tests.support.client import Client, ClientError
from tests.support.daemon import Daemon, wait_until
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.engine

BUILT = """
    [environments.build]
    dockerfile = "build.Dockerfile"
    [tasks.build]
    run = "cat /version"
"""


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


def containers(project: ProjectFiles) -> list[str]:
    engine = docker.from_env()
    try:
        label: dict[str, str | list[str] | bool] = {"label": f"buildd.project={project.path}"}
        found = engine.containers.list(filters=label, ignore_removed=True)
        return [container.id or "" for container in found]
    finally:
        engine.close()


def plain(files: dict[str, str]) -> dict[str, str]:
    return {"buildd.toml": '[tasks.build]\nrun = "true"\n', **files}


@pytest.fixture
def built(make_project: Callable[..., ProjectFiles], daemon: Daemon) -> ProjectFiles:
    """Make a project whose image is built from a Dockerfile."""
    project = make_project({}, engine="docker", trust=False)
    project.write("buildd.toml", BUILT.replace("    ", ""))
    project.write("build.Dockerfile", f"FROM {IMAGE}\nRUN echo one >/version\n")
    daemon.trust(project.path)
    return project


def output(client: Client) -> bytes:
    import base64

    return b"".join(
        base64.b64decode(message["params"]["data"])
        for message in client.seen
        if message.get("method") == "buildd/output"
    )


def progress(client: Client) -> list[str]:
    """Return the messages of the progress that the client has received."""
    parameters = [message.get("params", {}) for message in client.seen]
    return [params["message"] for params in parameters if "message" in params]


def test_an_image_is_built_once_and_again_when_its_definition_changes(
    built: ProjectFiles, client: Client, daemon: Daemon
) -> None:
    client.request("buildd/run", project=built.path, task="build")
    assert output(client) == b"one\n"
    assert any(step.startswith("Step 2/") for step in progress(client))

    client.seen.clear()
    client.request("buildd/run", project=built.path, task="build")
    assert not progress(client)

    built.write("build.Dockerfile", f"FROM {IMAGE}\nRUN echo two >/version\n")
    daemon.trust(built.path)
    client.request("buildd/up", project=built.path)
    client.seen.clear()
    client.request("buildd/run", project=built.path, task="build")
    assert output(client) == b"two\n"
    wait_until(lambda: len(containers(built)) == 1)  # the old container is replaced


@pytest.mark.parametrize(
    ("dockerfile", "line"),
    [
        (f"FROM {IMAGE}\n\n# a comment\nRUN true && \\\n    true\nRUN exit 3\n", 6),
        (f"FROM {IMAGE}\nRUN true\nFRM nothing\n", 3),
        (f"FROM {IMAGE}\nCOPY nothing /\n", 2),
    ],
)
def test_an_image_that_does_not_build_is_an_error_at_the_failing_line(
    built: ProjectFiles, client: Client, daemon: Daemon, dockerfile: str, line: int
) -> None:
    built.write("build.Dockerfile", dockerfile)
    daemon.trust(built.path)
    with pytest.raises(ClientError) as caught:
        client.request("buildd/run", project=built.path, task="build")
    assert caught.value.code == -32005
    assert caught.value.data["file"] == built.file("build.Dockerfile")
    assert caught.value.data["line"] == line
    found = client.request("buildd/diagnostics", project=built.path)["diagnostics"]
    places = [(diagnostic["file"], diagnostic["line"]) for diagnostic in found]
    assert places == [(built.file("build.Dockerfile"), line)]

    built.write("build.Dockerfile", f"FROM {IMAGE}\nRUN echo good >/version\n")
    daemon.trust(built.path)
    client.request("buildd/run", project=built.path, task="build")
    assert client.request("buildd/diagnostics", project=built.path)["diagnostics"] == []


def test_the_next_daemon_adopts_the_container_and_ends_orphaned_runs(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    project = make_project(
        {"buildd.toml": '[tasks.long]\nrun = "sleep 600"\n[tasks.ok]\nrun = "exit 5"\n'},
        engine="docker",
    )
    client = daemon.connect()
    client.start("buildd/run", project=project.path, task="long")
    client.wait_for(lambda message: message.get("method") == "buildd/runStarted")
    before = containers(project)
    wait_until(lambda: bool(processes(project, "sleep 600")))
    daemon.kill()
    wait_until(lambda: not processes(project, "sleep 600"))

    result = daemon.connect().request("buildd/run", project=project.path, task="ok")
    assert result["run"]["exitStatus"] == 5
    assert containers(project) == before


def processes(project: ProjectFiles, words: str) -> list[str]:
    engine = docker.from_env()
    try:
        label: dict[str, str | list[str] | bool] = {"label": f"buildd.project={project.path}"}
        rows = [
            " ".join(row)
            for container in engine.containers.list(filters=label, ignore_removed=True)
            for row in container.top()["Processes"]
        ]
        return [row for row in rows if row.endswith(words)]
    finally:
        engine.close()


def test_a_container_removed_by_hand_is_created_again(
    make_project: Callable[..., ProjectFiles], client: Client
) -> None:
    project = make_project(plain({}), engine="docker")
    client.request("buildd/up", project=project.path)
    (before,) = containers(project)
    engine = docker.from_env()
    engine.containers.get(before).remove(force=True)
    engine.close()
    result = client.request("buildd/run", project=project.path, task="build")
    assert result["run"]["exitStatus"] == 0
    assert containers(project) != [before]


def test_a_run_whose_container_is_killed_is_lost_and_the_next_one_works(
    make_project: Callable[..., ProjectFiles], client: Client, daemon: Daemon
) -> None:
    project = make_project(
        {"buildd.toml": '[tasks.build]\nrun = "test -e stop || sleep 600"\n'}, engine="docker"
    )
    number = client.start("buildd/run", project=project.path, task="build")
    client.wait_for(lambda message: message.get("method") == "buildd/runStarted")
    engine = docker.from_env()
    engine.containers.get(containers(project)[0]).kill()
    engine.close()
    result = client.result(number)
    assert result["run"]["state"] == "lost"
    assert "went away" in result["run"]["error"]
    project.write("stop", "")
    again = client.request("buildd/run", project=project.path, task="build")
    assert again["run"]["exitStatus"] == 0


def test_a_project_directory_that_is_created_again_gets_a_new_container(
    make_project: Callable[..., ProjectFiles], client: Client
) -> None:
    project = make_project(plain({}), engine="docker")
    client.request("buildd/run", project=project.path, task="build")
    toml = project.read("buildd.toml")
    os.rename(project.path, project.path + "-old")
    with pytest.raises(ClientError, match="no configuration any more"):
        client.request("buildd/run", project=project.path, task="build")
    os.mkdir(project.path)
    project.write("buildd.toml", toml)
    project.write("new", "")
    result = client.request("buildd/run", project=project.path, task="build")
    assert result["run"]["exitStatus"] == 0


def test_files_belong_to_the_host_user_who_has_a_name_and_a_home(
    make_project: Callable[..., ProjectFiles], client: Client
) -> None:
    project = make_project(
        {"buildd.toml": '[tasks.build]\nrun = "touch made; whoami; touch $HOME/x && id -u"\n'},
        engine="docker",
    )
    result = client.request("buildd/run", project=project.path, task="build")
    assert result["run"]["exitStatus"] == 0
    found = os.stat(project.file("made"))
    assert (found.st_uid, found.st_gid) == (os.getuid(), os.getgid())
    name = pwd.getpwuid(os.getuid()).pw_name
    assert output(client).decode().split() == [name, str(os.getuid())]


def test_a_missing_engine_is_an_error_with_a_remedy(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    daemon.environment["DOCKER_HOST"] = "unix:///nonexistent.sock"
    project = make_project(plain({}), engine="docker")
    client = daemon.connect()
    with pytest.raises(ClientError, match="no Docker engine answers") as caught:
        client.request("buildd/run", project=project.path, task="build")
    assert 'engine = "host"' in caught.value.remedy
    assert client.request("buildd/status")["projects"][0]["environments"][0]["state"] == "failed"


@pytest.mark.parametrize(
    ("variable", "what"),
    [("RUNTIME", "socket"), ("STATE", "state"), ("CONFIG", "configuration")],
)
def test_a_mount_of_buildd_s_own_directories_is_refused(
    make_project: Callable[..., ProjectFiles],
    client: Client,
    daemon: Daemon,
    variable: str,
    what: str,
) -> None:
    own = daemon.environment[f"BUILDD_{variable}_DIR"]
    os.makedirs(own, exist_ok=True)
    project = make_project({}, engine="docker", trust=False)
    project.write(
        "buildd.toml",
        f'[environments.build]\nimage = "{IMAGE}"\n'
        f'mounts = [{{ source = "{own}", target = "/all" }}]\n',
    )
    daemon.trust(project.path)
    with pytest.raises(ClientError, match=f"own {what} directory"):
        client.request("buildd/up", project=project.path)


def test_two_daemons_on_one_engine_have_their_own_containers(
    make_project: Callable[..., ProjectFiles], client: Client, directory: str
) -> None:
    project = make_project(plain({}), engine="docker")
    other = Daemon(os.path.join(directory, "r2"), os.path.join(directory, "s2"))
    try:
        client.request("buildd/up", project=project.path)
        mine = containers(project)
        other.trust(project.path)
        other.connect().request("buildd/up", project=project.path)
        assert len(containers(project)) == 2
        other.connect().request("buildd/down", project=project.path)
        assert containers(project) == mine
    finally:
        other.close()
