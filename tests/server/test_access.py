"""Nobody but the user reaches the daemon: not by its directories, its socket, or its traces."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from tests.support.client import Client
from tests.support.daemon import TIMEOUT, Daemon, listens, wait_until
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

NOBODY = 65534
SECRET = "hunter2-0cf3e9a1"

as_root = pytest.mark.skipif(os.getuid() != 0, reason="another user can only be played by root")


def start(daemon: Daemon) -> subprocess.CompletedProcess[str]:
    """The daemon, which is to refuse to start."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "buildd"],
        env=daemon.environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )


def refused(daemon: Daemon, command: Command, reason: str) -> None:
    """Neither the daemon nor a client uses the directory."""
    for result in (start(daemon), command("status")):
        assert result.returncode == 125
        assert reason in result.stderr
        assert len(result.stderr.splitlines()) == 1
    assert not listens(daemon.socket_path)


@pytest.fixture(params=["BUILDD_RUNTIME_DIR", "BUILDD_STATE_DIR"])
def chosen(request: pytest.FixtureRequest, daemon: Daemon) -> Path:
    return Path(daemon.environment[request.param])


@pytest.mark.parametrize("mode", [0o777, 0o720, 0o1777])
def test_a_directory_that_others_could_write_to(
    daemon: Daemon, command: Command, chosen: Path, mode: int
) -> None:
    chosen.mkdir()
    chosen.chmod(mode)
    refused(daemon, command, "other users can write to")
    assert stat.S_IMODE(chosen.stat().st_mode) == mode, "left as it was"


def test_a_directory_that_others_could_only_read_is_closed(daemon: Daemon, chosen: Path) -> None:
    chosen.mkdir()
    chosen.chmod(0o755)
    daemon.connect()
    assert stat.S_IMODE(chosen.stat().st_mode) == 0o700


@as_root
def test_a_directory_that_another_user_made_first(
    daemon: Daemon, command: Command, chosen: Path
) -> None:
    chosen.mkdir(mode=0o700)
    os.chown(chosen, NOBODY, NOBODY)
    refused(daemon, command, "is not a directory that belongs to you")


@pytest.mark.parametrize("target", ["elsewhere", "nothing"])
def test_a_link_that_somebody_put_there_first(
    daemon: Daemon, command: Command, directory: str, chosen: Path, target: str
) -> None:
    elsewhere = Path(directory, "elsewhere")
    elsewhere.mkdir(mode=0o700)
    chosen.symlink_to(Path(directory, target))
    result = start(daemon)
    assert result.returncode == 125
    assert str(chosen) in result.stderr
    assert command("status").returncode == 125
    assert list(elsewhere.iterdir()) == []


def test_a_place_where_others_could_exchange_it(
    daemon: Daemon, command: Command, directory: str
) -> None:
    os.chmod(directory, 0o777)
    refused(daemon, command, "other users can replace")
    os.chmod(directory, 0o1777)
    assert command("status").returncode == 0, "as in /tmp"


def test_links_in_place_of_lock_and_socket(daemon: Daemon, directory: str) -> None:
    """Inside the directory only the user himself could have put them."""
    runtime = Path(daemon.environment["BUILDD_RUNTIME_DIR"])
    runtime.mkdir(mode=0o700)
    victim = Path(directory, "victim")
    victim.write_text("mine")
    (runtime / "daemon.sock").symlink_to(victim)
    daemon.start()
    assert victim.read_text() == "mine"
    assert stat.S_ISSOCK((runtime / "daemon.sock").lstat().st_mode)


@as_root
def test_another_user_s_process_is_refused(daemon: Daemon, directory: str) -> None:
    """Even where the permissions, which somebody has spoilt, would let it in."""
    daemon.start()
    os.chmod(directory, 0o711)
    os.chmod(os.path.dirname(daemon.socket_path), 0o711)
    os.chmod(daemon.socket_path, 0o666)
    child = os.fork()
    if not child:
        answer: object = "no connection"
        try:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            client = Client(daemon.socket_path)
            client.start("buildd/status")
            answer = client.receive()
        except ConnectionError:
            answer = None
        finally:
            os._exit(0 if answer is None else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert f"refused a client of user {NOBODY}" in Path(daemon.log_path).read_text()


@pytest.fixture
def events() -> Iterator[list[str]]:
    """What the engine tells of everything that happens meanwhile."""
    engine = docker.from_env()
    stream = engine.events()
    told: list[str] = []
    reading = threading.Thread(target=lambda: told.extend(map(str, stream)))
    reading.start()
    yield told
    stream.close()
    reading.join()
    engine.close()


@pytest.mark.engine
def test_a_container_sees_nothing_of_the_daemon(
    make_project: Make, daemon: Daemon, command: Command
) -> None:
    project = make_project({"buildd.toml": ""}, engine="docker")
    script = "env; cat /proc/1/environ; mount; find / -xdev -name 'daemon.*' 2>/dev/null; ls /run"
    seen = command("exec", "--", "sh", "-c", script, cwd=project.path)
    assert seen.returncode == 0
    for name in (
        "BUILDD_STATE_DIR",
        "BUILDD_RUNTIME_DIR",
        "daemon.sock",
        "daemon.lock",
        "docker.sock",
    ):
        assert name not in seen.stdout
    mounted = re.findall(r" on (\S+) type", seen.stdout)
    ours = [path for path in mounted if "buildd" in path]
    assert sorted(ours) == ["/run/buildd", "/var/lib/buildd"]


@pytest.mark.engine
def test_a_secret_that_a_command_is_given_leaves_no_trace(
    make_project: Make, daemon: Daemon, client: Client, events: list[str]
) -> None:
    project = make_project({"buildd.toml": ""}, engine="docker")
    client.request("buildd/up", project=project.path)
    number = client.start(
        "buildd/exec",
        project=project.path,
        directory=project.path,
        command=["sh", "-c", 'test -n "$TOKEN" && exec sleep 604799'],
        env={"TOKEN": SECRET},
        stdin=False,
    )
    ready = client.wait_for(lambda one: one.get("method") == "buildd/ready")["params"]
    pipes = [os.open(ready[name], os.O_RDONLY) for name in ("stdout", "stderr")]
    wait_until(lambda: any(b"604799" in one.split(b"\0") for one in command_lines()))
    assert not [one for one in command_lines() if SECRET.encode() in one]
    engine = docker.from_env()
    label: dict[str, str | list[str] | bool] = {"label": f"buildd.project={project.path}"}
    (container,) = engine.containers.list(filters=label, ignore_removed=True)
    assert SECRET not in str(container.attrs)
    engine.close()
    client.notify("$/cancelRequest", id=number)
    client.result(number)
    for pipe in pipes:
        os.close(pipe)
    client.request("buildd/history", project=project.path)
    assert SECRET not in "".join(events)
    for name in ("BUILDD_RUNTIME_DIR", "BUILDD_STATE_DIR"):
        wait_until(lambda name=name: not holding(daemon.environment[name]))  # type: ignore[misc]


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


def command_lines() -> list[bytes]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            found.append((process / "cmdline").read_bytes())
        except OSError:
            continue
    return found


def holding(directory: str) -> list[str]:
    """The files below it in which the secret is."""
    return [
        os.path.join(folder, name)
        for folder, _, names in os.walk(directory)
        for name in names
        if stat.S_ISREG(os.lstat(os.path.join(folder, name)).st_mode)
        and SECRET.encode() in Path(folder, name).read_bytes()
    ]
