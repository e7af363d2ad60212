"""These tests run the daemon in a container that has the engine's socket."""

from __future__ import annotations

import os
import socket
import sys
import sysconfig
import uuid
from collections.abc import Callable, Iterator

import docker
import pytest
from docker.models.containers import Container

from buildd.engines.docker.nested import possible_ids
from tests.conftest import IMAGE
from tests.support.daemon import remove_containers
from tests.support.project import BROKEN_C

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Outer:
    """A container in which the daemon runs."""

    def __init__(self, container: Container, directory: str) -> None:
        self.container = container
        self._directory = directory

    def buildd(self, *command: str) -> tuple[int, str]:
        """Run a command of buildd; return its exit status and output."""
        return self.run(f"{sys.prefix}/bin/python", f"{sys.prefix}/bin/buildd", *command)

    def run(self, *command: str) -> tuple[int, str]:
        """Run any command; return its exit status and output."""
        done = self.container.exec_run(list(command), workdir=self._directory)
        assert done.exit_code is not None
        assert isinstance(done.output, bytes)
        return done.exit_code, done.output.decode()


Start = Callable[[dict[str, str], dict[str, str]], Outer]


@pytest.fixture
def project(directory: str) -> Iterator[tuple[str, str]]:
    """Make a project; yield its directory on the host and in the outer container."""
    host, seen = f"{directory}/p", f"/work/{uuid.uuid4().hex[:8]}"
    os.mkdir(host)
    with open(f"{host}/buildd.toml", "w", encoding="utf-8") as file:
        file.write(
            f'[environments.build]\nimage = "{IMAGE}"\n[tasks.build]\nrun = "gcc -c lib.c"\n'
        )
    with open(f"{host}/lib.c", "w", encoding="utf-8") as file:
        file.write(BROKEN_C)
    yield host, seen
    remove_containers(seen)


@pytest.fixture
def start(project: tuple[str, str]) -> Iterator[Start]:
    """Return a function that starts the outer container with more mounts and variables.

    The mounts are paths of the host with their targets.
    """
    client = docker.from_env()
    made = []
    host, seen = project
    # The tested buildd and its Python, at their paths on the host.
    basic = [
        *(f"{path}:{target}:ro" for target, path in own_files().items()),
        "/var/run/docker.sock:/var/run/docker.sock",
        f"{host}:{seen}",
    ]

    def started(mounts: dict[str, str], env: dict[str, str]) -> Outer:
        container = client.containers.run(
            IMAGE,
            ["sleep", "600"],
            detach=True,
            init=True,
            volumes=[*basic, *(f"{path}:{target}" for path, target in mounts.items())],
            environment={"PYTHONDONTWRITEBYTECODE": "1", **env},
        )
        made.append(container)
        outer = Outer(container, seen)
        if outer.run(f"{sys.prefix}/bin/python", "-c", "import ssl")[0]:
            pytest.skip(f"the Python of this machine does not run in {IMAGE}")
        return outer

    yield started
    for container in made:
        container.remove(force=True, v=True)
    client.close()


def own_files() -> dict[str, str]:
    """Return the files of the tested buildd and its Python, by where the outer container sees them.

    The paths on both sides are the same but for links.
    """
    own = {path: path for path in (sys.prefix, ROOT)}
    if sys.base_prefix != "/usr":
        return own | {sys.base_prefix: sys.base_prefix}
    # The system's, of which the rest would take the place of the image's own programs.
    major, minor = sys.version_info[:2]
    program = os.path.realpath(sys.executable)
    links = {f"/usr/bin/python{version}": program for version in (major, f"{major}.{minor}")}
    library = sysconfig.get_path("stdlib")
    return own | links | {library: library}


@pytest.mark.engine
def test_only_a_mounted_project_can_be_built(
    start: Start, project: tuple[str, str], directory: str
) -> None:
    os.mkdir(f"{directory}/module")
    with open(f"{directory}/module/inner.h", "w", encoding="utf-8") as file:
        file.write("int inner;\n")
    outer = start({f"{directory}/module": f"{project[1]}/module"}, {})
    assert outer.buildd("trust", "--yes")[0] == 0
    status, output = outer.buildd("build")
    assert (status, "lib.c:3:16: error" in output) == (1, True), output
    # A mount below the project in the outer container is in the environment too.
    assert outer.buildd("exec", "--", "cat", "module/inner.h")[1] == "int inner;\n"
    assert "set BUILDD_RUNTIME_DIR to a directory that is" in outer.buildd("status")[1]

    own = f"{project[1]}-own"
    outer.run("mkdir", own)
    outer.run("cp", "buildd.toml", own)
    assert outer.buildd("-C", own, "trust", "--yes")[0] == 0
    status, output = outer.buildd("-C", own, "up")
    assert status == 125
    assert f"the engine cannot see {own}: buildd runs in the container" in output
    assert f"--volume {own}:{own}" in output


@pytest.mark.engine
def test_pipes_and_terminals_work_if_the_run_directory_is_mounted(
    start: Start, project: tuple[str, str], directory: str
) -> None:
    os.mkdir(f"{directory}/run", 0o700)
    outer = start({f"{directory}/run": "/run-of-buildd"}, {"BUILDD_RUNTIME_DIR": "/run-of-buildd"})
    # In there root runs it, whoever runs the tests.
    outer.run("chown", "0:0", "/run-of-buildd")
    try:
        assert outer.buildd("trust", "--yes")[0] == 0
        assert outer.buildd("exec", "--", "pwd")[1].splitlines()[-1] == project[1]
        assert "one exec per run" not in outer.buildd("status")[1]
        assert "/dev/pts/" in outer.buildd("exec", "-t", "--", "tty")[1]
    finally:
        outer.run("chown", "-R", f"{os.getuid()}:{os.getgid()}", "/run-of-buildd")


MOUNTINFO = """\
1 2 0:40 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/X
3 1 254:0 {root}/{id}/{file} /etc/{place} rw,relatime - ext4 /dev/vda rw
"""

ID = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("mountinfo", "cgroup", "found"),
    [
        (
            MOUNTINFO.format(
                root="/var/lib/docker/containers", id=ID, file="hostname", place="hostname"
            ),
            "0::/\n",
            [ID],
        ),
        (MOUNTINFO.format(root="/containers", id=ID, file="hosts", place="hosts"), "", [ID]),
        (
            MOUNTINFO.format(
                root="/home/me/.local/share/containers/storage/overlay-containers",
                id=ID,
                file="userdata/hostname",
                place="hostname",
            ),
            "",
            [ID],
        ),
        ("", f"12:cpu:/docker/{ID}\n0::/system.slice\n", [ID]),
        ("", f"0::/system.slice/docker-{ID}.scope\n", [ID]),
        ("", f"0::/machine.slice/libpod-{ID}.scope/container\n", [ID]),
        # A process of the host itself, where other containers run.
        (
            f"3 1 0:40 / /var/lib/docker/overlay2/{ID}/merged rw - overlay overlay rw\n",
            "0::/user.slice\n",
            [],
        ),
    ],
)
def test_which_container_a_process_is_in(
    mountinfo: str, cgroup: str, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tests themselves may be in one.
    monkeypatch.setattr(socket, "gethostname", lambda: "machine")
    assert possible_ids(mountinfo, cgroup)[: len(found) or 1] == found
