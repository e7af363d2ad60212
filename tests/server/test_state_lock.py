"""One state directory has one daemon, whatever runtime directory each client looks in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import docker
import pytest

from buildd.paths import owner_path, socket_of_owner
from buildd.server import state_lock
from tests.support.daemon import TIMEOUT, Daemon
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))


class Elsewhere:
    """Commands with the daemon's state directory and another runtime directory.

    Cron starts such commands beside a desktop's session.
    """

    def __init__(self, daemon: Daemon, directory: str) -> None:
        os.mkdir(f"{directory}/cron", 0o700)
        self.socket_path = f"{directory}/cron/daemon.sock"
        self.environment = {**daemon.environment, "BUILDD_RUNTIME_DIR": f"{directory}/cron"}

    def run(self, *command: str, cwd: str = "/") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )


@pytest.fixture
def elsewhere(daemon: Daemon, directory: str) -> Elsewhere:
    return Elsewhere(daemon, directory)


def test_a_second_daemon_refuses_and_names_the_first(daemon: Daemon, elsewhere: Elsewhere) -> None:
    client = daemon.connect()
    second = elsewhere.run(sys.executable, "-P", "-m", "buildd")
    state = daemon.environment["BUILDD_STATE_DIR"]
    assert second.returncode == 125
    assert second.stderr == (
        f"buildd: another daemon uses the state directory {state}: the one at "
        f"{daemon.socket_path}. Use that one, with "
        f"BUILDD_RUNTIME_DIR={os.path.dirname(daemon.socket_path)}, or give this one another "
        "BUILDD_STATE_DIR.\n"
    )
    assert not os.path.exists(elsewhere.socket_path)
    assert client.request("buildd/status")["sessions"] == 1


def test_a_command_uses_the_daemon_that_has_the_state(
    daemon: Daemon, elsewhere: Elsewhere, make_project: Make
) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "echo done"\n'})
    (pid,) = {daemon.connect().request("buildd/status")["pid"]}
    assert elsewhere.run(EXECUTABLE, "daemon", "start").stdout == f"{pid}\n"
    built = elsewhere.run(EXECUTABLE, "build", cwd=project.path)
    assert (built.returncode, built.stdout) == (0, "done\n")
    executed = elsewhere.run(EXECUTABLE, "exec", "--", "echo", "here", cwd=project.path)
    assert (executed.returncode, executed.stdout) == (0, "here\n")
    assert elsewhere.run(EXECUTABLE, "daemon", "stop", "--force").stdout == "stopped\n"
    daemon.wait()


def test_once_the_first_has_gone_the_next_one_starts(daemon: Daemon, elsewhere: Elsewhere) -> None:
    daemon.connect().close()
    daemon.kill()
    started = elsewhere.run(EXECUTABLE, "daemon", "start")
    assert started.returncode == 0, started.stderr
    assert os.path.exists(elsewhere.socket_path)
    assert elsewhere.run(EXECUTABLE, "daemon", "stop").stdout == "stopped\n"
    assert not os.path.exists(elsewhere.socket_path)


@pytest.mark.engine
def test_no_container_is_removed_amid_a_run(
    daemon: Daemon, elsewhere: Elsewhere, make_project: Make
) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "cat go"\n'}, engine="docker")
    os.mkfifo(project.file("go"))
    client = daemon.connect()
    number = client.start("buildd/run", project=project.path, task="build")
    client.wait_for(lambda message: message.get("method") == "buildd/runStarted")
    (before,) = containers(project.path)
    other = elsewhere.run(EXECUTABLE, "up", cwd=project.path)
    assert other.returncode == 0, other.stderr
    assert containers(project.path) == [before]
    with open(project.file("go"), "w", encoding="ascii") as file:
        file.write("on\n")
    assert client.result(number)["run"]["state"] == "finished"


def containers(project: str) -> list[str]:
    client = docker.from_env()
    try:
        found = client.containers.list(filters={"label": f"buildd.project={project}"})
        return [str(one.id) for one in found]
    finally:
        client.close()


def test_locks_that_nobody_holds_any_more_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDD_STATE_DIR", str(tmp_path))
    held = state_lock.take("/run/first")
    assert held
    (tmp_path / "daemon.lock-older").write_text("/run/older")
    with pytest.raises(Exception, match="the one at /run/first"):
        state_lock.take("/run/second")
    assert state_lock.take("/run/first") is None, "it is the same one"
    assert socket_of_owner() == "/run/first"
    os.close(held)
    held = state_lock.take("/run/second")
    assert held
    assert socket_of_owner() == "/run/second"
    assert os.listdir(tmp_path) == [os.path.basename(owner_path())]
    os.close(held)
