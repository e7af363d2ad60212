"""These tests run projects with a devcontainer.json or a dock.yaml on a real engine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

import docker
import pytest

from tests.conftest import IMAGE
from tests.support.client import Client, ClientError
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.engine

Command = Callable[..., "subprocess.CompletedProcess[str]"]

DEVCONTAINER = """
{
    // With comments and trailing commas, as people write them.
    "build": { "dockerfile": "Dockerfile", "args": { "WHO": "dev" }, "target": "tools" },
    "remoteUser": "dev",
    "containerEnv": { "PROJECT": "${localWorkspaceFolderBasename}" },
    "remoteEnv": { "PATH": "/opt/bin:${containerEnv:PATH}" },
    "mounts": [ "source=cache,target=/home/dev/.cache/inner,type=volume" ],
    "features": { "ghcr.io/devcontainers/features/node:1": {} },
    "onCreateCommand": "pwd >created; cat ~/greeting >>created",
    "postCreateCommand": { "a": "touch a", "b": ["touch", "b c"] },
    "postStartCommand": ".devcontainer/start.sh",
}
"""

DOCKERFILE = f"""
FROM {IMAGE} AS tools
ARG WHO
RUN useradd --create-home --uid 1234 $WHO && echo hello >/home/$WHO/greeting \\
 && chown --recursive $WHO /home/$WHO
FROM tools
RUN exit 1
"""

DOCK = """
schema_version: '0.1'
organisation: example
project: example
default_shell_env: test
environments:
  test:
    workdir: /app
    build_args: ["--build-arg=VERSION=7"]
    env: { FLAG: true }
    cache_volumes: { work: /cache }
    mounts: { ./tools: /tools }
    mount_local: [user, group, project_dir, docker]
    shell: /bin/dash
"""

LOOK = 'pwd; echo "$HOME $PROJECT $PATH"; stat -c %u ~ ~/greeting ~/.cache/inner; touch ~/x made'


@pytest.fixture
def make_devcontainer(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> Callable[..., ProjectFiles]:
    """Make a trusted project from a devcontainer.json, its Dockerfile and a script."""

    def make(text: str, dockerfile: str) -> ProjectFiles:
        project = make_project({}, engine="docker", trust=False)
        project.write(".devcontainer/devcontainer.json", text)
        project.write(".devcontainer/Dockerfile", dockerfile)
        os.chmod(project.write(".devcontainer/start.sh", "#!/bin/sh\necho started >>log\n"), 0o755)
        daemon.trust(project.path)
        return project

    return make


def test_a_devcontainer_as_people_write_them(
    make_devcontainer: Callable[..., ProjectFiles], daemon: Daemon, command: Command
) -> None:
    project = make_devcontainer(DEVCONTAINER, DOCKERFILE)
    name = os.path.basename(project.path)
    result = command("exec", "--", "sh", "-c", LOOK, cwd=project.path)
    assert result.returncode == 0, result.stderr
    place, variables, *owners = result.stdout.splitlines()
    assert place == f"/workspaces/{name}"
    assert variables.startswith(f"/home/dev {name} /opt/bin:/usr/")
    assert owners == [str(os.getuid())] * 3
    assert os.stat(project.file("made")).st_uid == os.getuid()
    assert project.read("created") == f"/workspaces/{name}\nhello\n"
    assert {"a", "b c"} < set(os.listdir(project.path))
    assert project.read("log") == "started\n"
    (found,) = daemon.connect().request("buildd/diagnostics", project=project.path)["diagnostics"]
    assert (found["line"], found["severity"], found["code"]) == (9, "warning", "features")
    for name in ("build", "watch"):
        refused = command(name, cwd=project.path)
        assert "`buildd init --from .devcontainer/devcontainer.json` writes" in refused.stderr

    assert command("init", "--from", ".devcontainer/devcontainer.json", cwd=project.path).stdout
    daemon.trust(project.path)
    again = command("exec", "--", "sh", "-c", "cat log; ls ~/x", cwd=project.path)
    assert again.stdout == "started\n/home/dev/x\n", "an equal configuration keeps its container"


def test_the_user_in_an_image_s_dev_container_metadata(
    make_devcontainer: Callable[..., ProjectFiles], command: Command
) -> None:
    label = """'[{"id": "x"}, {"remoteUser": "dev"}, {"containerEnv": {}}]'"""
    project = make_devcontainer(
        '{ "dockerFile": "Dockerfile" }',
        f"FROM {IMAGE}\nRUN useradd -m -u 1234 dev\nLABEL devcontainer.metadata={label}\n",
    )
    result = command("exec", "--", "sh", "-c", "echo ~; id -u", cwd=project.path)
    assert result.stdout == f"/home/dev\n{os.getuid()}\n", result.stderr


def test_the_environments_of_a_dock_yaml(
    make_project: Callable[..., ProjectFiles], daemon: Daemon, command: Command
) -> None:
    project = make_project({}, engine="docker", trust=False)
    project.write("test.Dockerfile", f"FROM {IMAGE}\nARG VERSION\nRUN echo $VERSION >/version\n")
    project.write("dock.yaml", DOCK)
    project.write("tools/tool", "")
    daemon.trust(project.path)
    look = 'pwd; cat /version; echo "$FLAG $SHELL"; touch /cache/x made; id -G; ls /tools'
    result = command("exec", "--", "sh", "-c", look, cwd=project.path)
    assert result.returncode == 0, result.stderr
    place, version, variables, groups, tools = result.stdout.splitlines()
    assert (place, version, variables) == ("/app", "7", "true /bin/dash")
    assert str(os.stat("/var/run/docker.sock").st_gid) in groups.split()
    assert tools == "tool"
    assert os.stat(project.file("made")).st_uid == os.getuid()


def test_a_user_that_is_not_in_the_image_is_an_error(
    make_devcontainer: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    project = make_devcontainer(
        '{ "dockerFile": "Dockerfile", "remoteUser": "nobody-here" }', f"FROM {IMAGE}\n"
    )
    client: Client = daemon.connect()
    with pytest.raises(ClientError, match="has no user `nobody-here`") as caught:
        client.request("buildd/up", project=project.path)
    assert "root, daemon" in caught.value.remedy
    engine = docker.from_env()
    try:
        label: dict[str, str | list[str] | bool] = {"label": f"buildd.project={project.path}"}
        assert not engine.containers.list(all=True, filters=label, ignore_removed=True)
    finally:
        engine.close()
