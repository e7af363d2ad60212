"""An environment whose definition changes: built beside what serves, and in its place after."""

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
    """What the image that a run gets was made from."""
    result = client.request("buildd/run", project=project.path, task="build")
    assert result["run"]["exitStatus"] == 0
    return project.read("out")


def let_go_on(project: ProjectFiles) -> None:
    """End the wait of the build that waits."""
    engine = docker.from_env()

    def is_let_go() -> bool:
        """The step is told of a moment before its container runs."""
        steps = engine.containers.list(filters={"ancestor": IMAGE}, ignore_removed=True)
        return any(
            one.exec_run(["touch", "/go"]).exit_code == 0
            for one in steps
            if f": {project.path};" in str(one.attrs["Config"]["Cmd"])
        )

    try:
        wait_until(is_let_go)
    finally:
        engine.close()


def test_the_old_container_serves_until_the_new_one_is_there(
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
    told = [one["params"]["message"] for one in client.seen if "message" in one.get("params", {})]
    assert any("still in the old container" in one for one in told)
    let_go_on(project)
    client.request("buildd/up", project=project.path)
    after = environment(client, project)
    assert after["container"] != before["container"]
    assert "changed" not in after
    assert made(client, project) == "two, and hold\n"


def test_a_failed_one_leaves_the_old_in_place_and_the_next_change_tries_again(
    define: Callable[..., ProjectFiles], client: Client
) -> None:
    project = define()
    before = environment(client, project)["container"]
    project.write("needs.txt", "broken\n")

    def diagnostics() -> list[tuple[str, int]]:
        found = client.request("buildd/diagnostics", project=project.path)["diagnostics"]
        return [(one["file"], one["line"]) for one in found]

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


def test_a_run_under_way_is_not_ended_by_it(
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
    ready = other.wait_for(lambda one: one.get("method") == "buildd/ready")["params"]
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
    # Who consents to the Dockerfile wants it built: nobody is asked again.
    wait_until(lambda: "changed" not in environment(client, project))
    assert made(client, project) == "ONE\n"


def test_rebuild_builds_anew_while_the_old_one_serves(
    define: Callable[..., ProjectFiles], client: Client
) -> None:
    project = define()
    before = environment(client, project)
    client.seen.clear()
    client.request("buildd/up", project=project.path, rebuild=True)
    told = [one["params"]["message"] for one in client.seen if "message" in one.get("params", {})]
    assert any(one.startswith("Step 3/") for one in told)
    after = environment(client, project)
    assert after["container"] != before["container"]
