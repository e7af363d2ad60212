"""These tests run jobs by execs, where named pipes do not work or terminals cannot be reached.

The daemon and its clients run in a mount namespace of their own, with an overlay file system over
the run directories. The container sees the files in it but not the pipes' other ends, as between a
host and a virtual machine.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from tests.support.daemon import TIMEOUT, Daemon, listens, remove_containers, wait_until
from tests.support.project import BROKEN_C, MAKEFILE, ProjectFiles
from tests.support.screen import Screen

Make = Callable[..., ProjectFiles]

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(os.getuid() != 0, reason="only root may mount"),
]


class Pipeless:
    """A project and a daemon whose pipes do not reach the container."""

    def __init__(self, daemon: Daemon, project: ProjectFiles, directory: str) -> None:
        self.daemon = daemon
        self.project = project
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "sleep", "600"], start_new_session=True
        )
        wait_until(lambda: namespace(self.holder.pid) != namespace(os.getpid()))
        shared = os.path.join(directory, "r", "env")
        work, empty = os.path.join(directory, "work"), os.path.join(directory, "empty")
        for path in (shared, work, empty):
            os.makedirs(path, mode=0o700, exist_ok=True)
        options = f"lowerdir={empty},upperdir={shared},workdir={work}"
        subprocess.run(
            self.inside("mount", "-t", "overlay", "-o", options, "overlay", shared), check=True
        )
        daemon.process = subprocess.Popen(
            self.inside(sys.executable, "-P", "-m", "buildd"), env=daemon.environment, cwd="/"
        )
        wait_until(lambda: listens(daemon.socket_path))
        daemon.trust(project.path)

    def inside(self, *command: str) -> list[str]:
        return [
            "nsenter",
            f"--mount=/proc/{self.holder.pid}/ns/mnt",
            f"--wd={self.project.path}",
            "--",
            *command,
        ]

    def buildd(self, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self.inside(EXECUTABLE, *arguments),
            input=data,
            capture_output=True,
            env=self.daemon.environment,
            timeout=TIMEOUT,
        )

    def screen(self, *arguments: str) -> Screen:
        return Screen(*self.inside(EXECUTABLE, *arguments), cwd="/", env=self.daemon.environment)


def namespace(process: int) -> str:
    return os.readlink(f"/proc/{process}/ns/mnt")


@pytest.fixture(scope="module")
def pipeless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeless]:
    """Start one daemon for all tests, because it finds out by waiting that pipes do not work."""
    del tmp_path_factory
    directory = subprocess.check_output(["mktemp", "-d", "/tmp/bt-XXXXXXXX"], text=True).strip()
    os.chmod(directory, 0o755)
    daemon = Daemon(os.path.join(directory, "r"), os.path.join(directory, "s"))
    os.mkdir(os.path.join(directory, "r"), 0o700)
    from tests.conftest import IMAGE

    files = {
        "buildd.toml": '[tasks.build]\nrun = "make"\n',
        "Makefile": MAKEFILE,
        "lib.c": BROKEN_C,
    }
    project = ProjectFiles(os.path.join(directory, "p"), files, engine="docker", image=IMAGE)
    daemon.remember(project.path)
    made = Pipeless(daemon, project, directory)
    yield made
    daemon.close()
    made.holder.kill()
    made.holder.wait()
    subprocess.run(["rm", "-rf", directory], check=True)


def container_processes(project: str) -> list[str]:
    client = docker.from_env()
    try:
        (container,) = client.containers.list(
            filters={"label": f"buildd.project={project}"}, ignore_removed=True
        )
        return [row[-1] for row in container.top()["Processes"]]
    finally:
        client.close()


def test_status_and_doctor_say_why_runs_are_slow(pipeless: Pipeless) -> None:
    assert pipeless.buildd("exec", "--", "true").returncode == 0
    status = pipeless.buildd("status").stdout.decode()
    assert "one exec per run: named pipes do not work across" in status
    doctor = pipeless.buildd("doctor").stdout.decode()
    assert "named pipes do not work across" in doctor
    processes = container_processes(pipeless.project.path)
    assert not any("supervisor" in process for process in processes)


@pytest.mark.parametrize(
    ("command", "status", "out", "err"),
    [
        (["sh", "-c", "echo out; echo err >&2; exit 7"], 7, b"out\n", b"err\n"),
        (["sh", "-c", "kill -TERM $$"], 128 + signal.SIGTERM, b"", b""),
        (["cat"], 0, b"in\n", b""),
        (["printf", r"\377\200\n"], 0, b"\xff\x80\n", b""),
        (["nosuch"], 127, b"", b"buildd: nosuch: command not found in the environment build\n"),
        (["pwd"], 0, None, b""),
    ],
)
def test_streams_and_status(
    pipeless: Pipeless, command: list[str], status: int, out: bytes | None, err: bytes
) -> None:
    result = pipeless.buildd("exec", "--", *command, data=b"in\n")
    if out is None:
        out = pipeless.project.path.encode() + b"\n"
    assert (result.returncode, result.stdout, result.stderr) == (status, out, err)


def test_a_build_reports_its_diagnostics(pipeless: Pipeless) -> None:
    result = pipeless.buildd("build")
    assert result.returncode == 2
    assert b"lib.c:3:16: error:" in result.stderr


def test_much_in_both_directions_at_once(pipeless: Pipeless) -> None:
    data = os.urandom(1 << 20) * 20
    result = pipeless.buildd("exec", "--", "cat", data=data)
    assert result.returncode == 0
    assert result.stdout == data


def test_a_reader_that_leaves_ends_the_command(pipeless: Pipeless) -> None:
    line = f"{EXECUTABLE} exec -- yes | head -n 1"
    result = subprocess.run(
        pipeless.inside("sh", "-c", line),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=pipeless.daemon.environment,
        timeout=TIMEOUT,
    )
    assert result.stdout == b"y\n"
    wait_until(lambda: "yes" not in container_processes(pipeless.project.path))


def test_an_interrupt_ends_the_command_and_processes_outside_its_group(
    pipeless: Pipeless,
) -> None:
    script = "setsid sleep 601 & echo ready; exec sleep 602"
    process = subprocess.Popen(
        pipeless.inside(EXECUTABLE, "exec", "--", "sh", "-c", script),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=pipeless.daemon.environment,
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(TIMEOUT) == 128 + signal.SIGINT
    process.stdout.close()
    processes = container_processes(pipeless.project.path)
    assert not any("sleep 60" in process for process in processes)


def test_a_child_that_holds_the_output_does_not_hold_the_result(
    pipeless: Pipeless,
) -> None:
    result = pipeless.buildd("exec", "--", "sh", "-c", "sleep 603 & echo done")
    assert (result.returncode, result.stdout) == (0, b"done\n")
    pipeless.buildd("exec", "--", "pkill", "-f", "sleep 603")


def test_a_terminal_that_the_engine_makes(pipeless: Pipeless) -> None:
    vim = pipeless.screen("exec", "vi", "lib.c")
    vim.until("return 2 * numbr;")
    vim.resize(12, 60)
    vim.type(":set columns? lines?\r")
    vim.until("lines=12")
    vim.type("\r:q\r")
    assert vim.end() == 0
    shell = pipeless.screen("shell")
    shell.type("stty size; tty; exit 5\r")
    shell.until("24 80\n/dev/pts/")
    assert shell.end() == 5


def test_a_killed_container_is_a_lost_run_and_the_next_one_works(
    pipeless: Pipeless,
) -> None:
    process = subprocess.Popen(
        pipeless.inside(EXECUTABLE, "exec", "--", "sh", "-c", "echo ready; exec sleep 604"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=pipeless.daemon.environment,
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    remove_containers(pipeless.project.path)
    _, err = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 125
    assert b"went away while the command ran" in err
    assert pipeless.buildd("exec", "--", "echo", "again").stdout == b"again\n"


def test_the_image_s_own_user_has_a_supervisor_and_a_terminal(
    make_project: Make, daemon: Daemon, directory: str
) -> None:
    del directory
    project = make_project(
        {
            "buildd.toml": "",
            "build.Dockerfile": "FROM buildd-test/c:1\nRUN useradd --create-home app\nUSER app\n",
        },
        trust=False,
    )
    project.write(
        "buildd.toml",
        '[environments.build]\ndockerfile = "build.Dockerfile"\nuser = "image"\n',
    )
    daemon.trust(project.path)

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [EXECUTABLE, *command],
            cwd=project.path,
            env=daemon.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )

    assert run("exec", "--", "whoami").stdout == "app\n"
    assert "one exec per run" not in run("status").stdout
    shell = Screen(EXECUTABLE, "shell", cwd=project.path, env=daemon.environment)
    shell.type("whoami; stty size; echo unforget''table\r")
    shell.until("app\n24 80\nunforgettable")
    shell.resize(30, 100)
    shell.type("clear; stty size; exit 3\r")
    shell.until("30 100")
    assert shell.end() == 3
    remembered = run("exec", "--", "cat", "/var/lib/buildd/shell_history").stdout
    assert "unforget''table" in remembered
    assert shlex.split(remembered.splitlines()[0])[0] == "whoami;"
