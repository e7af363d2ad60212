"""What the machine has run out of is said; what can go on goes on, and all does once it is back."""

from __future__ import annotations

import base64
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.client import Client, ClientError
from tests.support.daemon import Daemon, listens, wait_until
from tests.support.disk import fill
from tests.support.leftovers import held_now, nothing_is_left
from tests.support.namespace import limited
from tests.support.project import BROKEN_C, MAKEFILE, ProjectFiles

Make = Callable[..., ProjectFiles]

BUILD = {
    "buildd.toml": '[tasks.build]\nrun = "make"\n[tasks.talk]\nrun = "head -c 400000 /dev/zero"\n',
    "Makefile": MAKEFILE,
    "lib.c": BROKEN_C,
}

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a small disk")


@pytest.fixture
def small_disk(daemon: Daemon) -> Iterator[Path]:
    """A state directory on a disk of its own, of 256 KiB."""
    path = Path(daemon.environment["BUILDD_STATE_DIR"])
    path.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", path], check=True)
    yield path
    daemon.close()
    subprocess.run(["umount", path], check=True)


def run(client: Client, project: ProjectFiles, task: str = "build") -> list[str]:
    """The severities of what was found."""
    result = client.request("buildd/run", project=project.path, task=task)
    assert result["run"]["state"] == "finished"
    return [one["severity"] for one in result.get("diagnostics", [])]


def output(client: Client) -> bytes:
    pieces = [one["params"]["data"] for one in client.seen if one.get("method") == "buildd/output"]
    return b"".join(map(base64.b64decode, pieces))


@as_root
def test_a_full_disk_for_state_and_log(
    small_disk: Path, make_project: Make, daemon: Daemon
) -> None:
    """Case 25: builds go on and are answered; what was stored stays; what is not is named."""
    project = make_project(BUILD)
    client = daemon.connect()
    found = run(client, project)
    assert "error" in found
    before = held_now(daemon)
    filler = fill(small_disk)
    client.seen.clear()
    assert run(client, project) == found
    assert b"the rest of the output is not stored: No space left on device" in output(client)
    with pytest.raises(ClientError, match="No space left on device") as caught:
        client.request("buildd/revoke", project=project.path)
    assert "Free some disk space" in caught.value.remedy
    nothing_is_left(daemon, before)
    client.close()
    daemon.kill()
    # What starts on the full disk knows what it knew.
    client = daemon.connect()
    shown = client.request("buildd/diagnostics", project=project.path)["diagnostics"]
    assert [one["severity"] for one in shown] == found
    assert run(client, project) == found
    filler.unlink()
    client.seen.clear()
    assert run(client, project) == found
    assert b"not stored" not in output(client)
    assert len(client.request("buildd/history", project=project.path)["runs"]) == 2


@as_root
def test_a_killed_run_is_not_forgotten_on_a_full_disk(
    small_disk: Path, make_project: Make, daemon: Daemon
) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "echo said; exec sleep 86399"\n'})
    client = daemon.connect()
    client.start("buildd/run", project=project.path, task="build")
    client.wait_for(lambda one: one.get("method") == "buildd/output")
    filler = fill(small_disk)
    daemon.kill()
    runs = daemon.connect().request("buildd/history", project=project.path)["runs"]
    assert not runs, "no room to say so"
    daemon.kill()
    filler.unlink()
    (lost,) = daemon.connect().request("buildd/history", project=project.path)["runs"]
    assert lost["run"]["state"] == "lost"
    assert lost["run"]["outputBytes"] == len("said\n")


@as_root
def test_a_disk_that_fills_while_output_comes(
    small_disk: Path, make_project: Make, daemon: Daemon
) -> None:
    """What has been stored is sent, then what is missing is named, and nobody spins."""
    project = make_project(BUILD)
    client = daemon.connect()
    client.request("buildd/run", project=project.path, task="talk")
    said = output(client)
    assert said.endswith(
        b"[buildd: the rest of the output is not stored: No space left on device]\n"
    )
    assert 0 < said.count(b"\0") < 400_000
    busy = processor_time(client)
    wait_until(lambda: client.request("buildd/status")["runs"] == 0)
    assert processor_time(client) - busy < 0.5


def processor_time(client: Client) -> float:
    """Seconds that the daemon has used."""
    pid = client.request("buildd/status")["pid"]
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_no_descriptors_left(make_project: Make, daemon: Daemon) -> None:
    """Case 26: who comes then waits or is told; what others hold and do is not harmed."""
    project = make_project(BUILD)
    client = daemon.connect()
    found = run(client, project)
    before = held_now(daemon)
    pid = client.request("buildd/status")["pid"]
    few = len(os.listdir(f"/proc/{pid}/fd")) + 3
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (few, hard))
    crowd = [Client(daemon.socket_path) for _ in range(20)]
    wait_until(lambda: client.request("buildd/status")["sessions"] > 2)
    with pytest.raises(ClientError, match="Too many open files"):
        run_twice(client, project)
    for one in crowd:
        one.close()
    wait_until(lambda: client.request("buildd/status")["sessions"] == 1)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    assert run(client, project) == found
    nothing_is_left(daemon, before)


def run_twice(client: Client, project: ProjectFiles) -> None:
    """The first may find its pipes made ahead."""
    run(client, project)
    run(client, project)


@pytest.mark.parametrize("what", ["max_inotify_watches", "max_inotify_instances"])
def test_no_watches_left(make_project: Make, daemon: Daemon, what: str) -> None:
    """Case 26: where nothing can be watched, it is said, and what is asked for is done."""
    no_watches = limited(what, 0)
    project = make_project(BUILD)
    daemon.stop()
    daemon.process = subprocess.Popen(
        [*no_watches, sys.executable, "-P", "-m", "buildd"], env=daemon.environment, cwd="/"
    )
    wait_until(lambda: listens(daemon.socket_path))
    client = daemon.connect()
    assert "error" in run(client, project)
    project.write("buildd.toml", project.read("buildd.toml").replace("make", "true"))
    with pytest.raises(ClientError, match="not trusted"):
        run(client, project)
    daemon.trust(project.path)
    assert run(client, project) == [], "the configuration is looked at before each run"


@pytest.mark.engine
def test_out_of_memory(make_project: Make, daemon: Daemon) -> None:
    """Case 17: what took it is killed, and nothing else."""
    hungry = '[tasks.build]\nrun = "tail /dev/zero"\n[tasks.next]\nrun = "true"\n'
    project = make_project({"buildd.toml": hungry}, engine="docker")
    written = project.read("buildd.toml")
    project.write("buildd.toml", written.replace("image = ", 'memory = "32m"\nimage = '))
    daemon.trust(project.path)
    client = daemon.connect()
    assert run(client, project, "next") == []
    before = held_now(daemon)
    ended = client.request("buildd/run", project=project.path, task="build")["run"]
    assert (ended["state"], ended["exitStatus"]) == ("finished", 137)
    assert run(client, project, "next") == []
    nothing_is_left(daemon, before)
