"""The daemon leaves in bounded time, whatever hangs, and the next one can start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from buildd.server.server import LEAVE_LIMIT
from tests.support.daemon import TIMEOUT, Daemon
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]

SPARE = 30
"""Seconds that a busy machine may take in addition. What hangs here does so for minutes."""


@pytest.fixture
def silent_engine(directory: str, daemon: Daemon) -> Iterator[socket.socket]:
    """An engine that accepts connections and answers nothing, so that threads wait for it."""
    path = os.path.join(directory, "engine.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        listener.settimeout(TIMEOUT)
        daemon.environment["DOCKER_HOST"] = f"unix://{path}"
        yield listener


def stop(daemon: Daemon) -> None:
    client = daemon.connect()
    client.request("buildd/stop", force=True)
    client.close()


def terminate(daemon: Daemon) -> None:
    assert daemon.process
    daemon.process.send_signal(signal.SIGTERM)


@pytest.mark.parametrize("end", [stop, terminate])
def test_threads_that_hang(
    directory: str, daemon: Daemon, silent_engine: socket.socket, end: Callable[[Daemon], None]
) -> None:
    made = []
    for number in range(8):  # more than there are threads
        project = ProjectFiles(f"{directory}/p{number}", {}, engine="host", image="")
        project.write("buildd.toml", '[environments.build]\nimage = "a:1"\n[tasks.a]\nrun = "a"\n')
        daemon.trust(project.path)
        made.append(project)
    client = daemon.connect()
    for project in made:
        client.start("buildd/run", project=project.path, task="a")
    accepted, _ = silent_engine.accept()
    end(daemon)
    assert daemon.process
    assert daemon.process.wait(LEAVE_LIMIT + SPARE) == 0
    accepted.close()
    assert not os.path.exists(daemon.socket_path)
    assert daemon.connect().request("buildd/hello", version="0", build=0)["protocol"] == 1


def test_an_event_loop_that_hangs() -> None:
    code = """
import buildd.server.server as server
server.LEAVE_LIMIT = 0.1
server._leave_later()
while True:
    pass
"""
    ended = subprocess.run([sys.executable, "-c", code], timeout=TIMEOUT)
    assert ended.returncode == 1


def test_results_are_stored_before_it_leaves(make_project: Make, daemon: Daemon) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "echo a; sleep 600"\n'})
    client = daemon.connect()
    client.start("buildd/run", project=project.path, task="build")
    client.wait_for(lambda one: one.get("method") == "buildd/output")
    stop(daemon)
    daemon.wait()
    (entry,) = daemon.connect().request("buildd/history", project=project.path)["runs"]
    assert entry["run"]["state"] == "cancelled"
