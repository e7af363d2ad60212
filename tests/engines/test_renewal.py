"""These tests change an environment's definition: the old container serves until the new one."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import docker
import pytest

from tests.conftest import IMAGE
from tests.support.client import Client
from tests.support.daemon import Daemon, wait_until
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.engine

DOCKERFILE = f"""\
FROM {IMAGE}
COPY needs.txt /in/
RUN : PROJECT; if grep -q hold /in/needs.txt; then until test -e /go; do sleep 0.05; done; fi
RUN grep -v broken /in/needs.txt >/made
"""


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


@pytest.fixture
def define(
    make_project: Callable[..., ProjectFiles], daemon: Daemon, client: Client
) -> Callable[..., ProjectFiles]:
    """Make a trusted project, with its environment warm."""

    def make(*, on_change: str = "rebuild", needs: str = "one\n") -> ProjectFiles:
        project = make_project({}, engine="docker", trust=False)
        project.write("Dockerfile", DOCKERFILE.replace("PROJECT", str(project.path)))
        project.write("needs.txt", needs)
        project.write(
            "buildd.toml",
            '[environments.build]\ndockerfile = "Dockerfile"\ncontext = "."\n'
            f'on-change = "{on_change}"\n'
            '[tasks.build]\nrun = "cat /made >out"\n',
        )
        daemon.trust(project.path)
        client.request("buildd/up", project=project.path)
        return project

    return make


def environment(client: Client, project: ProjectFiles) -> dict[str, Any]:
    status = client.request("buildd/status", project=project.path)
    found: dict[str, Any] = status["projects"][0]["environments"][0]
    return found


def made(client: Client, project: ProjectFiles) -> str:
    """Run the task; return the content from which its image was built."""
    result = client.request("buildd/run", project=project.path, task="build")
    assert result["run"]["exitStatus"] == 0
    return project.read("out")


def resume_build(project: ProjectFiles) -> None:
    """End the wait of the build that holds."""
    engine = docker.from_env()

    def resume() -> bool:
        """Create the file that the build waits for; its container may not run yet."""
        steps = engine.containers.list(filters={"ancestor": IMAGE}, ignore_removed=True)
        return any(
            container.exec_run(["touch", "/go"]).exit_code == 0
            for container in steps
            if f": {project.path};" in str(container.attrs["Config"]["Cmd"])
        )

    try:
        wait_until(resume)
    finally:
        engine.close()


def test_the_old_container_serves_until_the_new_one_is_ready(
    define: Callable[..., ProjectFiles], client: Client
) -> None:
    project = define()
    project.write("other.txt", "never counts")
    before = environment(client, project)
    project.write("needs.txt", "two, and hold\n")
    wait_until(lambda: "/go" in environment(client, project).get("detail", ""))
    now = environment(client, project)
    assert (now["state"], now["container"]) == ("warm", before["container"])
    assert now["changed"] == ["needs.txt"]
    client.seen.clear()
    assert made(client, project) == "one\n"
    assert any("still in the old container" in message for message in progress(client))
    resume_build(project)
    client.request("buildd/up", project=project.path)
    after = environment(client, project)
    assert after["container"] != before["container"]
    assert "changed" not in after
    assert made(client, project) == "two, and hold\n"


def progress(client: Client) -> list[str]:
    """Return the messages of the progress that the client has received."""
    parameters = [message.get("params", {}) for message in client.seen]
    return [params["message"] for params in parameters if "message" in params]


def test_a_failed_build_keeps_the_old_container_and_the_next_change_tries_again(
    define: Callable[..., ProjectFiles], client: Client
) -> None:
    project = define()
    before = environment(client, project)["container"]
    project.write("needs.txt", "broken\n")

    def diagnostics() -> list[tuple[str, int]]:
        found = client.request("buildd/diagnostics", project=project.path)["diagnostics"]
        return [(diagnostic["file"], diagnostic["line"]) for diagnostic in found]

    wait_until(lambda: diagnostics() == [(project.file("Dockerfile"), 4)])
    now = environment(client, project)
    assert (now["state"], now["container"], now["changed"]) == ("warm", before, ["needs.txt"])
    assert "does not build" in now["detail"]
    assert made(client, project) == "one\n"
    assert diagnostics() == [(project.file("Dockerfile"), 4)]

    project.write("needs.txt", "three\n")
    wait_until(lambda: "changed" not in environment(client, project))
    assert made(client, project) == "three\n"
    assert diagnostics() == []


def test_a_renewal_waits_for_runs_under_way(
    define: Callable[..., ProjectFiles], client: Client, daemon: Daemon
) -> None:
    project = define()
    before = environment(client, project)["container"]
    other = daemon.connect()
    number = other.start(
        "buildd/exec",
        project=project.path,
        directory=project.path,
        command=["sh", "-c", "touch begun; until test -e go; do sleep 0.05; done"],
        stdin=False,
    )
    ready = other.wait_for(lambda message: message.get("method") == "buildd/ready")["params"]
    with open(ready["stdout"], "rb"), open(ready["stderr"], "rb"):
        wait_until(lambda: os.path.exists(project.file("begun")))
        project.write("needs.txt", "two\n")
        wait_until(lambda: "nothing runs" in environment(client, project).get("detail", ""))
        assert environment(client, project)["container"] == before
        assert made(client, project) == "one\n"
        project.write("go", "")
        assert other.result(number)["run"]["exitStatus"] == 0
    wait_until(lambda: environment(client, project).get("container") not in ("", None, before))
    wait_until(lambda: environment(client, project)["state"] == "warm")
    assert made(client, project) == "two\n"


def test_a_changed_dockerfile_waits_for_trust(
    define: Callable[..., ProjectFiles], client: Client, daemon: Daemon
) -> None:
    project = define(on_change="ask")
    before = environment(client, project)["container"]
    project.write("Dockerfile", DOCKERFILE.replace(">/made", "| tr a-z A-Z >/made"))
    wait_until(lambda: environment(client, project).get("changed") == ["Dockerfile"])
    assert environment(client, project)["container"] == before
    daemon.trust(project.path)
    # Trust in the new Dockerfile is also consent to the build, so `on-change` does not ask again.
    wait_until(lambda: "changed" not in environment(client, project))
    assert made(client, project) == "ONE\n"


def test_a_rebuild_makes_a_new_container(
    define: Callable[..., ProjectFiles], client: Client
) -> None:
    project = define()
    before = environment(client, project)
    client.seen.clear()
    client.request("buildd/up", project=project.path, rebuild=True)
    assert any(message.startswith("Step 3/") for message in progress(client))
    after = environment(client, project)
    assert after["container"] != before["container"]
