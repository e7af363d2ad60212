"""What goes wrong around a run: it ends in a clear state, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from tests.support.client import Client
from tests.support.daemon import TIMEOUT, Daemon, wait_until
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))

TASK = "[tasks.build]\nrun = '''{}'''\ninterrupt-grace = \"50ms\"\nterminate-grace = \"50ms\"\n"

MARK = str(600_000 + os.getpid())
"""Seconds that what must not stay behind sleeps: nothing else on this machine does for so long."""


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


@pytest.fixture
def container() -> Iterator[Callable[[ProjectFiles], Container]]:
    engine = docker.from_env()

    def find(project: ProjectFiles) -> Container:
        (found,) = engine.containers.list(
            filters={"label": f"buildd.project={project.path}"}, ignore_removed=True
        )
        return found

    yield find
    engine.close()


def start(client: Client, project: ProjectFiles) -> int:
    """Run the task until its first output."""
    number = client.start("buildd/run", project=project.path, task="build")
    client.wait_for(lambda one: one.get("method") == "buildd/output")
    return number


def nothing_is_left(daemon: Daemon, project: ProjectFiles, client: Client) -> None:
    """No run, no process, no pipe of an ended run; and the next run works."""
    wait_until(lambda: client.request("buildd/status")["runs"] == 0)
    # What a person would do next.
    command = [EXECUTABLE, "exec", "--", "true"]
    subprocess.run(command, cwd=project.path, env=daemon.environment, check=True, timeout=TIMEOUT)
    directories = os.path.join(daemon.environment["BUILDD_RUNTIME_DIR"], "env")
    wait_until(
        lambda: all(
            sum(name.startswith("run_") for name in os.listdir(os.path.join(directories, one))) <= 1
            for one in os.listdir(directories)
        )
    )


def sleeping() -> list[str]:
    """The processes that must not be there, wherever on this machine."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[:2] == [b"sleep", MARK.encode()]:
            found.append(process)
    return found


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(
            f"trap '' INT TERM; echo on; sleep {MARK}; sleep {MARK}", id="ignores-signals"
        ),
        pytest.param(
            f"(setsid sh -c 'sleep {MARK} & sleep {MARK}' &) ; echo on; sleep {MARK}",
            id="forks-away",
        ),
        pytest.param(f"nohup sleep {MARK} >/dev/null & echo on; exec sleep {MARK}", id="nohup"),
    ],
)
def test_a_cancel_leaves_no_process(
    make_project: Make, daemon: Daemon, client: Client, engine: str, script: str
) -> None:
    project = make_project({"buildd.toml": TASK.format(script)}, engine=engine)
    number = start(client, project)
    wait_until(lambda: len(sleeping()) >= 1)
    client.notify("$/cancelRequest", id=number)
    assert client.result(number)["run"]["state"] == "cancelled"
    assert sleeping() == [], "gone before the run is called ended"
    nothing_is_left(daemon, project, client)


def test_output_that_is_no_text_and_a_line_without_end(
    make_project: Make, daemon: Daemon, client: Client
) -> None:
    script = (
        r"printf '\000\377\200\033[31m\n'; head -c 500000000 /dev/zero | tr '\000' x; "
        "echo; echo 'a.c:1:1: error: after all that'"
    )
    project = make_project({"buildd.toml": TASK.format(script), "a.c": "int a;\n"})
    before = client.request("buildd/status")["memory"]
    result = client.request("buildd/run", project=project.path, task="build")
    assert result["run"]["state"] == "finished"
    assert [one["message"] for one in result["diagnostics"]] == ["after all that"]
    assert result["run"]["outputBytes"] < 300 << 20, "bounded"
    assert client.request("buildd/status")["memory"] - before < 64 << 20
    client.seen.clear()
    nothing_is_left(daemon, project, client)


