"""Mounts whose sources are exchanged for links while their container is made or started again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container
from docker.types import Mount as DockerMount

from buildd.engines.docker import bind_sources, mount_check
from buildd.engines.docker.mountinfo import MountedFile, missing, of_descriptor, parse
from buildd.engines.docker.mounts import ContainerMounts
from buildd.errors import EngineError
from buildd.model import Mount
from tests.conftest import IMAGE
from tests.support.client import Client, ClientError
from tests.support.daemon import Daemon
from tests.support.exchange import exchanged_for_ever
from tests.support.project import ProjectFiles
from tests.support.unprivileged import KINDS, Unprivileged
from tests.support.unprivileged import missing as missing_engine

pytestmark = pytest.mark.engine

TRIES = 16

REFUSED = (
    "exchanged for something else",
    "nobody has consented to mount",
    "does not exist any more",
    "cannot be looked at",
    "changes while it is read",
    "not trusted in its present form",
)


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


@pytest.fixture
def project(
    make_project: Callable[..., ProjectFiles], daemon: Daemon, directory: str
) -> ProjectFiles:
    """A trusted project that mounts its directory `data`, which holds `mine`. Beside it is a link
    to a directory of the host, which holds `private`."""
    os.mkdir(f"{directory}/host")
    Path(directory, "host", "private").touch()
    project = make_project({}, engine="docker", trust=False)
    project.write("data/mine", "")
    os.symlink(f"{directory}/host", project.file("link"))
    project.write(
        "buildd.toml",
        f'[environments.build]\nimage = "{IMAGE}"\n'
        'mounts = [{ source = "data", target = "/data" }]\n'
        '[tasks.look]\nrun = "ls /data >seen"\n',
    )
    daemon.trust(project.path)
    return project


def attempt(client: Client, **parameters: object) -> bool:
    """Whether the environment came up; if not, then because of what was exchanged."""
    try:
        client.request("buildd/up", **parameters)
    except ClientError as error:
        if not any(words in error.message for words in REFUSED):
            raise
        return False
    return True


def look(client: Client, project: ProjectFiles) -> str:
    """What a command finds in the mount."""
    client.request("buildd/run", project=project.path, task="look")
    return project.read("seen")


def test_no_new_container_sees_another_directory(project: ProjectFiles, client: Client) -> None:
    for _ in range(TRIES):
        with exchanged_for_ever(project.file("data"), project.file("link")):
            is_up = attempt(client, project=project.path, rebuild=True)
        if is_up:
            assert look(client, project) == "mine\n"
    assert attempt(client, project=project.path, rebuild=True)
    assert look(client, project) == "mine\n"


def test_no_container_that_is_started_again_sees_another_directory(
    project: ProjectFiles, client: Client
) -> None:
    for _ in range(TRIES):
        assert attempt(client, project=project.path)
        client.request("buildd/down", project=project.path)
        with exchanged_for_ever(project.file("data"), project.file("link")):
            is_up = attempt(client, project=project.path)
        if is_up:
            assert look(client, project) == "mine\n"


def test_a_running_container_that_sees_another_directory_is_not_adopted(
    project: ProjectFiles, client: Client, daemon: Daemon
) -> None:
    assert attempt(client, project=project.path)
    client.close()
    daemon.stop()
    os.rename(project.file("data"), project.file("older"))
    project.write("data/newer", "")
    client = daemon.connect()
    assert attempt(client, project=project.path)
    assert look(client, project) == "newer\n"


@pytest.fixture(params=KINDS)
def unprivileged(request: pytest.FixtureRequest) -> Iterator[Unprivileged]:
    if reason := missing_engine(request.param):
        pytest.skip(reason)
    made = Unprivileged(request.param)
    try:
        made.start()
        yield made
    finally:
        made.close()


def test_it_holds_on_every_kind_of_engine(unprivileged: Unprivileged) -> None:
    kind = "podman" if "podman" in unprivileged.kind else "docker"
    unprivileged.own(f"{unprivileged.path}/host", make=True)
    unprivileged.own(f"{unprivileged.path}/project/data", make=True)
    Path(unprivileged.path, "host", "private").touch()
    os.symlink(f"{unprivileged.path}/host", f"{unprivileged.path}/project/link")
    unprivileged.write("data/mine", "")
    unprivileged.write(
        "buildd.toml",
        f'[environments.build]\nengine = "{kind}"\nimage = "busybox:test"\nnetwork = false\n'
        'env = { PATH = "/bin" }\nmounts = [{ source = "data", target = "/data" }]\n',
    )
    assert unprivileged.buildd("trust", "--yes").returncode == 0
    seen = []
    for _ in range(TRIES // 2):
        data, link = f"{unprivileged.path}/project/data", f"{unprivileged.path}/project/link"
        with exchanged_for_ever(data, link):
            up = unprivileged.buildd("up", "--rebuild")
        assert up.returncode == 0 or any(words in up.stderr for words in REFUSED), up.stderr
        if up.returncode == 0:
            seen.append(unprivileged.buildd("exec", "--", "ls", "/data").stdout)
    assert unprivileged.buildd("up", "--rebuild").returncode == 0
    seen.append(unprivileged.buildd("exec", "--", "ls", "/data").stdout)
    assert set(seen) == {"mine\n"}


TABLE = r"""
22 28 0:20 / /sys rw,nosuid - sysfs sysfs rw
23 28 8:1 /home/u/a\040b/data /data rw,relatime - ext4 /dev/sda1 rw
24 28 8:1 /home/u/p/.git/hooks /src/.git/hooks ro,relatime shared:5 - ext4 /dev/sda1 rw
"""


def test_the_kernel_s_table_is_read() -> None:
    system, data, hooks = parse(TABLE)
    assert (system.place, system.read_only) == ("/sys", False)
    assert data.file == MountedFile("8:1", "/home/u/a b/data")
    assert (hooks.place, hooks.read_only) == ("/src/.git/hooks", True)


def test_a_file_is_wanted_as_often_as_it_is_to_be_mounted() -> None:
    table = list(parse(TABLE))
    data = MountedFile("8:1", "/home/u/a b/data")
    assert missing([data], table) == set()
    assert missing([data, data], table) == {data}
    assert missing([MountedFile("8:2", data.path)], table)


def test_a_descriptor_leads_to_the_file_that_was_opened(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    descriptor = os.open(tmp_path / "a", os.O_PATH)
    try:
        before = of_descriptor(descriptor)
        assert before
        assert before.path.endswith("/a")
        os.rename(tmp_path / "a", tmp_path / "b")
        assert of_descriptor(descriptor) == before._replace(path=before.path[:-1] + "b")
    finally:
        os.close(descriptor)


@pytest.fixture
def container(directory: str) -> Iterator[Callable[[str], Container]]:
    """Start a container that sees the directory `p`, and at `/data` the one that is named."""
    client = docker.from_env()
    made: list[Container] = []

    def start(data: str) -> Container:
        for name in ("p", "p/data", "p/other"):
            os.makedirs(f"{directory}/{name}", exist_ok=True)
        mounts = [
            DockerMount(source=f"{directory}/p", target="/p", type="bind"),
            DockerMount(source=f"{directory}/{data}", target="/data", type="bind"),
        ]
        made.append(client.containers.run(IMAGE, ["sleep", "600"], detach=True, mounts=mounts))
        return made[-1]

    yield start
    for one in made:
        one.remove(force=True)
    client.close()


@pytest.mark.parametrize(
    ("kernel", "message"),
    [("/proc/sys/kernel/random/boot_id", "exchanged for"), ("/dev/null", "does not see")],
)
def test_where_its_processes_are_not_seen_the_container_is_asked(
    container: Callable[[str], Container],
    directory: str,
    monkeypatch: pytest.MonkeyPatch,
    kernel: str,
    message: str,
) -> None:
    """As where buildd runs in a container of its own, and where the engine has its own kernel."""
    monkeypatch.setattr(mount_check, "_BOOT", kernel)
    monkeypatch.setattr(mount_check, "_table_of", lambda container, seen, sources: [])
    right, wrong = container("p/data"), container("p/other")
    own = Mount(source=f"{directory}/p", target="/p")
    data = Mount(source=f"{directory}/p/data", target="/data")
    seen = ContainerMounts(mounts=(own, data))
    with bind_sources.opened((own, data)) as sources:
        assert mount_check.prove(right, seen, sources)
        with pytest.raises(EngineError, match=message):
            mount_check.prove(wrong, seen, sources)
    assert os.listdir(f"{directory}/p/data") == []
