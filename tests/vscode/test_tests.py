"""The Test Explorer: the tree, runs of all tests and of one test, a cancelled run."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles
from tests.support.vscode import Window

TASK = f"""\
[tasks.test]
run = "{sys.executable} -m pytest -p no:cacheprovider -v --color=yes"
"""

FILE = """\
import os
import time

def test_adds():
    assert 1 + 1 == 2

class TestGroup:
    def test_compares(self):
        assert "a" == "b"

def test_waits():
    while os.path.exists("wait"):
        time.sleep(0.01)
"""


@pytest.fixture
def project(make_project: Callable[..., ProjectFiles]) -> ProjectFiles:
    return make_project({"buildd.toml": TASK, "test_it.py": FILE})


@pytest.fixture
def window(project: ProjectFiles, open_window: Callable[..., Window]) -> Window:
    window = open_window(project.path)
    window.ready()
    window.open_file("test_it.py")
    window.command("Testing: Focus on Test Explorer View")
    expect(row(window, "test")).to_have_count(1)
    return window


def row(window: Window, text: str) -> Locator:
    return window.page.locator(".test-explorer .monaco-list-row").filter(has_text=text)


def state(window: Window, text: str, icon: str) -> Locator:
    return row(window, text).locator(f".codicon-testing-{icon}-icon")


def run(window: Window, text: str) -> None:
    row(window, text).first.hover()
    row(window, text).get_by_role("button", name="Run Test").first.click()


def expand(window: Window) -> None:
    for name, inner in itertools.pairwise(["test", "test_it.py", "TestGroup", "test_compares"]):

        def shown(name: str = name, inner: str = inner) -> bool:
            if row(window, inner).count():
                return True
            # The tree may be made anew between the two.
            row(window, name).first.click(position={"x": 60, "y": 10})
            window.press("ArrowRight")
            return False

        window.until(shown)


def test_tests_are_a_tree_and_one_runs_alone(
    window: Window, project: ProjectFiles, daemon: Daemon
) -> None:
    run(window, "test")
    expect(state(window, "test", "failed").first).to_be_visible()
    expand(window)
    window.picture("all-run")
    expect(state(window, "test_adds", "passed")).to_be_visible()
    expect(state(window, "test_compares", "failed")).to_be_visible()
    # The failure stands at its line.
    row(window, "test_compares").dblclick()
    expect(window.page.locator(".peekview-widget").first).to_contain_text("assert 'a' == 'b'")
    expect(window.page.locator(".testing-run-glyph.codicon-testing-failed-icon")).to_be_visible()
    window.picture("failure")

    project.write("test_it.py", FILE.replace('"a" == "b"', '"a" == "a"'))
    run(window, "test_compares")
    expect(state(window, "test_compares", "passed")).to_be_visible()
    expect(state(window, "test_adds", "passed")).to_be_visible()
    client = daemon.connect()

    def asked_for() -> Any:
        (newest, *_) = client.request("buildd/history", project=project.path)["runs"]
        return newest["run"].get("only")

    # A test passes before its run ends.
    window.until(lambda: asked_for() == [["test_it.py", "TestGroup", "test_compares"]])


def test_tests_appear_and_change_while_the_run_goes_on(
    window: Window, project: ProjectFiles, daemon: Daemon
) -> None:
    project.write("wait", "")
    run(window, "test")
    expand(window)
    expect(state(window, "test_adds", "passed")).to_be_visible()
    expect(state(window, "test_compares", "failed")).to_be_visible()
    expect(row(window, "test_waits")).to_have_count(0)
    window.picture("so-far")
    os.unlink(project.file("wait"))
    expect(state(window, "test_waits", "passed")).to_be_visible()
    # Each stands at its line, whether it failed or not.
    for icon, count in {"passed": 2, "failed": 1}.items():
        glyphs = window.page.locator(f".testing-run-glyph.codicon-testing-{icon}-icon")
        expect(glyphs).to_have_count(count)

    # As told by another client's run, too.
    project.write("wait", "")
    project.write("test_it.py", FILE.replace('"a" == "b"', '"a" == "a"'))
    client = daemon.connect()
    number = client.start("buildd/run", project=project.path, task="test")
    expect(state(window, "test_compares", "passed")).to_be_visible()
    window.picture("from-elsewhere-so-far")
    os.unlink(project.file("wait"))
    client.result(number)
    expect(state(window, "test_waits", "passed")).to_be_visible()


def test_what_another_client_ran_shows_and_a_run_is_cancelled(
    window: Window, project: ProjectFiles, daemon: Daemon
) -> None:
    client = daemon.connect()
    client.request("buildd/run", project=project.path, task="test")
    expect(state(window, "test", "failed").first).to_be_visible()
    window.picture("from-elsewhere")
    expand(window)
    expect(state(window, "test_compares", "failed")).to_be_visible()
    # Also where it ran only one.
    project.write("test_it.py", FILE.replace('"a" == "b"', '"a" == "a"'))
    path = ["test_it.py", "TestGroup", "test_compares"]
    client.request("buildd/run", project=project.path, task="test", tests=[path])
    expect(state(window, "test_compares", "passed")).to_be_visible()

    def running() -> bool:
        (status,) = client.request("buildd/status", project=project.path)["projects"]
        return bool(status["tasks"][0].get("current", {}).get("state") == "running")

    project.write("wait", "")
    run(window, "test")
    window.until(running)
    window.picture("running")
    window.command("Test: Cancel Test Run")
    window.until(lambda: not running())
    (newest, *_) = client.request("buildd/history", project=project.path)["runs"]
    assert newest["run"]["state"] == "cancelled"