@pytest.mark.engine
def test_a_paused_container_is_said_and_works_again_when_resumed(
    make_project: Make,
    daemon: Daemon,
    client: Client,
    container: Callable[[ProjectFiles], Container],
) -> None:
    project = make_project({"buildd.toml": TASK.format(f"echo on; sleep {MARK}")}, engine="docker")
    number = start(client, project)
    paused = container(project)
    paused.pause()
    client.notify("$/cancelRequest", id=number)
    run = client.result(number)["run"]
    assert run["state"] == "cancelled"
    assert "does not respond" in run["error"]
    paused.unpause()
    wait_until(lambda: sleeping() == [])
    nothing_is_left(daemon, project, client)


@pytest.mark.engine
def test_a_fork_bomb_ends_with_its_run(
    make_project: Make, daemon: Daemon, client: Client, container: Callable[..., Container]
) -> None:
    bomb = "echo on; f() { sleep 0.1; f | f & }; f; f; wait; sleep 600"
    limit = "processes = 200\n"
    project = make_project({"buildd.toml": limit + TASK.format(bomb)}, engine="docker")
    number = start(client, project)
    wait_until(lambda: len(container(project).top()["Processes"]) > 190)
    client.notify("$/cancelRequest", id=number)
    assert client.result(number)["run"]["state"] == "cancelled"
    nothing_is_left(daemon, project, client)
    wait_until(lambda: len(container(project).top()["Processes"]) < 12)


@pytest.mark.engine
def test_a_killed_supervisor_s_runs_are_ended_without_being_asked(
    make_project: Make,
    daemon: Daemon,
    client: Client,
    container: Callable[[ProjectFiles], Container],
) -> None:
    script = f"echo on; setsid sleep {MARK} & sleep {MARK}"
    project = make_project({"buildd.toml": TASK.format(script)}, engine="docker")
    number = start(client, project)
    for row in container(project).top()["Processes"]:
        if "supervisor.sh" in row[-1]:
            with suppress(ProcessLookupError):  # a helper of one that is killed already
                os.kill(int(row[1]), signal.SIGKILL)
    assert client.result(number)["run"]["state"] == "lost"
    wait_until(lambda: sleeping() == [])
    nothing_is_left(daemon, project, client)


def is_removed(directory: str) -> bool:
    """Remove it; False where somebody else removes something of it just then."""
    try:
        shutil.rmtree(directory)
    except FileNotFoundError:
        return not os.path.exists(directory)
    return True


def test_a_run_directory_that_is_deleted_is_made_anew(
    make_project: Make, daemon: Daemon, client: Client, engine: str
) -> None:
    project = make_project({"buildd.toml": TASK.format("echo on")}, engine=engine)
    client.request("buildd/run", project=project.path, task="build")
    wait_until(lambda: is_removed(os.path.join(daemon.environment["BUILDD_RUNTIME_DIR"], "env")))
    result = client.request("buildd/run", project=project.path, task="build")
    assert result["run"]["state"] == "finished"
    nothing_is_left(daemon, project, client)


def test_a_client_that_is_stopped_while_output_pours_holds_up_nobody_else(
    make_project: Make, daemon: Daemon, client: Client, engine: str
) -> None:
    project = make_project({"buildd.toml": TASK.format("echo on")}, engine=engine)
    stopped = subprocess.Popen(
        [EXECUTABLE, "exec", "--", "yes"],
        cwd=project.path,
        env=daemon.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert stopped.stdout
    assert stopped.stdout.read(2) == b"y\n"
    stopped.send_signal(signal.SIGSTOP)
    assert (
        client.request("buildd/run", project=project.path, task="build")["run"]["exitStatus"] == 0
    )
    (cancelled,) = client.request("buildd/cancel", project=project.path)["runs"]
    assert cancelled
    nothing_is_left(daemon, project, client)
    stopped.send_signal(signal.SIGCONT)
    stopped.stdout.close()
    assert stopped.wait(TIMEOUT) != 0


def test_a_full_disk_is_the_command_s_own_failure(
    make_project: Make, daemon: Daemon, client: Client
) -> None:
    project = make_project({"buildd.toml": TASK.format("cat /dev/zero >/dev/full")})
    run = client.request("buildd/run", project=project.path, task="build")["run"]
    assert (run["state"], run["exitStatus"]) == ("finished", 1)
    nothing_is_left(daemon, project, client)
