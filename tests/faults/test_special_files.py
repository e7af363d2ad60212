"""A build puts something else in the place of a file of its project. No command waits for it, and
the daemon stays small and leaves when it is told to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from buildd_cli.output.diagnostics import diagnostics_text
from buildd_cli.output.terminal import Style
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles
from tests.support.special_files import SPECIAL_FILES, Make, named_pipe, replace

MakeProject = Callable[..., ProjectFiles]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

TASKS = '[tasks.build]\nrun = "echo lib.c:1:2: error: wrong"\non-save = ["*.c"]\n'

MORE_MEMORY = 64 << 20


@pytest.mark.parametrize("make", SPECIAL_FILES)
@pytest.mark.parametrize("name", ["lib.c", ".gitignore", ".git", "tests/test_a.py", "Makefile"])
def test_files_of_the_project(
    make_project: MakeProject, daemon: Daemon, command: Command, name: str, make: Make
) -> None:
    project = make_project({"buildd.toml": TASKS, "lib.c": "x\n"})
    client = daemon.connect()
    client.request("buildd/up", project=project.path)
    before = client.request("buildd/status")["memory"]
    replace(project.file(name), make)
    ran = command("run", "build", cwd=project.path)
    assert "lib.c:1:2: error: wrong" in ran.stdout
    for arguments in (["status"], ["doctor"], ["history"], ["trust", "--show"]):
        command(*arguments, cwd=project.path)
    # Before trust too.
    project.write("buildd.toml", project.read("buildd.toml") + "# changed\n")
    command("status", cwd=project.path)
    assert client.request("buildd/status")["memory"] - before < MORE_MEMORY
    daemon.stop()


@pytest.mark.parametrize("make", SPECIAL_FILES)
@pytest.mark.parametrize("name", ["buildd.toml", "build.Dockerfile", "scripts/tasks.json"])
def test_files_that_the_configuration_is_made_of(
    make_project: MakeProject, daemon: Daemon, command: Command, name: str, make: Make
) -> None:
    written = '[environments.image]\ndockerfile = "build.Dockerfile"\n' + TASKS
    written += 'problem-matchers = ["scripts/tasks.json"]\n'
    project = make_project(
        {
            "buildd.toml": written,
            "build.Dockerfile": "FROM scratch\n",
            "scripts/tasks.json": '{"tasks": []}',
        },
        trust=False,
    )
    client = daemon.connect()
    before = client.request("buildd/status")["memory"]
    replace(project.file(name), make)
    for arguments in (["status"], ["doctor"], ["up", "image"], ["trust", "--show"], ["run"]):
        command(*arguments, cwd=project.path)
    assert client.request("buildd/status")["memory"] - before < MORE_MEMORY
    daemon.stop()


@pytest.mark.parametrize("make", SPECIAL_FILES)
def test_an_excerpt(directory: str, monkeypatch: pytest.MonkeyPatch, make: Make) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    file = os.path.join(directory, "lib.c")
    replace(file, make)
    place = {"file": file, **dict.fromkeys(("line", "column", "endLine", "endColumn"), 1)}
    said = {"severity": "error", "message": "wrong", "source": "gcc", "code": "", "related": []}
    assert "wrong" in diagnostics_text([{**place, **said}], Style(sys.stdout), directory)


def test_a_shim_in_the_place_of_a_pipe(
    make_project: MakeProject, command: Command, directory: str
) -> None:
    project = make_project({"buildd.toml": ""})
    replace(f"{directory}/bin/gcc", named_pipe)
    refused = command("shim", f"{directory}/bin", "gcc", cwd=project.path)
    assert refused.returncode == 125
    assert "is not a shim" in refused.stderr


@pytest.mark.engine
@pytest.mark.parametrize("make", SPECIAL_FILES)
@pytest.mark.parametrize("name", ["build.Dockerfile", ".dockerignore"])
def test_an_image_s_files(
    make_project: MakeProject, daemon: Daemon, command: Command, name: str, make: Make
) -> None:
    """Trusted as a regular file, then exchanged."""
    written = '[environments.main]\ndockerfile = "build.Dockerfile"\n'
    project = make_project(
        {"build.Dockerfile": "FROM buildd-test/c:1\nCOPY a /a\n", "a": "", ".dockerignore": "b\n"}
        | {"buildd.toml": written},
        trust=False,
    )
    project.write("buildd.toml", written)
    daemon.trust(project.path)
    client = daemon.connect()
    before = client.request("buildd/status")["memory"]
    replace(project.file(name), make)
    refused = command("up", "main", cwd=project.path)
    assert refused.returncode == 125
    assert name in refused.stderr or "trust" in refused.stderr
    assert client.request("buildd/status")["memory"] - before < MORE_MEMORY
    daemon.stop()
