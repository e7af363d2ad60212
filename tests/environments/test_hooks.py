"""Hooks: what makes an environment ready, in a real container."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable

import docker
import pytest

from tests.conftest import IMAGE
from tests.support.client import Client, ClientError
from tests.support.daemon import Daemon, wait_until
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.engine

HEAD = f'[tasks.build]\nrun = "cat made started"\n[environments.build]\nimage = "{IMAGE}"\n'


@pytest.fixture
def hooked(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> Callable[[str], ProjectFiles]:
    """Make a trusted project whose environment has these keys."""

    def make(keys: str) -> ProjectFiles:
        project = make_project({}, engine="docker", trust=False)
        project.write("buildd.toml", HEAD + keys)
        daemon.trust(project.path)
        return project

    return make


def build(client: Client, project: ProjectFiles) -> bytes:
    """The output of a build."""
    client.seen.clear()
    client.request("buildd/run", project=project.path, task="build")
    outputs = [one["params"]["data"] for one in client.seen if one.get("method") == "buildd/output"]
    return b"".join(map(base64.b64decode, outputs))


def messages(client: Client) -> list[str]:
    return [
        one["params"].get("message", "")
        for one in client.seen
        if one.get("method") == "buildd/progress"
    ]


def test_on_create_runs_once_for_a_container_and_on_start_whenever_it_becomes_warm(
    hooked: Callable[[str], ProjectFiles], daemon: Daemon
) -> None:
    project = hooked(
        'on-create = "echo made-$X >>made"\non-start = ["sh", "-c", "echo up >>started"]\n'
        'env = { X = "yes" }\n'
    )
    client = daemon.connect()
    assert build(client, project) == b"made-yes\nup\n"
    assert any(one.startswith("on-create: `echo made-$X") for one in messages(client))
    assert build(client, project) == b"made-yes\nup\n"
    daemon.kill()
    client = daemon.connect()
    assert build(client, project) == b"made-yes\nup\nup\n"
    for container in containers(project):
        engine = docker.from_env()
        engine.containers.get(container).remove(force=True)
        engine.close()
    assert build(client, project) == b"made-yes\nmade-yes\nup\nup\nup\n"
    owner = os.stat(project.file("made"))
    assert (owner.st_uid, owner.st_gid) == (os.getuid(), os.getgid())


def test_entries_of_a_table_follow_each_other_and_those_in_a_table_of_it_do_not_wait(
    hooked: Callable[[str], ProjectFiles], daemon: Daemon
) -> None:
    # Each of the pair waits until the other has begun.
    project = hooked(
        "[environments.build.on-create]\n"
        'first = "echo first >>made"\n'
        'pair.left = "mkfifo pipe; echo left >pipe"\n'
        """pair.right = 'until [ -p pipe ]; do sleep 0.01; done; cat pipe >>made'\n"""
        'last = "echo last >>made; touch started"\n'
    )
    assert build(daemon.connect(), project) == b"first\nleft\nlast\n"


def test_a_hook_that_fails_is_an_error_at_its_key_and_the_next_use_begins_anew(
    hooked: Callable[[str], ProjectFiles], daemon: Daemon
) -> None:
    project = hooked(
        "[environments.build.on-create]\n"
        'good = "touch /tmp/seen"\n'
        'bad.tools = "echo no such tool >&2; test -e mended"\n'
        'bad.other = "sleep 600"\n'
    )
    client = daemon.connect()
    with pytest.raises(ClientError, match=r"`on-create\.bad\.tools` .* exit status 1") as caught:
        client.request("buildd/run", project=project.path, task="build")
    assert caught.value.code == -32010
    assert caught.value.data["file"] == project.file("buildd.toml")
    assert caught.value.data["line"] == 7
    assert caught.value.data["output"] == "no such tool"
    (found,) = client.request("buildd/diagnostics", project=project.path)["diagnostics"]
    assert (found["line"], "no such tool" in found["message"]) == (7, True)
    (environment,) = client.request("buildd/status", project=project.path)["projects"][0][
        "environments"
    ]
    assert environment["state"] == "failed"
    (unready,) = containers(project)
    wait_until(lambda: "sleep 600" not in processes(unready))

    project.write("mended", "")
    project.write("buildd.toml", project.read("buildd.toml").replace("sleep 600", "touch made"))
    project.write("started", "")
    daemon.trust(project.path)
    assert build(client, project) == b""
    assert unready not in containers(project)
    assert client.request("buildd/diagnostics", project=project.path)["diagnostics"] == []


def test_a_container_that_was_being_made_ready_when_the_daemon_died_is_of_no_use(
    hooked: Callable[[str], ProjectFiles], daemon: Daemon
) -> None:
    project = hooked('on-create = "echo made >>made; touch started; test -e again || sleep 600"\n')
    daemon.connect().start("buildd/up", project=project.path)
    wait_until(lambda: os.path.exists(project.file("started")))
    (before,) = containers(project)
    daemon.kill()
    project.write("again", "")
    assert build(daemon.connect(), project) == b"made\nmade\n"
    assert before not in containers(project)


def test_down_ends_what_makes_ready(hooked: Callable[[str], ProjectFiles], daemon: Daemon) -> None:
    project = hooked('on-start = "touch started; sleep 600"\n')
    client = daemon.connect()
    number = client.start("buildd/up", project=project.path)
    wait_until(lambda: os.path.exists(project.file("started")))
    daemon.connect().request("buildd/down", project=project.path)
    with pytest.raises(ClientError):
        client.result(number)
    assert containers(project) == []


def containers(project: ProjectFiles) -> list[str]:
    engine = docker.from_env()
    try:
        label: dict[str, str | list[str] | bool] = {"label": f"buildd.project={project.path}"}
        return [one.id or "" for one in engine.containers.list(filters=label, ignore_removed=True)]
    finally:
        engine.close()


def processes(container: str) -> str:
    engine = docker.from_env()
    try:
        return str(engine.containers.get(container).top()["Processes"])
    finally:
        engine.close()
