"""`buildd verify`: the warm result beside that of a clean checkout."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.support.daemon import Daemon
from tests.support.git import commit, make_repository
from tests.support.project import ProjectFiles
from tests.support.trials import left

Command = Callable[..., subprocess.CompletedProcess[str]]

FILES = {
    "lib.c": "int f(int n)\n{\n    int unused;\n    return n;\n}\n",
    "Makefile": "lib.o: lib.c\n\tgcc -g -Wall -c lib.c\n",
    ".gitignore": "*.o\n/generated/\n",
    "buildd.toml": """
        [tasks.build]
        run = "make"
        outputs = ["lib.o"]
    """,
}


@pytest.fixture
def project(
    make_project: Callable[..., ProjectFiles], engine: str, daemon: Daemon
) -> Iterator[ProjectFiles]:
    made = make_project(FILES, engine=engine)
    make_repository(made.path)
    yield made
    assert not [one for one in left(daemon) if "/env/" not in one]


@pytest.fixture
def verify(command: Command, project: ProjectFiles) -> Command:
    """Run `buildd verify build` in the project."""
    return lambda *options: command("verify", *options, "build", cwd=project.path)


@pytest.mark.engine
@pytest.mark.parametrize("engine", ["docker"])
def test_both_agree_to_the_last_byte(project: ProjectFiles, verify: Command) -> None:
    project.write("notes.txt", "mine")
    project.write("lib.c", project.read("lib.c").replace("return n", "return 2 * n"))
    result = verify()
    assert result.returncode == 0
    *_, verdict, head, name = result.stdout.splitlines()
    assert (verdict, head) == (
        "the same",
        "not under version control, and not made by the clean run:",
    )
    assert name == "  notes.txt"
    assert result.stderr.count("gcc -g -Wall -c lib.c") == 2
    # Nothing is left to be built here, and its warning still holds.
    result = verify("--json", "-q")
    told = json.loads(result.stdout)
    assert (result.returncode, told["same"], told["outside"]) == (0, True, ["notes.txt"])
    assert len(told["warm"]["diagnostics"]) == len(told["clean"]["diagnostics"]) == 1


@pytest.mark.parametrize("engine", ["host"])
def test_what_only_the_directory_has_is_named(project: ProjectFiles, verify: Command) -> None:
    project.write("a-note", "")
    project.write("generated/config.h", "")
    project.write("lib.c", '#include "generated/config.h"\n' + project.read("lib.c"))
    commit(project.path)
    result = verify("-q")
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    (gained,) = (line for line in lines if line.startswith("+"))
    assert gained.startswith("+ lib.c:1:10: error: generated/config.h: No such file")
    assert any(line.startswith("~ output lib.o: ") for line in lines)
    assert lines[-1] == "  generated/"


@pytest.mark.parametrize("engine", ["host"])
def test_another_content_of_an_output_is_a_difference(
    project: ProjectFiles, verify: Command
) -> None:
    project.write("Makefile", "lib.o: lib.c\n\tpwd >lib.o\n")
    told = json.loads(verify("--json").stdout)
    (change,) = told["comparison"]["outputs"]
    assert change["path"] == "lib.o"
    assert change["before"] != change["after"]
    assert set(told["comparison"]) == {"outputs"}


@pytest.mark.parametrize("engine", ["host"])
def test_what_cannot_be_verified_is_said(
    project: ProjectFiles, verify: Command, daemon: Daemon
) -> None:
    project.write("other.Dockerfile", "")
    project.write(
        "buildd.toml",
        project.read("buildd.toml") + '[environments.other]\ndockerfile = "other.Dockerfile"\n',
    )
    daemon.trust(project.path)
    result = verify()
    assert result.returncode == 125
    assert "other.Dockerfile is not under version control" in result.stderr
