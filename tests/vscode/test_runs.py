"""Runs that the user starts: tasks with their output, the live log, cancelling."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.daemon import Daemon
from tests.support.project import FIXED_C, MAKEFILE, ProjectFiles
from tests.support.vscode import Window

TASKS = r"""
[tasks.build]
run = "make"
on-save = ["*.c"]

[tasks.colours]
run = '''
printf 'plain \033[31mred\033[0m h\303\251\n'
echo 'lib.c:1:1: warning: odd'
exit 3'''

[tasks.long]
run = "echo begun; while [ ! -e stop ]; do sleep 0.05; done"
"""


@pytest.fixture
def project(make_project: Callable[..., ProjectFiles]) -> ProjectFiles:
    return make_project({"buildd.toml": TASKS, "Makefile": MAKEFILE, "lib.c": FIXED_C})


@pytest.fixture
def window(project: ProjectFiles, open_window: Callable[..., Window]) -> Window:
    window = open_window(project.path)
    window.ready()
    return window


def newest(daemon: Daemon, project: ProjectFiles) -> dict[str, object]:
    client = daemon.connect()
    (status,) = client.request("buildd/status", project=project.path)["projects"]
    runs = [
        run for task in status["tasks"] for run in (task.get("current"), task.get("last")) if run
    ]
    client.close()
    return max(runs, key=lambda run: run["created"], default={})


def is_cancelled(daemon: Daemon, project: ProjectFiles) -> bool:
    return newest(daemon, project).get("state") == "cancelled"


def start_long(window: Window) -> None:
    window.command("buildd: Run Task")
    window.choose("long")
    expect(window.status).to_contain_text("long")


def test_tasks_run_in_terminals(window: Window) -> None:
    window.command("Tasks: Run Task")
    window.choose("buildd")
    window.choose("colours")
    expect(window.terminal).to_contain_text("✘ colours failed (3)")
    expect(window.terminal).to_contain_text("plain red hé")
    expect(window.terminal.get_by_text("red", exact=True)).to_have_css("color", "rgb(205, 49, 49)")
    expect(window.page.locator("#status\\.problems")).to_contain_text("1")
    window.picture("task")

    window.command("Tasks: Run Build Task")
    window.choose("buildd: build")
    expect(window.terminal).to_contain_text("gcc -Wall -Wextra -c lib.c")
    expect(window.terminal).to_contain_text("✔ build succeeded")


def test_the_live_log_shows_every_run(window: Window) -> None:
    window.command("buildd: Show Live Log")
    expect(window.terminal).to_contain_text("No task has run yet")
    window.command("buildd: Build")
    expect(window.terminal).to_contain_text("▶ build  make")
    expect(window.terminal).to_contain_text("✔ build succeeded")
    window.open_file("lib.c")
    window.replace("2 *", "3 *")
    window.save()
    expect(window.terminal).to_contain_text("▶ build  make  (a file was saved)")
    window.replace("number;", "numbr;")
    window.save()
    expect(window.terminal).to_contain_text("✘ build failed (2)")
    expect(window.terminal).to_contain_text("1 error")
    window.picture("log")
    # A build that was asked for and fails brings it forward.
    window.press("Control+j")
    expect(window.terminal).to_be_hidden()
    window.command("buildd: Build")
    expect(window.terminal).to_be_visible()


def test_runs_are_cancelled(window: Window, project: ProjectFiles, daemon: Daemon) -> None:
    start_long(window)
    window.told("buildd: long")
    window.picture("notification")
    window.notifications.get_by_role("button", name="Cancel").click()
    window.until(lambda: is_cancelled(daemon, project))
    expect(window.status).not_to_contain_text("long")

    start_long(window)
    window.status.click()
    expect(window.entries.first).to_contain_text("Cancel")
    window.picture("menu")
    window.choose("Cancel")
    window.until(lambda: is_cancelled(daemon, project))
    expect(window.status).not_to_contain_text("long")

    window.command("Tasks: Run Task")
    window.choose("buildd")
    window.choose("long")
    expect(window.terminal).to_contain_text("begun")
    window.command("Tasks: Terminate Task")
    window.choose("buildd: long")
    window.until(lambda: is_cancelled(daemon, project))


def test_the_window_closes_mid_build(window: Window, project: ProjectFiles, daemon: Daemon) -> None:
    start_long(window)
    window.until(lambda: newest(daemon, project).get("state") == "running")
    window.page.goto("about:blank")
    window.until(lambda: is_cancelled(daemon, project))
