"""These tests check the results of tests, and that one test can run again by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from buildd.errors import UnknownNameError
from buildd.model import Task
from buildd.testing.selection import ARGUMENTS, NAMES, select_command
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

BUILD = f'[tasks.test]\nrun = "{sys.executable} -m pytest -p no:cacheprovider -v"\n'
FILE = """\
def test_adds():
    assert 1 + 1 == 2

class TestGroup:
    def test_compares(self):
        assert "a" == "b"

def test_reads():
    value = open("value").read()
    assert value == "good"
"""


@pytest.fixture
def project(make_project: Make) -> ProjectFiles:
    return make_project({"buildd.toml": BUILD, "test_it.py": FILE, "value": "bad"})


def errors(result: dict[str, Any]) -> list[int]:
    """Return the lines of the errors; installed packages may cause warnings of their own."""
    return [item["line"] for item in result["diagnostics"] if item["severity"] == "error"]


def test_a_run_reports_its_tests(project: ProjectFiles, daemon: Daemon) -> None:
    client = daemon.connect()
    result = client.request("buildd/run", project=project.path, task="test")
    states = {"::".join(test["path"]): test["state"] for test in result["tests"]}
    assert states == {
        "test_it.py::test_adds": "passed",
        "test_it.py::TestGroup::test_compares": "failed",
        "test_it.py::test_reads": "failed",
    }
    failed = result["tests"][1]
    file = project.file("test_it.py")
    assert (failed["file"], failed["line"]) == (file, 6)
    assert [test["declared"] for test in result["tests"]] == [
        {"file": file, "line": line} for line in (1, 5, 8)
    ]
    passed = result["tests"][0]
    assert (passed["file"], passed["line"], "column" in passed) == (file, 1, False)
    assert sorted(errors(result)) == [6, 10]
    (task,) = client.request("buildd/tests", project=project.path)["tasks"]
    assert task["tests"] == result["tests"]
    # Lines that are inserted above move the declarations.
    project.write("test_it.py", f"\n\n{FILE}")
    (task,) = client.request("buildd/tests", project=project.path, task="test")["tasks"]
    assert [test["declared"]["line"] for test in task["tests"]] == [3, 7, 10]


def test_one_test_is_run_again_by_itself(project: ProjectFiles, daemon: Daemon) -> None:
    client = daemon.connect()
    client.request("buildd/run", project=project.path, task="test")
    project.write("value", "good")
    again = client.request(
        "buildd/run", project=project.path, task="test", tests=[["test_it.py", "test_reads"]]
    )
    assert again["run"]["exitStatus"] == 0
    assert again["run"]["only"] == [["test_it.py", "test_reads"]]
    assert errors(again) == [6], "the other failure stays"
    (task,) = client.request("buildd/tests", project=project.path)["tasks"]
    assert [test["state"] for test in task["tests"]] == ["passed", "failed", "passed"]
    (task,) = client.request("buildd/tests", project=project.path, run=again["run"]["id"])["tasks"]
    assert task["tests"] == again["tests"]
    assert len(task["tests"]) == 1, "only the tests of this run"
    (status,) = client.request("buildd/status", project=project.path)["projects"]
    assert status["tasks"][0]["tested"] == again["run"]["id"] != status["tasks"][0]["last"]["id"]
    history = client.request("buildd/history", project=project.path)["runs"]
    assert len(history) == 2
    daemon.kill()
    daemon.start()
    (task,) = daemon.connect().request("buildd/tests", project=project.path)["tasks"]
    states = [test["state"] for test in task["tests"]]
    assert states == ["passed", "failed", "passed"], "of the whole run and of the run after it"


def test_each_test_is_reported_when_it_ends(make_project: Make, daemon: Daemon) -> None:
    waiting = "\ndef test_waits():\n    while not os.path.exists('go'):\n        time.sleep(0.01)\n"
    project = make_project(
        {"buildd.toml": BUILD, "test_it.py": f"import os, time\n{FILE}{waiting}"}
    )
    watching, asking, running = (daemon.connect() for _ in range(3))
    watching.start("buildd/events", project=project.path)
    number = running.start("buildd/run", project=project.path, task="test")
    reported: list[str] = []
    while "test_reads" not in reported:
        watching.wait_for(lambda message: message.get("method") == "buildd/changed")
        (status,) = asking.request("buildd/status", project=project.path)["projects"]
        run = status["tasks"][0].get("current", {}).get("id", "")
        tasks = asking.request("buildd/tests", project=project.path, run=run)["tasks"]
        reported = [test["path"][-1] for task in tasks for test in task["tests"]]
    assert reported == ["test_adds", "test_compares", "test_reads"]
    project.write("go", "")
    result = running.result(number)
    assert [test["path"][-1] for test in result["tests"]] == [*reported, "test_waits"]


def test_the_terminal_shows_and_runs_them(project: ProjectFiles, command: Command) -> None:
    ran = command("test", "--quiet", cwd=project.path)
    assert ran.returncode == 1
    assert "tests: 1 passed, 2 failed, 2 errors" in ran.stderr
    shown = command("tests", cwd=project.path).stdout
    assert shown.startswith("test: tests: 1 passed, 2 failed\n  test_it.py\n    ✓ test_adds\n")
    assert "      ✗ test_compares\n        test_it.py:6\n" in shown
    assert "test_adds" not in command("tests", "--failed", cwd=project.path).stdout
    project.write("value", "good")
    again = command("test", "test_reads", "--json", cwd=project.path)
    assert again.returncode == 0
    assert [test["path"][-1] for test in json.loads(again.stdout)["tests"]] == ["test_reads"]
    wrong = command("test", "test_read", cwd=project.path)
    assert wrong.returncode == 125
    assert "Did you mean `test_it.py::test_reads`?" in wrong.stderr


@pytest.mark.parametrize(
    ("source", "run", "tests", "expected"),
    [
        ("pytest", "pytest -x", [("a.py", "T", "t[x y]")], "pytest -x 'a.py::T::t[x y]'"),
        ("unittest", "python -m unittest", [("m", "C", "t")], "python -m unittest m.C.t"),
        ("cargo", "cargo test", [("a", "m", "t")], "cargo test -- --exact m::t"),
        ("cargo", "cargo test -- -q", [("s", "t"), ("s", "u")], "cargo test -- -q --exact t u"),
        ("cargo", "cargo test", [("a", "src/lib.rs", "m", "t")], "cargo test -- --exact m::t"),
        ("go", "go test ./...", [("p", "TestA", "b c")], "go test ./... -run '^TestA$/^b\\ c$'"),
        ("go", "go test", [("p", "TestA"), ("p", "TestB")], "go test -run '^(TestA|TestB)$'"),
        ("jest", "npx jest", [("a.js", "outer", "it (1)")], "npx jest -t '^(outer it \\(1\\))$'"),
        ("jest", "npm test", [("a.js", "t")], "npm test -- -t '^(t)$'"),
        ("googletest", "./t", [("A", "b"), ("C", "d")], "./t --gtest_filter=A.b:C.d"),
        ("ctest", "ctest", [("one",)], "ctest -R '^(one)$'"),
    ],
)
def test_each_tool_gets_its_own_arguments(
    source: str, run: str, tests: list[tuple[str, ...]], expected: str
) -> None:
    task = Task(name="test", command=run, environment="build")
    assert select_command(task, source, tests) == expected


def test_a_task_can_select_tests_itself_and_must_for_an_unknown_tool() -> None:
    task = Task(name="t", command="make check", environment="b", select="make check T={tests}")
    assert select_command(task, "pytest", [("a.py", "t")]) == "make check T=a.py::t"
    assert select_command(task, "other", [("a", "t 1")]) == "make check T='t 1'"
    unknown = Task(name="t", command="make check", environment="b")
    with pytest.raises(UnknownNameError, match="does not know how"):
        select_command(unknown, "other", [("a",)])
    listed = Task(name="t", command=("pytest", "-x"), environment="b")
    assert select_command(listed, "pytest", [("a.py", "t")]) == ("pytest", "-x", "a.py::t")
    assert ARGUMENTS.keys() <= NAMES.keys()
