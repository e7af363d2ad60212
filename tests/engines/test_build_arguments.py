"""Values of build arguments: which the arguments of the docker command hold, and which not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from buildd.engines.docker import build_arguments
from tests.conftest import IMAGE
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles

SECRET = "kLm8-very-secret"


@pytest.mark.parametrize("name", ["NPM_TOKEN", "api_key", "DB_PASSWORD", "GITHUB_TOKEN"])
def test_a_secret_is_in_no_argument(name: str) -> None:
    arguments = {name: SECRET, "VERSION": "1.2"}
    assert build_arguments.options(arguments) == [
        *("--build-arg", name),
        *("--build-arg", "VERSION=1.2"),
    ]
    assert build_arguments.variables(arguments) == {name: SECRET}


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "HOME", "LD_PRELOAD", "LD_LIBRARY_PATH", "GCONV_PATH", "GLIBC_TUNABLES"),
        *("DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_BUILDKIT", "BUILDX_BUILDER", "http_proxy"),
        *("PASSWORD_STORE_DIR", "AWS_SECRET_ACCESS_KEY", "GOOGLE_APPLICATION_CREDENTIALS"),
        *("DOCKER_AUTH_TOKEN", "BASH_ENV", "PYTHONPATH", "SSH_KEY", "GIT_ASKPASS", "CC"),
    ],
)
def test_what_programs_of_this_machine_read_is_not_set_for_them(name: str) -> None:
    assert build_arguments.variables({name: "x"}) == {}
    assert build_arguments.options({name: "x"}) == ["--build-arg", f"{name}=x"]


@pytest.mark.engine
def test_no_process_shows_it_while_an_image_is_built(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    project = make_project(
        {
            "Dockerfile": f"FROM {IMAGE}\nARG API_TOKEN\nARG WORD\n"
            "RUN --mount=type=cache,target=/c sleep 2; echo $WORD ${#API_TOKEN} >/made\n",
            "buildd.toml": "",
        },
        trust=False,
    )
    keys = f'build-args = {{ API_TOKEN = "{SECRET}", WORD = "yes" }}'
    check = f"[tasks.show]\nrun = \"grep -x 'yes {len(SECRET)}' /made\"\n"
    head = f'[environments.build]\ndockerfile = "Dockerfile"\n{keys}\n'
    project.write("buildd.toml", head + check)
    daemon.trust(project.path)
    client = daemon.connect()
    has_ended = threading.Event()
    seen: set[str] = set()

    def look() -> None:
        while not has_ended.wait(0.02):
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    words = file.read_text("utf-8", "replace").split("\0")
                except OSError:
                    continue
                if "--build-arg" in words:
                    seen.update(words)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        client.request("buildd/up", project=project.path)
    finally:
        has_ended.set()
        looking.join()
    assert {"API_TOKEN", "WORD=yes"} <= seen
    assert not [word for word in seen if SECRET in word]
    result = client.request("buildd/run", project=project.path, task="show")
    assert result["run"]["exitStatus"] == 0
