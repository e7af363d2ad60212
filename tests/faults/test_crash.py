"""The daemon may die at any instant: the next one takes over, and nothing that was told is lost."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable

import pytest

from buildd.base import failpoint
from tests.support.client import Client
from tests.support.daemon import TIMEOUT, Daemon, remove_containers, wait_until
from tests.support.leftovers import Holdings, held_now, nothing_is_left
from tests.support.project import BROKEN_C, FIXED_C, MAKEFILE, ProjectFiles

Make = Callable[..., ProjectFiles]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

BUILD = {
    "buildd.toml": '[tasks.build]\nrun = "make"\n[tasks.long]\nrun = "sleep 86399"\n',
    "Makefile": MAKEFILE,
    "lib.c": BROKEN_C,
}

ENGINE_POINTS = (
    failpoint.CONTAINER_MADE,
    failpoint.CONTAINER_STARTED,
    failpoint.SUPERVISOR_READY,
    failpoint.RUN_STARTED,
)

RUN_POINTS = (
    failpoint.SUPERVISOR_READY,
    failpoint.RUN_STARTED,
    failpoint.RUN_ENDED,
    failpoint.RESULT_WRITTEN,
    failpoint.RESULT_STORED,
)


def dies(daemon: Daemon, point: str) -> None:
    """The daemon that comes up next dies at the point."""
    daemon.environment["BUILDD_FAIL_AT"] = point


def has_died(daemon: Daemon) -> None:
    """It has, and the next one will not."""
    assert daemon.process
    assert daemon.process.wait(TIMEOUT) == -signal.SIGKILL
    del daemon.environment["BUILDD_FAIL_AT"]


def build(client: Client, project: ProjectFiles) -> list[int]:
    """The lines of the errors."""
    result = client.request("buildd/run", project=project.path, task="build")
    assert result["run"]["state"] == "finished"
    return [one["line"] for one in result.get("diagnostics", []) if one["severity"] == "error"]


def shown(client: Client, project: ProjectFiles) -> int:
    """How many errors show."""
    found = client.request("buildd/diagnostics", project=project.path)["diagnostics"]
    return sum(one["severity"] == "error" for one in found)


def history(client: Client, project: ProjectFiles) -> list[str]:
    runs = client.request("buildd/history", project=project.path)["runs"]
    return [one["run"]["state"] for one in runs]


def until_it_dies(client: Client, project: ProjectFiles) -> None:
    """Have the task run; no result comes."""
    number = client.start("buildd/run", project=project.path, task="build")
    while message := client.receive():
        assert message.get("id") != number


def state_files(daemon: Daemon) -> list[str]:
    state = daemon.environment["BUILDD_STATE_DIR"]
    return [name for _, _, names in os.walk(state) for name in names]


def baseline(daemon: Daemon, project: ProjectFiles, *, down: bool) -> Holdings:
    """What a daemon holds that has built the project and never died; with `down`, the container
    is removed afterwards."""
    client = daemon.connect()
    assert build(client, project) == [3]
    client.request("buildd/history", project=project.path)
    before = held_now(daemon)
    client.close()
    daemon.stop()
    if down:
        remove_containers(project.path)
    return before


@pytest.mark.engine
@pytest.mark.parametrize("point", ENGINE_POINTS)
def test_killed_on_the_way_to_a_warm_container(
    make_project: Make, daemon: Daemon, point: str
) -> None:
    project = make_project(BUILD, engine="docker")
    before = baseline(daemon, project, down=True)
    dies(daemon, point)
    until_it_dies(daemon.connect(), project)
    has_died(daemon)
    client = daemon.connect()
    assert build(client, project) == [3]
    client.close()
    nothing_is_left(daemon, before)


@pytest.mark.parametrize("point", RUN_POINTS)
def test_killed_on_the_way_through_a_run(make_project: Make, daemon: Daemon, point: str) -> None:
    project = make_project(BUILD)
    before = baseline(daemon, project, down=False)
    project.write("lib.c", FIXED_C)
    dies(daemon, point)
    until_it_dies(daemon.connect(), project)
    has_died(daemon)
    client = daemon.connect()
    newest = {failpoint.RUN_ENDED: "lost", failpoint.RESULT_WRITTEN: "lost"}.get(point)
    if point == failpoint.RESULT_STORED:
        newest = "finished"
    assert history(client, project) == [*filter(None, [newest]), "finished"]
    assert not [name for name in state_files(daemon) if name.endswith(".new")]
    assert shown(client, project) == (0 if newest == "finished" else 1), (
        "what the newest finished run has found"
    )
    assert build(client, project) == []
    client.close()
    nothing_is_left(daemon, before)


def test_what_was_told_is_not_lost(make_project: Make, daemon: Daemon) -> None:
    project = make_project(BUILD)
    for count in range(1, 4):
        client = daemon.connect()
        assert build(client, project) == [3]
        daemon.kill()
        client.close()
        client = daemon.connect()
        assert history(client, project) == ["finished"] * count
        client.close()


def test_killed_while_consent_is_recorded(make_project: Make, daemon: Daemon) -> None:
    project = make_project(BUILD, trust=False)
    dies(daemon, failpoint.CONSENT_WRITTEN)
    client = daemon.connect()
    digest = client.request("buildd/trust", project=project.path)["digest"]
    client.start("buildd/grant", project=project.path, digest=digest, grants=["host"])
    assert client.receive() is None
    has_died(daemon)
    client = daemon.connect()
    assert client.request("buildd/trust", project=project.path)["trusted"] is False
    client.request("buildd/grant", project=project.path, digest=digest, grants=["host"])
    assert build(client, project) == [3]
    assert not [name for name in state_files(daemon) if name.endswith(".new")]


def test_killed_before_it_serves_anybody(daemon: Daemon, command: Command) -> None:
    dies(daemon, failpoint.LISTENING)
    failed = command("status")
    assert failed.returncode == 125
    assert len(failed.stderr.splitlines()) == 1
    del daemon.environment["BUILDD_FAIL_AT"]
    assert command("status").returncode == 0


@pytest.mark.engine
def test_a_command_goes_on_in_the_container_that_the_dead_daemon_made(
    make_project: Make, daemon: Daemon
) -> None:
    """Case 21: what ran ends, who waited is told, the next command finds everything warm."""
    project = make_project(BUILD, engine="docker")
    before = baseline(daemon, project, down=False)
    client = daemon.connect()
    client.start("buildd/run", project=project.path, task="long")
    client.wait_for(lambda one: one.get("method") == "buildd/runStarted")
    daemon.kill()
    while client.receive() is not None:
        pass
    client = daemon.connect()
    assert history(client, project) == ["finished"], "the one that died is nobody's result"
    assert build(client, project) == [3]
    client.close()
    nothing_is_left(daemon, before)


def test_a_run_that_nobody_owns_ends_before_a_new_daemon_comes(
    make_project: Make, daemon: Daemon
) -> None:
    project = make_project(BUILD)
    before = baseline(daemon, project, down=False)
    client = daemon.connect()
    client.start("buildd/run", project=project.path, task="long")
    client.wait_for(lambda one: one.get("method") == "buildd/runStarted")
    wait_until(lambda: any("sleep 86399" in name for name in Holdings(daemon).things))
    daemon.kill()
    wait_until(lambda: not working_in(project.path))
    daemon.connect().request("buildd/up", project=project.path)
    nothing_is_left(daemon, before)


def working_in(directory: str) -> list[str]:
    """The processes whose working directory it is."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{process}/cwd") == directory:
                found.append(process)
        except OSError:
            continue
    return found


@pytest.mark.parametrize(
    "content",
    [b"", b'{"run": {"id"', b"[" * 100_000],
    ids=["empty", "torn", "deep"],
)
def test_a_torn_record_is_passed_over(make_project: Make, daemon: Daemon, content: bytes) -> None:
    project = make_project(BUILD)
    client = daemon.connect()
    assert build(client, project) == [3]
    project.write("lib.c", FIXED_C)
    assert build(client, project) == []
    daemon.kill()
    state = daemon.environment["BUILDD_STATE_DIR"]
    records = sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(state)
        for name in names
        if name.endswith(".build.json")
    )
    with open(records[-1], "wb") as file:
        file.write(content)
    client = daemon.connect()
    assert shown(client, project) == 1, "what the one before has found"
    assert history(client, project) == ["finished"]
    assert build(client, project) == []
