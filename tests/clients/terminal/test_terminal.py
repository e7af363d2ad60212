"""`buildd exec` and `buildd shell` at a terminal: real programs, and what a person sees."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.client import Client
from tests.support.daemon import TIMEOUT, Daemon, remove_containers, wait_until
from tests.support.project import ProjectFiles
from tests.support.screen import Screen

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))

Make = Callable[..., ProjectFiles]
Open = Callable[..., Screen]

FILES = {"buildd.toml": '[tasks.build]\nrun = "true"\n', "sub/note.txt": "one\ntwo\n"}


@pytest.fixture
def project(make_project: Make, daemon: Daemon, engine: str) -> ProjectFiles:
    made = make_project(FILES, engine=engine)
    subprocess.run([EXECUTABLE, "-C", made.path, "up"], env=daemon.environment, check=True)
    return made


@pytest.fixture(params=[pytest.param("docker", marks=pytest.mark.engine)])
def contained(request: pytest.FixtureRequest, make_project: Make, daemon: Daemon) -> ProjectFiles:
    made = make_project(FILES, engine=request.param)
    subprocess.run([EXECUTABLE, "-C", made.path, "up"], env=daemon.environment, check=True)
    return made


@pytest.fixture
def show(daemon: Daemon) -> Iterator[Open]:
    """Open `buildd ARGUMENTS…` in a terminal, in a directory."""
    opened: list[Screen] = []

    def start(*arguments: str, cwd: str, **options: int) -> Screen:
        opened.append(Screen(EXECUTABLE, *arguments, cwd=cwd, env=daemon.environment, **options))
        return opened[-1]

    yield start
    for screen in opened:
        screen.child.close(force=True)


def nothing_runs(daemon: Daemon) -> None:
    client = daemon.connect()
    wait_until(lambda: client.request("buildd/status")["runs"] == 0)


def test_a_shell_has_the_terminal_s_size_job_control_and_its_own_status(
    project: ProjectFiles, show: Open
) -> None:
    shell = show("shell", cwd=project.file("sub"), rows=30, columns=90)
    shell.type("PS1='> '; stty size; pwd\r")
    shell.until(f"30 90\n{project.file('sub')}")
    shell.resize(20, 70)
    shell.type("clear; stty size\r")
    shell.until("20 70")
    # It says when it has begun, and when it goes on: only then a key is meant for it.
    project.write("sub/job", "trap 'echo resumed' CONT; echo begins; while :; do sleep .1; done\n")
    shell.type("clear; sh job\r")
    shell.until("begins")
    shell.type("\x1a")  # Ctrl-Z
    shell.until("Stopped")
    shell.type("clear; fg\r")
    shell.until("resumed")
    shell.type("\x03")  # Ctrl-C
    shell.until("^C\n")
    shell.type("clear; exit 7\r")
    assert shell.end() == 7


def test_a_command_at_a_terminal_has_one_and_passes_its_colours_on(
    project: ProjectFiles, show: Open
) -> None:
    screen = show("exec", "sh", "-c", "tty; echo $TERM; ls --color=auto; exit 5", cwd=project.path)
    screen.until("/dev/pts/")
    assert "xterm-256color" in screen.until("sub")
    blue = {cell.fg for row in screen._screen.buffer.values() for cell in row.values()}
    assert "blue" in blue
    assert screen.end() == 5


def test_t_gives_a_terminal_where_there_is_none_and_T_none_where_there_is_one(  # noqa: N802
    project: ProjectFiles, daemon: Daemon, show: Open
) -> None:
    forced = subprocess.run(
        [EXECUTABLE, "exec", "-t", "--", "sh", "-c", "test -t 0 && test -t 1 && cat"],
        input=b"line\n",
        capture_output=True,
        cwd=project.path,
        env=daemon.environment,
        timeout=TIMEOUT,
    )
    assert forced.returncode == 0
    assert forced.stdout == b"line\r\nline\r\n", "its echo, then its copy"
    screen = show("exec", "-T", "sh", "-c", "tty; echo end $?", cwd=project.path)
    assert "not a tty\nend 1" in screen.until("end 1")
    assert screen.end() == 0


def test_nothing_of_the_output_is_lost_at_the_end(project: ProjectFiles, daemon: Daemon) -> None:
    for _ in range(5):
        result = subprocess.run(
            [EXECUTABLE, "exec", "-t", "--", "seq", "1", "20000"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=project.path,
            env=daemon.environment,
            timeout=TIMEOUT,
        )
        assert result.stdout.split() == [str(n).encode() for n in range(1, 20001)]


def test_ctrl_c_interrupts_the_command_and_the_terminal_is_as_before(
    project: ProjectFiles, show: Open
) -> None:
    screen = show("exec", "sh", "-c", "echo ready; exec sleep 600", cwd=project.path)
    screen.until("ready")
    assert not screen.child.getecho()
    screen.type("\x03")
    assert screen.end() == 128 + signal.SIGINT


def test_our_terminal_is_left_as_it_was(project: ProjectFiles, daemon: Daemon) -> None:
    script = f"stty -a; {EXECUTABLE} exec -- stty raw -echo; echo status $?; stty -a"
    screen = Screen("sh", "-c", script, cwd=project.path, env=daemon.environment, rows=40)
    assert screen.end() == 0
    before, after = screen.text().split("status 0\n")
    assert before.strip() == after.strip()
    assert " icanon" in after


def test_vim_edits_a_file(contained: ProjectFiles, show: Open) -> None:
    vim = show("exec", "vi", "note.txt", cwd=contained.file("sub"))
    # What it says of the file may be on the screen before the file is.
    vim.until('"note.txt" 2 lines, 8 bytes')
    assert vim.until("one\ntwo\n~").startswith("one\n")
    vim.resize(12, 60)
    vim.type("Gothree\x1b")
    vim.until("one\ntwo\nthree\n~")
    vim.type(":wq\r")
    assert vim.end() == 0
    assert contained.read("sub/note.txt") == "one\ntwo\nthree\n"


def test_less_pages_and_follows_the_size(contained: ProjectFiles, show: Open) -> None:
    less = show("exec", "sh", "-c", "seq 1 100 | less", cwd=contained.path, rows=10, columns=40)
    assert less.until("9\n:") == "\n".join(map(str, range(1, 10))) + "\n:"
    less.type(" ")
    less.until("18\n:")
    less.resize(6, 40)
    less.type("g")
    less.until("1\n2\n3\n4\n5\n:")
    less.type("q")
    assert less.end() == 0


def test_htop_shows_the_environment_s_own_processes(contained: ProjectFiles, show: Open) -> None:
    htop = show("exec", "htop", cwd=contained.path, rows=30, columns=120)
    htop.until("supervisor.sh")
    htop.type("q")
    assert htop.end() == 0


def test_a_shell_remembers_what_was_typed_in_an_earlier_container(
    contained: ProjectFiles, show: Open
) -> None:
    shell = show("shell", cwd=contained.path)
    shell.type("echo unforget''table\r")
    shell.until("\nunforgettable")
    shell.type("exit\r")
    assert shell.end() == 0
    remove_containers(contained.path)
    shell = show("shell", cwd=contained.path)
    shell.type("\x1b[A")  # the arrow up, twice: the last command was `exit`
    shell.type("\x1b[A")
    shell.until("echo unforget''table")
    shell.type("\r")
    shell.until("\nunforgettable")


def test_a_terminal_that_closes_takes_its_programs_along(
    project: ProjectFiles, show: Open, daemon: Daemon
) -> None:
    screen = show("exec", "sh", "-c", "sleep 600 & echo ready; wait", cwd=project.path)
    screen.until("ready")
    screen.leave()
    nothing_runs(daemon)


def test_a_client_that_is_killed_takes_its_programs_along(
    project: ProjectFiles, show: Open, daemon: Daemon
) -> None:
    screen = show(
        "exec",
        "sh",
        "-c",
        "trap '' HUP INT; echo ready; while :; do sleep 1; done",
        cwd=project.path,
    )
    screen.until("ready")
    screen.child.kill(signal.SIGKILL)
    nothing_runs(daemon)


def test_a_terminal_that_is_none_is_refused(make_project: Make, daemon: Daemon) -> None:
    project = make_project(FILES)
    client: Client = daemon.connect()
    with pytest.raises(Exception, match="terminal"):
        client.request(
            "buildd/exec",
            project=project.path,
            command=["true"],
            directory=project.path,
            terminal="/etc/passwd",
        )
