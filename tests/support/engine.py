"""A container engine of a test's own, which may be ended and stopped as the shared one may not."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
from pathlib import Path

import docker
import pytest
import requests

import buildd.engines.docker.client  # noqa: F401 (it closes sockets that the SDK leaves open)
from tests.support.daemon import TIMEOUT, wait_until

IMAGE = "busybox:test"
"""A BusyBox, which is the smallest image that has all that a warm environment needs."""

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can start an engine of its own")
"""For tests that have an `Engine`."""

APPLETS = (
    *("cat", "chown", "echo", "env", "grep", "id", "ls", "mkdir", "setsid", "sh", "sleep", "touch"),
    *("true", "whoami"),
)


class Engine:
    """A dockerd with directories of its own; `close` leaves no process and no mount behind."""

    def __init__(self, *, size: str = "") -> None:
        """`size` is of a disk of its own for what it stores, as tmpfs(5) has it."""
        # Not below the test's directory: no project may hold the engine's socket.
        self._path = tempfile.mkdtemp(prefix="be-", dir="/tmp")
        self.url = f"unix://{self._path}/docker.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.disk = Path(self._path, "data")
        if size:
            self.disk.mkdir()
            mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self.disk)]
            subprocess.run(mount, check=True)

    def start(self, *, live_restore: bool = False, hidden: str = "") -> None:
        """Start it and wait until it answers. What others see in the directory `hidden`, it does
        not, as if it were on another machine."""
        path = self._path
        options = {
            "data-root": f"{path}/data",
            "exec-root": f"{path}/exec",
            "host": self.url,
            "pidfile": f"{path}/pid",
            "bridge": "none",
            "iptables": "false",
            "storage-driver": "vfs",
            "live-restore": str(live_restore).lower(),
            "log-level": "error",
        }
        # In a network of its own: without a bridge it would remove the shared engine's.
        command = ["unshare", "--net", "dockerd"]
        if hidden:
            hide = 'mount -t tmpfs none "$0" && exec "$@"'
            command = ["unshare", "--net", "--mount", "sh", "-c", hide, hidden, "dockerd"]
        command += [f"--{name}={value}" for name, value in options.items()]
        with open(f"{path}/log", "ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(self._answers)

    def load(self) -> None:
        """Put IMAGE into it."""
        load(self._client())

    def stop(self) -> None:
        """End it as a service manager does; without `live_restore`, its containers end too."""
        assert self._process
        self._process.terminate()
        self._process.wait(TIMEOUT)

    def signal(self, number: int) -> None:
        """Send it a signal."""
        assert self._process
        self._process.send_signal(number)

    def close(self) -> None:
        if self._process and self._process.poll() is None:
            self.signal(signal.SIGCONT)
            client = self._client()
            for container in client.containers.list(all=True, ignore_removed=True):
                container.remove(force=True, v=True)
            client.close()
            self.stop()
        # With live-restore it leaves its directory mounted upon itself.
        while not subprocess.run(["umount", self.disk], capture_output=True).returncode:
            pass
        shutil.rmtree(self._path)

    def _client(self) -> docker.DockerClient:
        return docker.DockerClient(base_url=self.url, timeout=TIMEOUT)

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, Path(self._path, "log").read_text()
        if not os.path.exists(f"{self._path}/docker.sock"):
            return False
        # Asked of no version yet: a client that fails in the making leaves its socket open.
        client = docker.APIClient(base_url=self.url, version="1.41", timeout=TIMEOUT)
        try:
            return bool(client.ping())
        except (docker.errors.DockerException, requests.exceptions.RequestException):
            return False
        finally:
            client.close()


def load(client: docker.DockerClient) -> None:
    """Put IMAGE into an engine, and close the connection."""
    busybox = shutil.which("busybox")
    assert busybox
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        programs = tarfile.TarInfo("bin")
        programs.type, programs.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(programs)
        tar.add(busybox, "bin/busybox")
        for name in APPLETS:
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        directory = tarfile.TarInfo("tmp")
        directory.type, directory.mode = tarfile.DIRTYPE, 0o1777
        tar.addfile(directory)
    answer = client.api.post(
        f"{client.api.base_url}/images/create",
        params={"fromSrc": "-", "repo": "busybox", "tag": "test"},
        data=data.getvalue(),
    )
    answer.raise_for_status()
    name = IMAGE if client.images.list(IMAGE) else "busybox:latest"  # Podman minds no tag
    for tag in ("test", "latest"):
        client.images.get(name).tag("busybox", tag)
    client.close()
