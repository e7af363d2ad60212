"""What starts runs, and in which order they go: saves, watching, requests; many projects."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.client import Client
from tests.support.daemon import TIMEOUT, Daemon, wait_until
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.ways

Make = Callable[..., ProjectFiles]

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))

# Says which run it is, then runs until it is let go or cancelled.
WAITING = (
    "[tasks.build]\n"
    "run = \"echo begin >>log; trap 'echo cancelled >>log; exit 1' INT; "
    'while [ ! -e go ]; do sleep .02; done; echo end >>log"\n'
)


def editor(daemon: Daemon, project: ProjectFiles) -> Client:
    client = daemon.connect()
    client.request("initialize", rootUri=f"file://{project.path}", capabilities={})
    client.notify("initialized")
    return client


def save(client: Client, project: ProjectFiles, name: str = "a.c") -> None:
    client.notify("textDocument/didSave", textDocument={"uri": f"file://{project.file(name)}"})


def log_is(project: ProjectFiles, *lines: str) -> None:
    def log() -> list[str]:
        return (
            Path(project.file("log")).read_text().split()
            if os.path.exists(project.file("log"))
            else []
        )

    wait_until(lambda: log() == list(lines))


def test_a_newer_save_supersedes_a_run_that_only_a_save_wanted(
    make_project: Make, daemon: Daemon
) -> None:
    project = make_project({"buildd.toml": WAITING + 'on-save = ["*.c"]\n', "a.c": ""})
    client = editor(daemon, project)
    save(client, project)
    log_is(project, "begin")
    save(client, project)
    log_is(project, "begin", "cancelled", "begin")
    project.write("go", "")
    log_is(project, "begin", "cancelled", "begin", "end")


def test_a_task_may_have_each_run_end_first(make_project: Make, daemon: Daemon) -> None:
    extra = 'on-save = ["*.c"]\non-newer = "queue"\n'
    project = make_project({"buildd.toml": WAITING + extra, "a.c": ""})
    client = editor(daemon, project)
    save(client, project)
    log_is(project, "begin")
    save(client, project)
    client.request("buildd/status", project=project.path)
    project.write("go", "")
    log_is(project, "begin", "end", "begin", "end")


def test_a_save_before_the_consent_is_answered_after_it(make_project: Make, daemon: Daemon) -> None:
    tasks = [
        f'[tasks.{name}]\nrun = "echo {name} >>log"\non-save = ["*.{name}"]\n' for name in "ch"
    ]
    project = make_project({"buildd.toml": "".join(tasks), "a.c": "", "a.h": ""}, trust=False)
    client = editor(daemon, project)
    save(client, project)
    client.wait_for(lambda one: one.get("method") == "window/showMessage")
    assert not os.path.exists(project.file("log"))
    daemon.trust(project.path)
    log_is(project, "c")
    # Once: consent taken back and given again asks for nothing.
    client.request("buildd/revoke", project=project.path)
    daemon.trust(project.path)
    save(client, project, "a.h")
    log_is(project, "c", "h")


def test_what_a_person_asked_for_is_not_cancelled_by_a_save(
    make_project: Make, daemon: Daemon
) -> None:
    project = make_project({"buildd.toml": WAITING + 'on-save = ["*.c"]\n', "a.c": ""})
    client = editor(daemon, project)
    number = client.start("buildd/run", project=project.path, task="build")
    log_is(project, "begin")
    save(client, project)
    client.request("buildd/status", project=project.path)
    project.write("go", "")
    assert client.result(number)["run"]["state"] == "finished"
    log_is(project, "begin", "end", "begin", "end")


def test_what_a_person_asks_for_goes_ahead_of_a_run_that_a_save_started(
    make_project: Make, daemon: Daemon
) -> None:
    project = make_project({"buildd.toml": WAITING + 'on-save = ["*.c"]\n', "a.c": ""})
    client = editor(daemon, project)
    save(client, project)
    log_is(project, "begin")
    number = client.start("buildd/run", project=project.path, task="build")
    log_is(project, "begin", "cancelled", "begin")
    project.write("go", "")
    assert client.result(number)["run"]["trigger"] == "request"


def runs(daemon: Daemon, project: ProjectFiles) -> list[str]:
    client = daemon.connect()
    (one,) = client.request("buildd/status", project=project.path)["projects"]
    return [task["current"]["id"] for task in one["tasks"] if task.get("current")]


@pytest.fixture
def narrow(daemon: Daemon) -> Daemon:
    """A daemon that runs one task at once."""
    daemon.environment["BUILDD_MAX_RUNS"] = "1"
    return daemon


def test_over_all_projects_no_more_run_than_may_and_requests_go_ahead(
    narrow: Daemon, make_project: Make
) -> None:
    first, second, third = (
        make_project({"buildd.toml": WAITING + 'on-save = ["*.c"]\n', "a.c": ""}) for _ in range(3)
    )
    client = narrow.connect()
    running = client.start("buildd/run", project=first.path, task="build")
    log_is(first, "begin")
    save(editor(narrow, second), second)
    wait_until(lambda: bool(runs(narrow, second)))
    asked = client.start("buildd/run", project=third.path, task="build")
    client.wait_for(
        lambda one: (
            one.get("method") == "buildd/progress"
            and "other runs" in one["params"]["message"]
            and one["params"]["run"] in runs(narrow, third)
        )
    )
    assert not os.path.exists(second.file("log"))
    first.write("go", "")
    client.result(running)
    log_is(third, "begin")
    assert not os.path.exists(second.file("log")), "what was asked for later goes first"
    third.write("go", "")
    client.result(asked)
    log_is(second, "begin")
    second.write("go", "")
    log_is(second, "begin", "end")


def test_the_times_of_a_cancel_are_the_task_s(make_project: Make, daemon: Daemon) -> None:
    project = make_project(
        {
            "buildd.toml": "[tasks.build]\n"
            "run = \"trap '' INT; trap 'exit 7' TERM; echo ready; while :; do sleep .02; done\"\n"
            'interrupt-grace = "50ms"\nterminate-grace = "1m"\n'
        }
    )
    client = daemon.connect()
    number = client.start("buildd/run", project=project.path, task="build")
    client.wait_for(lambda one: one.get("method") == "buildd/output")
    client.notify("$/cancelRequest", id=number)
    run = client.result(number)["run"]
    assert (run["state"], run["exitStatus"]) == ("cancelled", 7)


# --- buildd watch


class Watching:
    """`buildd watch`, and the names of the tasks as it begins and ends their runs."""

    def __init__(self, daemon: Daemon, project: ProjectFiles, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [EXECUTABLE, "watch", *arguments],
            cwd=project.path,
            env={**daemon.environment, "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.seen: list[str] = []

    def until(self, text: str) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.seen.append(line)
            if text in line:
                return
        raise AssertionError(f"{text!r} did not come: {self.seen}")

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(TIMEOUT)
        assert self.process.stderr
        self.process.stderr.close()
        return status


@pytest.fixture
def watch(daemon: Daemon) -> Iterator[Callable[..., Watching]]:
    started: list[Watching] = []

    def start(project: ProjectFiles, *arguments: str) -> Watching:
        started.append(Watching(daemon, project, *arguments))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.end()


COUNTING = '[tasks.build]\nrun = "echo ran >>log; cat a.c"\non-save = ["*.c"]\n'


@pytest.mark.ways("socket", "in-process")
def test_watch_runs_at_once_and_whenever_a_file_changes(
    make_project: Make, watch: Callable[..., Watching]
) -> None:
    project = make_project(
        {"buildd.toml": COUNTING, "a.c": "", ".gitignore": "gen*\n", "gen.c": ""}
    )
    watching = watch(project)
    watching.until("build succeeded")
    project.write("gen.c", "ignored by git")
    project.write("notes.txt", "no source")
    project.write("a.c", "changed in place")
    watching.until("build succeeded")
    os.rename(project.write("new", "changed by renaming"), project.file("a.c"))
    watching.until("build succeeded")
    assert project.read("log") == "ran\n" * 3
    assert watching.end() == 130


def test_a_save_that_the_disk_tells_of_too_makes_one_run(
    make_project: Make, daemon: Daemon, watch: Callable[..., Watching]
) -> None:
    project = make_project({"buildd.toml": COUNTING, "a.c": ""})
    client = editor(daemon, project)
    watching = watch(project)
    watching.until("build succeeded")
    for number in range(5):
        project.write("a.c", f"save {number}")
        save(client, project)
        watching.until("build succeeded")
    project.write("a.c", "without the editor")
    watching.until("build succeeded")
    assert project.read("log") == "ran\n" * 7


def test_watch_shows_what_runs_and_waits_already(make_project: Make, daemon: Daemon) -> None:
    extra = 'on-save = ["*.c"]\non-newer = "queue"\n'
    project = make_project({"buildd.toml": WAITING + extra, "a.c": ""})
    client = editor(daemon, project)
    for number in (1, 2):
        save(client, project)
        wait_until(lambda wanted=number: client.request("buildd/status")["runs"] == wanted)  # type: ignore[misc]  # bound now
        log_is(project, "begin")
    watching = daemon.connect()
    watching.start("buildd/watch", project=project.path)
    watching.wait_for(lambda one: one.get("method") == "buildd/runStarted")
    project.write("go", "")
    for _ in range(2):
        watching.wait_for(lambda one: one.get("method") == "buildd/runEnded")
    log_is(project, "begin", "end", "begin", "end")


@pytest.mark.ways("socket", "in-process")
def test_watch_without_anything_to_run_says_what_to_do(
    make_project: Make, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "true"\n'})
    result = command("watch", cwd=project.path)
    assert result.returncode == 125
    assert "on-save" in result.stderr


@pytest.mark.ways("socket", "in-process")
def test_a_watch_that_ends_takes_its_run_along(
    make_project: Make, daemon: Daemon, watch: Callable[..., Watching]
) -> None:
    # What it writes itself would start it again.
    project = make_project({"buildd.toml": WAITING, ".gitignore": "log\n"})
    watching = watch(project, "build")
    log_is(project, "begin")
    assert watching.end() == 130
    log_is(project, "begin", "cancelled")
    client = daemon.connect()
    wait_until(lambda: client.request("buildd/status")["runs"] == 0)
