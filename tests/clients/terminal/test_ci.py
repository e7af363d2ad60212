"""`buildd ci`: tasks on a clean checkout in fresh environments, and nothing left of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import IMAGE
from tests.support.daemon import TIMEOUT, Daemon, wait_until
from tests.support.git import commit, git, make_repository
from tests.support.project import BROKEN_C, FIXED_C, MAKEFILE, ProjectFiles
from tests.support.trials import left

Make = Callable[..., ProjectFiles]
Command = Callable[..., subprocess.CompletedProcess[str]]

FILES = {
    "buildd.toml": """
        [tasks.build]
        run = "make"
        [tasks.test]
        run = "test -f lib.o && pwd && git describe --always"
        [tasks.fail]
        run = "exit 3"
        [tasks.fill]
        run = "ls /cache; touch /cache/file"
        [tasks.long]
        run = "echo begun; sleep 600"
    """,
    "lib.c": BROKEN_C,
    "Makefile": MAKEFILE,
    ".gitignore": "*.o\n",
}


@pytest.fixture(autouse=True)
def nothing_is_left(daemon: Daemon) -> Iterator[None]:
    """Check that a trial leaves nothing behind.

    The projects here are trusted by an option, so that no daemon is started.
    """
    yield
    assert left(daemon) == []
    assert daemon.process is None


@pytest.fixture
def project(make_project: Make, engine: str) -> ProjectFiles:
    made = make_project(FILES, engine=engine, trust=False)
    if engine == "docker":
        caches = '[environments.build]\ncaches = { all = "/cache" }\n'
        made.write(
            "buildd.toml", made.read("buildd.toml").replace("[environments.build]\n", caches)
        )
    make_repository(made.path)
    return made


@pytest.fixture
def ci(command: Command, project: ProjectFiles) -> Command:
    """Run `buildd ci` in the project, trusted for this command."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        granted = ("--trust-once", "--grant", "host")
        return command("ci", *granted, *arguments, cwd=project.path)

    return run


def test_the_commit_is_built_and_the_directory_is_left_alone(
    project: ProjectFiles, ci: Command, engine: str
) -> None:
    project.write("lib.c", FIXED_C)
    before = sorted(os.listdir(project.path))
    result = ci("build")
    assert result.returncode == 2, "what make says"
    assert "gcc -Wall -Wextra -c lib.c" in result.stdout
    assert "build failed" in result.stderr
    assert "\nlib.c:3:16: error: " in result.stderr
    assert sorted(os.listdir(project.path)) == before

    commit(project.path)
    result = ci("build", "test")
    assert result.returncode == 0
    assert sorted(os.listdir(project.path)) == before
    directory, version = result.stdout.splitlines()[-2:]
    assert version == git(project.path, "describe", "--always").strip()
    if engine == "docker":
        assert directory == project.path


@pytest.mark.engine
@pytest.mark.parametrize("engine", ["docker"])
def test_tasks_share_a_container_and_its_caches_which_go_with_it(ci: Command) -> None:
    for _ in range(2):
        result = ci("fill", "fill")
        assert (result.returncode, result.stdout) == (0, "file\n")


@pytest.mark.parametrize("engine", ["docker"])
def test_a_pipeline_s_container_without_an_engine_does_it_itself(
    project: ProjectFiles, ci: Command, daemon: Daemon, directory: str
) -> None:
    daemon.environment |= {
        "DOCKER_HOST": f"unix://{directory}/nothing",
        "container": "oci",
        "CI": "",
    }
    refused = ci("fail")
    assert refused.returncode == 125
    assert "no Docker engine answers" in refused.stderr, "this is no pipeline"

    daemon.environment |= {"CI": "true", "CI_JOB_IMAGE": "another:1"}
    done = ci("fail")
    assert done.returncode == 3
    assert "this job runs in a container itself" in done.stderr
    assert "the job's image is another:1, the environment's" in done.stderr
    assert ci("--engine", "docker", "fail").returncode == 125


@pytest.mark.parametrize("engine", ["host"])
def test_the_first_failure_ends_it_and_gives_the_status(ci: Command) -> None:
    result = ci("fail", "build")
    assert result.returncode == 3
    assert "make" not in result.stdout
    result = ci("--keep-going", "fail", "build")
    assert result.returncode == 3
    assert "make" in result.stdout


@pytest.mark.parametrize("engine", ["host"])
def test_the_directory_as_it_is(project: ProjectFiles, ci: Command) -> None:
    project.write("lib.c", FIXED_C)
    project.write("buildd.toml", project.read("buildd.toml") + "\n# more\n")
    result = ci("build")
    assert result.returncode == 125
    assert f"{project.file('buildd.toml')} has changes that are not committed" in result.stderr
    assert ci("--worktree", "build").returncode == 0
    assert os.path.exists(project.file("lib.o"))


@pytest.mark.engine
def test_what_the_option_says_goes_before_the_configuration(
    make_project: Make, command: Command
) -> None:
    project = make_project({}, engine="docker", trust=False)
    where = "test -e /run/buildd && echo inside $WORD $MODE || echo outside $WORD $MODE"
    project.write(
        "buildd.toml",
        f'[environments.build]\nimage = "{IMAGE}"\nenv = {{ MODE = "debug" }}\n'
        f'[environments.other]\nimage = "{IMAGE}"\nenv = {{ MODE = "other" }}\n'
        f'[tasks.say]\nrun = "{where}"\n',
    )
    make_repository(project.path)

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return command("ci", "--trust-once", *more, "say", cwd=project.path)

    assert run().stdout == "inside debug\n"
    assert run("--env", "other", "-e", "WORD=word").stdout == "inside word other\n"
    assert run("--engine", "host", "-e", "MODE=release").stdout == "outside release\n"
    assert "It has: build, other." in run("--env", "nothing").stderr
    assert "There are: docker" in run("--engine", "nothing").stderr


