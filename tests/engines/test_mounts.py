"""What a container sees of the host, and how the two speak of the same files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import IMAGE
from tests.support.client import Client, ClientError
from tests.support.daemon import TIMEOUT, Daemon
from tests.support.engine import IMAGE as SMALL
from tests.support.engine import Engine
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.engine

Make = Callable[..., ProjectFiles]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


@pytest.fixture
def elsewhere(make_project: Make, daemon: Daemon) -> ProjectFiles:
    """A project that is seen at another path."""
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


def test_diagnostics_of_another_path_are_told_in_the_host_s(
    elsewhere: ProjectFiles, client: Client
) -> None:
    result = client.request("buildd/run", project=elsewhere.path, task="build")
    by_line = {one["line"]: one for one in result["diagnostics"]}
    assert {one["file"] for one in by_line.values()} == {elsewhere.file("sub/b.h")}
    assert by_line[2]["message"].endswith(f"{elsewhere.file('README')} or /go/src/other")
    files = {note["file"] for one in by_line.values() for note in one["related"]}
    assert files == {elsewhere.file("sub/a.c")}


def test_exec_and_shims_work_where_they_are_called_at_another_path(
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
    if os.geteuid():
        pytest.skip("an engine of one's own needs root")
    engine = Engine()
    yield engine
    engine.close()


@pytest.mark.parametrize("what", ["directory", "project"])
def test_an_engine_that_sees_other_files_is_told_from_an_empty_project(
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
    with pytest.raises(ClientError, match=f"does not see {project.path} as it is here") as caught:
        daemon.connect().request("buildd/up", project=project.path)
    assert "virtual machine" in caught.value.remedy
    assert os.listdir(project.path) == ["buildd.toml"], "nothing is left of the try"


def test_a_source_that_became_a_link_is_not_mounted(
    make_project: Make, daemon: Daemon, client: Client
) -> None:
    project = make_project({}, engine="docker", trust=False)
    os.mkdir(project.file("data"))
    mounts = 'mounts = [{ source = "data", target = "/data" }]'
    project.write("buildd.toml", f'[environments.build]\nimage = "{IMAGE}"\n{mounts}\n')
    daemon.trust(project.path)
    os.rmdir(project.file("data"))
    with pytest.raises(ClientError, match=f"{project.file('data')}, which .* does not exist any"):
        client.request("buildd/up", project=project.path)
    os.symlink("/etc", project.file("data"))
    with pytest.raises(ClientError, match=f"{project.file('data')} leads to /etc now") as caught:
        client.request("buildd/up", project=project.path)
    assert "you are asked" in caught.value.remedy
    project.write("buildd.toml", project.read("buildd.toml") + "\n")
    with pytest.raises(ClientError, match="not trusted in its present form"):
        client.request("buildd/up", project=project.path)


def test_mounts_in_the_project_leave_places_that_belong_to_the_user(
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
    assert result.returncode, "it can only be read"
    assert os.listdir(f"{directory}/shared") == ["made"]
    for place in ("web/modules", "lib/shared", "one.txt"):
        assert os.stat(project.file(place)).st_uid == os.getuid()
    said = command("up", cwd=project.path).stdout
    assert f"{project.file('link')} leads to {directory}/shared, which the environment" in said


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('mounts = [{ source = "src", target = "/usr/bin/env" }]', "one of the two is a directory"),
        ('mounts = [{ source = "file", target = "/opt" }]', "one of the two is a directory"),
        ('caches = { c = "/etc/passwd" }', "one of the two is a directory"),
        ('tmpfs = { "/etc/passwd" = "1m" }', "one of the two is a directory"),
        ('mounts = [{ source = "src", target = "/sys/x" }]', "it cannot be made there"),
    ],
)
def test_what_the_image_has_no_place_for_is_said_at_the_key(
    make_project: Make, daemon: Daemon, client: Client, line: str, message: str
) -> None:
    project = make_project({"src/a": "", "file": ""}, engine="docker", trust=False)
    head = f'[environments.build]\nimage = "{IMAGE}"\n'
    project.write("buildd.toml", f"{head}# a comment\n{line}\n")
    daemon.trust(project.path)
    with pytest.raises(ClientError) as raised:
        client.request("buildd/up", project=project.path)
    assert raised.value.message.startswith("Docker cannot mount anything at /")
    assert message in raised.value.message
    assert "[environments.build]" in raised.value.remedy
    assert raised.value.data["file"] == project.file("buildd.toml")
    assert raised.value.data["line"] == 4
