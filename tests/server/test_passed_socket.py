"""A socket that a service manager listens on, and passes to the daemon that it starts."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from buildd_cli.daemon.lifecycle import daemon_pid, peer
from tests.support.client import Client
from tests.support.daemon import TIMEOUT, Daemon, listens, wait_until

Command = Callable[..., "subprocess.CompletedProcess[str]"]

ARGUMENTS = ("-P", "-m", "buildd")

START = """
import os, sys
descriptor, count = map(int, sys.argv[1:])
os.dup2(descriptor, 3)
os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"] = str(os.getpid()), str(count)
os.execv(sys.executable, [sys.executable, "-P", "-m", "buildd"])
"""
"""Does what a service manager does, as sd_listen_fds(3) says it."""


class Manager:
    """Listens where clients look for the daemon."""

    def __init__(self, daemon: Daemon) -> None:
        self._environment = daemon.environment
        os.mkdir(os.path.dirname(daemon.socket_path), 0o700)
        self.socket = self._listening(daemon.socket_path)
        self.daemons: list[subprocess.Popen[bytes]] = []

    def start(self, passed: socket.socket | None = None, count: int = 1) -> subprocess.Popen[bytes]:
        """Start a daemon, with the socket or another."""
        descriptor = (passed or self.socket).fileno()
        daemon = subprocess.Popen(
            [sys.executable, "-c", START, str(descriptor), str(count)],
            env=self._environment,
            pass_fds=[descriptor],
            stderr=subprocess.PIPE,
        )
        self.daemons.append(daemon)
        return daemon

    def has_waiting_client(self) -> bool:
        return bool(select.select([self.socket], [], [], 0)[0])

    def close(self) -> None:
        for daemon in self.daemons:
            daemon.kill()
            daemon.wait()
            assert daemon.stderr
            daemon.stderr.close()
        self.socket.close()

    def _listening(self, path: str) -> socket.socket:
        made = socket.socket(socket.AF_UNIX)
        made.bind(path)
        made.listen()
        return made


@pytest.fixture
def manager(daemon: Daemon) -> Iterator[Manager]:
    made = Manager(daemon)
    yield made
    made.close()


def test_one_daemon_after_the_other_serves_it(
    daemon: Daemon, manager: Manager, command: Command
) -> None:
    waiting = Client(daemon.socket_path)  # before there is a daemon
    first = manager.start()
    assert waiting.request("buildd/hello", version="0", build=0)["pid"] == first.pid
    waiting.close()
    assert command("daemon", "stop").stdout == "stopped\n"
    assert first.wait(TIMEOUT) == 0
    waiting = Client(daemon.socket_path)  # the socket is still there
    second = manager.start()
    assert waiting.request("buildd/hello", version="0", build=0)["pid"] == second.pid
    waiting.close()
    assert command("exec", "--", "true").returncode == 125, "there is no project"
    assert command("daemon", "stop").stdout == "stopped\n"


def test_who_made_the_socket_is_not_taken_for_the_daemon(
    daemon: Daemon, manager: Manager, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = Client(daemon.socket_path)
    started = manager.start()
    assert command("daemon", "start").stdout == f"{started.pid}\n"
    monkeypatch.setenv("BUILDD_RUNTIME_DIR", daemon.environment["BUILDD_RUNTIME_DIR"])
    assert peer(waiting.socket)[0] == os.getpid()
    assert daemon_pid(waiting.socket) == started.pid
    waiting.close()


def test_a_look_does_not_start_it(daemon: Daemon, manager: Manager, command: Command) -> None:
    started = manager.start()
    assert command("daemon", "stop").returncode == 0
    assert started.wait(TIMEOUT) == 0
    assert command("daemon", "status").returncode == 3
    assert command("daemon", "stop").stdout == "none was running\n"
    assert not manager.has_waiting_client()


def test_it_waits_for_one_that_is_ending(daemon: Daemon, manager: Manager) -> None:
    path = os.path.join(os.path.dirname(daemon.socket_path), "daemon.lock")
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        started = manager.start()
        client = Client(daemon.socket_path)
        with pytest.raises(subprocess.TimeoutExpired):
            started.wait(0.5)
    assert client.request("buildd/hello", version="0", build=0)["pid"] == started.pid
    client.close()


def test_a_socket_file_that_is_removed_is_made_anew(daemon: Daemon, manager: Manager) -> None:
    started = manager.start()
    client = Client(daemon.socket_path)
    client.request("buildd/hello", version="0", build=0)
    os.unlink(daemon.socket_path)
    wait_until(lambda: listens(daemon.socket_path))
    anew = Client(daemon.socket_path)
    assert anew.request("buildd/hello", version="0", build=0)["pid"] == started.pid
    anew.close()
    client.close()


@pytest.mark.parametrize("kind", ["elsewhere", "no listener", "no socket", "two"])
def test_another_socket_is_refused(
    daemon: Daemon, manager: Manager, directory: str, kind: str
) -> None:
    with socket.socket(socket.AF_UNIX) as other, open(os.devnull) as null:
        if kind == "elsewhere":
            other.bind(f"{directory}/other.sock")
            other.listen()
        elif kind == "no socket":
            os.dup2(null.fileno(), other.fileno())
        elif kind == "two":
            os.dup2(manager.socket.fileno(), other.fileno())
        refused = manager.start(other, count=2 if kind == "two" else 1)
        _, said = refused.communicate(timeout=TIMEOUT)
    assert refused.returncode == 125
    assert b"is not one socket that listens at " + daemon.socket_path.encode() in said
    assert said.endswith(b"Run `buildd daemon install` again.\n")


def test_systemd_s_own_activation(daemon: Daemon, command: Command) -> None:
    activate = shutil.which("systemd-socket-activate")
    if not activate:
        pytest.skip("systemd is not installed")
    os.mkdir(os.path.dirname(daemon.socket_path), 0o700)
    variables = [name for name in daemon.environment if name.startswith(("BUILDD_", "PATH"))]
    passed = [f"--setenv={name}={daemon.environment[name]}" for name in variables]
    daemon.process = subprocess.Popen(
        [activate, f"--listen={daemon.socket_path}", *passed, sys.executable, *ARGUMENTS],
        env=daemon.environment,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: listens(daemon.socket_path))
    status = json.loads(command("status", "--json").stdout)
    assert status["pid"] == daemon.process.pid, "it becomes what it starts"
    assert command("daemon", "stop").stdout == "stopped\n"
    assert os.path.exists(daemon.socket_path)