@pytest.mark.parametrize("engine", ["host"])
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("biuld",), "has no task `biuld`. It has: build, test, fail, fill, long."),
        (
            ("--env", "other", "build"),
            "has no environment `other`. It has: build. Name one with `--env`.",
        ),
    ],
)
def test_a_name_that_is_not_there_is_answered_as_the_daemon_answers(
    project: ProjectFiles, ci: Command, arguments: tuple[str, ...], told: str
) -> None:
    failed = ci(*arguments)
    assert (failed.returncode, failed.stdout) == (125, "")
    assert failed.stderr == f"buildd: {project.file('buildd.toml')} {told}\n"


def test_a_devcontainer_json_is_not_told_to_hold_tasks(
    make_project: Make, command: Command
) -> None:
    file = ".devcontainer/devcontainer.json"
    project = make_project({file: f'{{"image": "{IMAGE}"}}'}, trust=False)
    failed = command("ci", "--trust-once", "build", cwd=project.path)
    assert (failed.returncode, failed.stdout) == (125, "")
    assert failed.stderr == (
        f"buildd: {project.file(file)} has no task `build`. "
        f"Tasks need a buildd.toml: `buildd init --from {file}` writes one.\n"
    )


def test_reports_have_what_all_tasks_found(
    project: ProjectFiles, ci: Command, directory: str
) -> None:
    project.write("part/lib.c", BROKEN_C)
    project.write(
        "buildd.toml", project.read("buildd.toml") + '[tasks.part]\nrun = "gcc -c part/lib.c"\n'
    )
    commit(project.path)
    names = {form: f"{directory}/{form}" for form in ("sarif", "junit", "gitlab", "json")}
    options = [f"--report={form}={name}" for form, name in names.items()]
    result = ci("--keep-going", "--report", "github", *options, "build", "part")
    assert result.returncode == 2
    errors = [line for line in result.stdout.splitlines() if line.startswith("::error")]
    assert ",file=lib.c,line=3," in errors[0]
    assert ",file=part/lib.c,line=3," in errors[1]
    found = json.loads(Path(names["json"]).read_text())
    assert {diagnostic["file"] for diagnostic in found} == {
        project.file("lib.c"),
        project.file("part/lib.c"),
    }
    assert json.loads(Path(names["sarif"]).read_text())["runs"][0]["results"]
    issues = json.loads(Path(names["gitlab"]).read_text())
    assert {issue["location"]["path"] for issue in issues} == {"lib.c", "part/lib.c"}
    assert ElementTree.parse(names["junit"]).getroot().findall(".//failure")

    result = ci("--json", "-q", "build")
    (run,) = json.loads(result.stdout)["runs"]
    assert (run["run"]["exitStatus"], run["run"]["environment"]) == (2, "build")
    result = ci("--report", "nothing", "build")
    assert result.returncode == 125
    assert "there are: json, sarif" in result.stderr


@pytest.mark.parametrize("engine", ["host"])
def test_consent_is_recorded_or_given_for_once(project: ProjectFiles, command: Command) -> None:
    result = command("ci", "fail", cwd=project.path)
    assert result.returncode == 125
    assert "not trusted" in result.stderr
    result = command("ci", "--trust-once", "fail", cwd=project.path)
    assert result.returncode == 125
    assert "--grant host" in result.stderr
    result = command("ci", "--trust-once", "--grant", "host", "fail", cwd=project.path)
    assert result.returncode == 3
    assert command("ci", "fail", cwd=project.path).returncode == 125


@pytest.mark.parametrize("engine", ["host"])
def test_without_version_control_there_is_no_clean_checkout(
    make_project: Make, command: Command, engine: str
) -> None:
    project = make_project(FILES, engine=engine, trust=False)
    options = ("--trust-once", "--grant", "host")
    result = command("ci", *options, "fail", cwd=project.path)
    assert result.returncode == 125
    assert "not under version control" in result.stderr
    assert command("ci", *options, "--worktree", "fail", cwd=project.path).returncode == 3


@contextmanager
def under_way(
    daemon: Daemon, project: ProjectFiles, task: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `buildd ci` until its command has started."""
    executable = str(Path(sys.executable).with_name("buildd"))
    with subprocess.Popen(
        [executable, "ci", "--trust-once", "--grant", "host", task],
        cwd=project.path,
        env=daemon.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == b"begun\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("engine", "number"),
    [
        ("host", signal.SIGTERM),
        pytest.param("docker", signal.SIGINT, marks=pytest.mark.engine),
    ],
)
def test_a_signal_ends_it_and_it_tidies_up(
    daemon: Daemon, project: ProjectFiles, number: signal.Signals
) -> None:
    with under_way(daemon, project, "long") as process:
        assert left(daemon)
        process.send_signal(number)
        assert process.wait(TIMEOUT) == 128 + number


@pytest.mark.engine
@pytest.mark.parametrize("engine", ["docker"])
def test_what_a_killed_one_left_the_next_one_removes(
    daemon: Daemon, project: ProjectFiles, ci: Command
) -> None:
    with (
        under_way(daemon, project, "long") as other,
        under_way(daemon, project, "long") as process,
    ):
        before = set(left(daemon))
        process.kill()
        process.wait(TIMEOUT)
        assert set(left(daemon)) == before
        assert ci("fail").returncode == 3
        rest = set(left(daemon))
        assert rest < before
        assert rest, "the other one is under way"
        other.send_signal(signal.SIGTERM)
        assert other.wait(TIMEOUT) == 128 + signal.SIGTERM
        wait_until(lambda: not left(daemon))
