"""These tests check which files a container has, and how paths are translated."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import IMAGE
from tests.support.client import Client, ClientError
from tests.support.daemon import TIMEOUT, Daemon, settle
from tests.support.engine import IMAGE as SMALL
from tests.support.engine import Engine, needs_root
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.engine

Make = Callable[..., ProjectFiles]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


@pytest.fixture
def elsewhere(make_project: Make, daemon: Daemon) -> ProjectFiles:
    """Make a project that has another path in its container."""
    project = make_project({}, engine="docker", trust=False)
    project.write(
        "buildd.toml",
        f'[environments.build]\nimage = "{IMAGE}"\nmount = "/go/src/app"\n'
        '[tasks.build]\nrun = "pwd; gcc -c $PWD/a.c"\ndirectory = "sub"\n',
    )
    project.write("sub/b.h", "static int b;\n#error look at /go/src/app/README or /go/src/other\n")
    project.write("sub/a.c", 'int b;\n#include "b.h"\n')
    daemon.trust(project.path)
    return project


def test_diagnostics_have_the_host_s_paths(elsewhere: ProjectFiles, client: Client) -> None:
    result = client.request("buildd/run", project=elsewhere.path, task="build")
    by_line = {diagnostic["line"]: diagnostic for diagnostic in result["diagnostics"]}
    assert {diagnostic["file"] for diagnostic in by_line.values()} == {elsewhere.file("sub/b.h")}
    assert by_line[2]["message"].endswith(f"{elsewhere.file('README')} or /go/src/other")
    notes = [note for diagnostic in by_line.values() for note in diagnostic["related"]]
    assert {note["file"] for note in notes} == {elsewhere.file("sub/a.c")}


def test_exec_and_shims_start_in_the_translated_directory(
    elsewhere: ProjectFiles, command: Command, daemon: Daemon
) -> None:
    assert command("exec", "--", "pwd", cwd=elsewhere.file("sub")).stdout == "/go/src/app/sub\n"
    assert command("shim", "bin", "env", cwd=elsewhere.path).returncode == 0
    result = subprocess.run(
        [elsewhere.file("bin/env"), "pwd"],
        cwd=elsewhere.file("sub"),
        env=daemon.environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=True,
    )
    assert result.stdout == "/go/src/app/sub\n"


@pytest.fixture
def engine_of_its_own() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


@needs_root
@pytest.mark.parametrize("what", ["directory", "project"])
def test_an_engine_that_has_other_files_is_an_error(
    make_project: Make,
    daemon: Daemon,
    directory: str,
    engine_of_its_own: Engine,
    what: str,
) -> None:
    project = make_project({}, engine="docker", trust=False)
    project.write("buildd.toml", f'[environments.build]\nimage = "{SMALL}"\n')
    daemon.environment["DOCKER_HOST"] = engine_of_its_own.url
    daemon.trust(project.path)
    engine_of_its_own.start(hidden=project.path if what == "project" else directory)
    engine_of_its_own.load()
    with pytest.raises(ClientError, match=f"the engine cannot mount {project.path}") as caught:
        daemon.connect().request("buildd/up", project=project.path)
    assert "virtual machine" in caught.value.remedy
    assert os.listdir(project.path) == ["buildd.toml"], "the check leaves no file"


def test_a_source_that_became_a_link_is_not_mounted(
    make_project: Make, daemon: Daemon, client: Client
) -> None:
    project = make_project({}, engine="docker", trust=False)
    os.mkdir(project.file("data"))
    mounts = 'mounts = [{ source = "data", target = "/data" }]'
    project.write("buildd.toml", f'[environments.build]\nimage = "{IMAGE}"\n{mounts}\n')
    daemon.trust(project.path)
    settle(daemon.record_path, project.file("buildd.toml"))
    client.request("buildd/status", project=project.path)
    os.rmdir(project.file("data"))
    with pytest.raises(ClientError, match=f"{project.file('data')}, which .* no longer exists"):
        client.request("buildd/up", project=project.path)
    os.symlink("/etc", project.file("data"))
    with pytest.raises(
        ClientError, match=f"{project.file('data')} is now a link to /etc"
    ) as caught:
        client.request("buildd/up", project=project.path)
    assert "asks for your consent" in caught.value.remedy
    project.write("buildd.toml", project.read("buildd.toml") + "\n")
    with pytest.raises(ClientError, match="not trusted in its present form"):
        client.request("buildd/up", project=project.path)


def test_mount_points_in_the_project_belong_to_the_user(
    make_project: Make, daemon: Daemon, command: Command, directory: str
) -> None:
    project = make_project({}, engine="docker", trust=False)
    os.mkdir(f"{directory}/shared")
    with open(f"{directory}/one.txt", "w", encoding="utf-8") as file:
        file.write("one\n")
    project.write(
        "buildd.toml",
        f"""\
[environments.build]
image = "{IMAGE}"
caches = {{ modules = "{project.file("web/modules")}" }}
mounts = [
    {{ source = "../shared", target = "{project.file("lib/shared")}" }},
    {{ source = "../one.txt", target = "{project.file("one.txt")}", read-only = true }},
]
""",
    )
    os.symlink("../shared", project.file("link"))
    daemon.trust(project.path)
    line = "cat one.txt; touch lib/shared/made web/modules/made; echo x >one.txt"
    result = command("exec", "--", "sh", "-c", line, cwd=project.path)
    assert result.stdout == "one\n"
    assert result.returncode, "the file is read-only"
    assert os.listdir(f"{directory}/shared") == ["made"]
    for name in ("web/modules", "lib/shared", "one.txt"):
        assert os.stat(project.file(name)).st_uid == os.getuid()
    output = command("up", cwd=project.path).stdout
    assert f"{project.file('link')} leads to {directory}/shared, which is not in" in output
