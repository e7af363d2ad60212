"""These tests check that caches belong to the user who runs the commands, and to nobody else."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from tests.conftest import IMAGE
from tests.support.client import ClientError
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.engine

Make = Callable[..., ProjectFiles]

DOCKERFILE = f"FROM {IMAGE}\nRUN useradd --uid 4321 app\nUSER app\n"


def configuration(user: str, *, shared: bool = False) -> str:
    cache = '{ path = "/cache", shared = true }' if shared else '"/cache"'
    return f"""
[environments.build]
dockerfile = "build.Dockerfile"
user = "{user}"
caches = {{ all = {cache} }}
[tasks.build]
run = "touch /cache/x && stat -c '%u %a' /cache /cache/x"
"""


def test_a_cache_is_given_to_the_new_user(make_project: Make, daemon: Daemon) -> None:
    project = make_project({"build.Dockerfile": DOCKERFILE}, engine="docker", trust=False)
    for user, uid in (("root", 0), ("image", 4321), ("root", 0)):
        project.write("buildd.toml", configuration(user))
        daemon.trust(project.path)
        client = daemon.connect()
        result = client.request("buildd/run", project=project.path, task="build")
        assert result["run"]["exitStatus"] == 0
        output = b"".join(
            base64.b64decode(message["params"]["data"])
            for message in client.seen
            if message.get("method") == "buildd/output"
        )
        assert output.decode().splitlines() == [f"{uid} 755", f"{uid} 644"]


def test_a_shared_cache_has_one_user_only(make_project: Make, daemon: Daemon) -> None:
    paths = []
    for user in ("root", "image"):
        project = make_project({"build.Dockerfile": DOCKERFILE}, engine="docker", trust=False)
        project.write("buildd.toml", configuration(user, shared=True))
        daemon.trust(project.path)
        paths.append(project.path)
    client = daemon.connect()
    client.request("buildd/up", project=paths[0])
    with pytest.raises(ClientError, match="the shared cache all is also used by") as caught:
        client.request("buildd/up", project=paths[1])
    assert paths[0] in caught.value.message
    assert "as the user 0:0, and here as 4321:4321" in caught.value.message
