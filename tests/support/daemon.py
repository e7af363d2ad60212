"""A daemon of a test's own, as the separate process that it is."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from buildd.config.current import UNSURE
from tests.support.client import Client

TIMEOUT = 120
"""Seconds after which a test gives up waiting. Only a failure takes so long: machines are slow, and
busy with other things."""


class Daemon:
    """Started when first connected to; `close` leaves no process, container or volume behind."""

    def __init__(self, runtime: str, state: str) -> None:
        self.socket_path = os.path.join(runtime, "daemon.sock")
        self.log_path = os.path.join(state, "daemon.log")
        self.record_path = os.path.join(state, "trust.json")
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("BUILDD_")},
            "BUILDD_RUNTIME_DIR": runtime,
            "BUILDD_STATE_DIR": state,
            "BUILDD_CONFIG_DIR": os.path.join(state, "own"),
        }
        self.process: subprocess.Popen[bytes] | None = None
        self._clients: list[Client] = []
        self.projects: list[str] = []

    def start(self) -> None:
        """Start the process and wait until its socket is there."""
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "buildd"], env=self.environment, cwd="/"
        )
        wait_until(lambda: listens(self.socket_path))

    def connect(self) -> Client:
        """A new connection; the daemon is started if it is not there."""
        try:
            client = self.reach()
        except OSError:
            self.start()
            client = self.reach()
        self._clients.append(client)
        return client

    def reach(self) -> Client:
        """A client of the daemon that is there. Raises OSError where there is none."""
        return Client(self.socket_path)

    def trust(self, project: str) -> None:
        """Consent to the project's present configuration."""
        client = self.connect()
        summary = client.request("buildd/trust", project=project)
        names = [grant["name"] for grant in summary.get("grants", ())]
        client.request("buildd/grant", project=project, digest=summary["digest"], grants=names)
        client.close()

    def remember(self, project: str) -> None:
        """What this project leaves in the engine is removed at the end."""
        self.projects.append(project)

    def kill(self) -> None:
        """End it as a crash would; its socket stays, as a crash leaves it."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it in order."""
        client = Client(self.socket_path)
        client.request("buildd/stop", force=True)
        while client.receive() is not None:
            pass
        client.close()
        self.wait()

    def wait(self) -> None:
        """Return once it has ended."""
        if self.process:
            self.process.wait(TIMEOUT)

    def close(self) -> None:
        for client in self._clients:
            client.close()
        if listens(self.socket_path):
            self.stop()  # perhaps a client started it: there is no other way to end that one
        self.wait()
        if os.environ.get("BUILDD_TEST_ENGINE", "docker") != "host":
            for project in self.projects:
                remove_containers(project)

    def failures(self) -> list[str]:
        """What its log tells of failures of its own."""
        log = Path(self.log_path)
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        return [line for line in lines if " ERROR " in line]


def listens(path: str) -> bool:
    """Whether a daemon takes connections there; the socket is there a moment before it does."""
    try:
        Client(path).close()
    except OSError:
        return False
    return True


def remove_containers(project: str) -> None:
    """Remove the containers, volumes and images that bear the project's label."""
    import docker

    client = docker.from_env()
    try:
        label: dict[str, str | list[str] | bool] = {"label": f"buildd.project={project}"}
        for container in client.containers.list(all=True, filters=label, ignore_removed=True):
            container.remove(force=True, v=True)
        for volume in client.volumes.list(filters=label):
            volume.remove(force=True)
        for image in client.images.list(filters=label):
            client.images.remove(str(image.id), force=True)
    finally:
        client.close()


def settle(*files: str) -> None:
    """Return once the daemon takes these for what it has read, unless they are written again."""
    newest = max(os.stat(file).st_ctime_ns for file in files)
    wait_until(lambda: time.time_ns() > newest + UNSURE)


def wait_until(condition: Callable[[], bool], timeout: float = TIMEOUT) -> None:
    """Return once the condition holds; fail if that takes too long."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "the condition never came to hold"
        time.sleep(0.01)  # between two looks, not instead of one
