"""Engines as their kinds have them, each with its user, commonly not root: files come out as that
user's."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import suppress
from pathlib import Path

import docker

import buildd
import buildd_cli
from tests.support.daemon import TIMEOUT, wait_until
from tests.support.engine import load

USER = "buildd-test"
"""`make test` makes it, as root."""

ROOT_PODMAN = "podman of root"

KINDS = ("rootful", "remapped", "rootless", "podman", ROOT_PODMAN)


def missing(kind: str) -> str:
    """Why engines of this kind cannot be tried here, empty where they can."""
    if os.getuid() != 0:
        return "only root can start another user's engine"
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return f"there is no user {USER}"
    wanted = {
        "rootless": ("rootlesskit", "newuidmap"),
        "podman": ("podman", "newuidmap"),
        ROOT_PODMAN: ("podman",),
    }
    for program in wanted.get(kind, ()):
        if not shutil.which(program):
            return f"{program} is not installed"
    return "" if interpreter() else f"{USER} can use no Python of version {sys.version_info[:2]}"


def interpreter() -> str:
    """A Python like ours that the user can start, empty if there is none."""
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for path in (sys.executable, shutil.which(name, path="/usr/bin:/usr/local/bin")):
        # By a shell: what may not be executed is an exit status then.
        tried = ["/bin/sh", "-c", '"$0" -c ""', path or "false"]
        if not subprocess.run(tried, user=USER, capture_output=True, check=False).returncode:
            return path or ""
    return ""


class Unprivileged:
    """An engine of one kind, and the user's buildd that speaks to it, in a directory of their own.
    `close` leaves no process, no mount and no file behind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.user = "root" if kind == ROOT_PODMAN else USER
        self.path = tempfile.mkdtemp(prefix="bu-", dir="/tmp")
        os.chmod(self.path, 0o755)
        self.own(self.path)
        self.url = f"unix://{self.path}/engine.sock"
        self.uid = pwd.getpwnam(self.user).pw_uid
        for name in ("home", "run", "project", "data", "exec"):
            self.own(os.path.join(self.path, name), make=True)
        os.chmod(f"{self.path}/run", 0o700)
        self.environment = {
            "HOME": f"{self.path}/home",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "XDG_RUNTIME_DIR": f"{self.path}/run",
            "DOCKER_HOST": self.url,
            "CONTAINER_HOST": self.url,
            "NO_COLOR": "1",
            "PYTHONPATH": ":".join(
                (
                    os.path.dirname(os.path.dirname(str(buildd.__file__))),
                    os.path.dirname(os.path.dirname(str(buildd_cli.__file__))),
                    sysconfig.get_path("purelib"),
                )
            ),
        }
        self._engine: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the engine, wait until it answers, and put an image into it."""
        user = None if self.kind in ("rootful", "remapped") else self.user
        # Where there is a CONTAINER_HOST, Podman is no service but a client of one.
        environment = {k: v for k, v in self.environment.items() if k != "CONTAINER_HOST"}
        # Root's asks for more than a root of a container may have.
        environment["CONTAINERS_CONF"] = f"{self.path}/containers.conf"
        Path(environment["CONTAINERS_CONF"]).write_text(
            '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n'
        )
        with open(f"{self.path}/log", "ab") as log:
            self._engine = subprocess.Popen(
                self._command(),
                stdout=log,
                stderr=log,
                env={**environment, "DOCKER_RAMDISK": "1"},
                user=user,
                group=user,
                extra_groups=[],
                cwd="/",
            )
        wait_until(self._answers)
        load(self._client())

    def own(self, path: str, *, make: bool = False) -> None:
        """Make it the user's, and a new directory first."""
        if make:
            os.mkdir(path, 0o755)
        shutil.chown(path, self.user, self.user)

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        path = f"{self.path}/project/{name}"
        Path(path).write_text(text, encoding="utf-8")
        self.own(path)

    def buildd(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command in the project, as the user."""
        return self.run(interpreter(), "-P", "-m", "buildd_cli", *arguments)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run any command there, as the user."""
        return subprocess.run(
            command,
            cwd=f"{self.path}/project",
            env=self.environment,
            user=self.user,
            group=self.user,
            extra_groups=[],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def volumes(self) -> set[str]:
        """The names of the engine's volumes."""
        client = self._client()
        try:
            return {str(one.name) for one in client.volumes.list()}
        finally:
            client.close()

    def close(self) -> None:
        self.buildd("daemon", "stop", "--force")
        if self._engine and self._engine.poll() is None:
            client = self._client()
            for container in client.containers.list(all=True, ignore_removed=True):
                container.remove(force=True, v=True)
            client.close()
            self._engine.terminate()
            self._engine.wait(TIMEOUT)
        self._end_rest()
        # Podman still tidies up after the last container, for a moment.
        wait_until(self._is_removed)

    def _command(self) -> list[str]:
        path = self.path
        if self.kind in ("podman", ROOT_PODMAN):
            return [
                "podman",
                f"--root={path}/data",
                f"--runroot={path}/exec",
                "--storage-driver=vfs",
                "--cgroup-manager=cgroupfs",
                "system",
                "service",
                "--time=0",
                self.url,
            ]
        dockerd = [
            "dockerd",
            f"--data-root={path}/data",
            f"--exec-root={path}/exec",
            f"--host={self.url}",
            f"--pidfile={path}/run/pid",
            "--bridge=none",
            "--iptables=false",
            "--storage-driver=vfs",
            "--log-level=error",
        ]
        if self.kind == "rootless":
            kit = ["rootlesskit", "--net=host", "--copy-up=/etc", "--copy-up=/run"]
            kit += ["--propagation=rslave", f"--state-dir={path}/run/kit"]
            # What was copied up are links to the machine's own.
            script = 'rm -f /run/docker /run/containerd /run/docker.sock; exec "$@"'
            return [*kit, "sh", "-c", script, "sh", *dockerd, "--rootless"]
        remapped = [f"--userns-remap={USER}"] if self.kind == "remapped" else []
        # In a network of its own: without a bridge it would remove the shared engine's.
        return ["unshare", "--net", *dockerd, f"--group={USER}", *remapped]

    def _client(self) -> docker.DockerClient:
        return docker.DockerClient(base_url=self.url, timeout=TIMEOUT)

    def _answers(self) -> bool:
        assert self._engine
        assert self._engine.poll() is None, Path(self.path, "log").read_text()
        if not os.path.exists(f"{self.path}/engine.sock"):
            return False
        try:
            self._client().close()
        except docker.errors.DockerException:
            return False
        return True

    def _is_removed(self) -> bool:
        shutil.rmtree(self.path, ignore_errors=True)
        return not os.path.exists(self.path)

    def _end_rest(self) -> None:
        """Podman leaves a process that holds the user's namespaces, and for each exec one that
        waits for minutes whether somebody asks how it ended."""
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int(Path(self.path, "run/libpod/tmp/pause.pid").read_text()), signal.SIGKILL)
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if f"{self.path}/".encode() in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)
