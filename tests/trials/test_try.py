"""`buildd try`: a task in another image too, on copies, and what differs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import IMAGE, OLDER_IMAGE
from tests.support.daemon import Daemon
from tests.support.git import make_repository
from tests.support.project import ProjectFiles
from tests.support.trials import left

pytestmark = pytest.mark.engine

Command = Callable[..., subprocess.CompletedProcess[str]]

FILES = {
    # Of these two, only the newer gcc warns of the recursion.
    "lib.c": "int f(int n)\n{\n    int unused;\n    return f(n - 1);\n}\n",
    "Makefile": "lib.o: lib.c\n\tgcc -Wall -c lib.c\n",
    ".gitignore": "*.o\n",
    "buildd.toml": """
        [tasks.build]
        run = "make"
        [tasks.test]
        run = "gcc --version | grep -q ' 12' && echo 'not ok 1 - old' || echo 'ok 1 - old'"
        parsers = ["tap"]
        [tasks.fail]
        run = "gcc --version | grep -q ' 12' || exit 4"
    """,
}

CANDIDATE = f"FROM {OLDER_IMAGE}\nRUN rm /usr/local/bin/gcc\n"


@pytest.fixture
def project(make_project: Callable[..., ProjectFiles], daemon: Daemon) -> Iterator[ProjectFiles]:
    made = make_project(FILES, engine="docker")
    yield made
    assert not [one for one in left(daemon) if "/env/" not in one]


@pytest.fixture
def attempt(command: Command, project: ProjectFiles) -> Command:
    """Run `buildd try` in the project."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return command("try", *arguments, cwd=project.path)

    return run


def test_what_another_compiler_finds_is_told(
    project: ProjectFiles, attempt: Command, command: Command
) -> None:
    make_repository(project.path)
    # What the warm container has built stays as it is, and is not what the two begin with.
    assert command("build", cwd=project.path).returncode == 0
    built = os.stat(project.file("lib.o"))
    project.write("more.h", "")
    project.write("lib.c", '#include "more.h"\n' + project.read("lib.c"))
    result = attempt("--image", OLDER_IMAGE, "build")
    assert result.returncode == 1
    *_, lost, verdict = result.stdout.splitlines()
    assert lost == "- lib.c:2:5: warning: infinite recursion detected [gcc -Winfinite-recursion]"
    assert verdict == "different: 1 diagnostic lost"
    assert result.stderr.count("gcc -Wall -c lib.c") == 2
    assert os.stat(project.file("lib.o")).st_mtime_ns == built.st_mtime_ns


def test_a_dockerfile_is_built_for_it(project: ProjectFiles, attempt: Command) -> None:
    project.write("next.Dockerfile", CANDIDATE)
    result = attempt("-q", "--dockerfile", "next.Dockerfile", "build")
    assert (result.returncode, result.stdout.splitlines()[-1]) == (0, "the same")
    project.write("next.Dockerfile", f"FROM {IMAGE}\nRUN exit 3\n")
    result = attempt("-q", "--dockerfile", "next.Dockerfile", "build")
    assert result.returncode == 125
    assert f"{project.file('next.Dockerfile')}:2: the image does not build" in result.stderr


def test_all_that_differs_is_told_to_programs(attempt: Command) -> None:
    result = attempt("--json", "--image", OLDER_IMAGE, "test")
    told = json.loads(result.stdout)
    assert (result.returncode, told["same"]) == (1, False)
    change = {"path": ["old"], "before": "failed", "after": "passed"}
    assert told["comparison"]["tests"] == [change]
    assert told["present"]["image"] == IMAGE
    assert told["candidate"]["run"]["ended"] > told["candidate"]["run"]["started"]
    told = json.loads(attempt("--json", "--image", OLDER_IMAGE, "fail").stdout)
    assert told["comparison"]["exitStatus"] == [0, 4]


def test_what_cannot_be_tried_is_said(
    project: ProjectFiles, attempt: Command, command: Command
) -> None:
    result = attempt("--image", "localhost:1/no/such:1", "build")
    assert result.returncode == 125
    assert "localhost:1/no/such:1" in result.stderr
    result = attempt("--image", IMAGE, "nothing")
    assert "It has: build, test, fail." in result.stderr
    assert attempt("build").returncode == 125
    command("trust", "--revoke", cwd=project.path)
    result = attempt("--image", IMAGE, "build")
    assert result.returncode == 125
    assert "not trusted" in result.stderr
