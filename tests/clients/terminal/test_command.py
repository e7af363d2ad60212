"""The `buildd` command against a real daemon: what a person at a terminal types and gets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.daemon import TIMEOUT, Daemon, wait_until
from tests.support.project import BROKEN_C, MAKEFILE, ProjectFiles

Make = Callable[..., ProjectFiles]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))
BUILD = {
    "buildd.toml": '[tasks.build]\nrun = "make"\n',
    "Makefile": MAKEFILE,
    "sub/lib.txt": "",
    "lib.c": BROKEN_C,
}


def test_of_twenty_starters_one_wins_and_all_are_served(daemon: Daemon) -> None:
    starters = [
        subprocess.Popen(
            [EXECUTABLE, "status", "--json"],
            env=daemon.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(20)
    ]
    answers = [starter.communicate(timeout=TIMEOUT) for starter in starters]
    assert [starter.returncode for starter in starters] == [0] * 20, answers
    assert len({json.loads(out)["pid"] for out, _ in answers}) == 1


def test_build_shows_output_then_a_summary_and_has_the_status_of_the_command(
    make_project: Make, command: Command, engine: str
) -> None:
    project = make_project(BUILD, engine=engine)
    result = command("build", cwd=project.path)
    assert result.returncode == 2
    assert "gcc -Wall -Wextra -c lib.c" in result.stdout
    assert "build failed in" in result.stderr
    assert "lib.c:3:16: error:" in result.stderr
    assert "\x1b" not in result.stderr + result.stdout


def test_diagnostics_json_has_the_promised_shape(make_project: Make, command: Command) -> None:
    project = make_project(BUILD)
    command("build", cwd=project.path)
    result = command("diagnostics", "--json", cwd=project.path)
    first = json.loads(result.stdout)[0]
    message = first.pop("message")
    related = first.pop("related")
    fixes = first.pop("fixes")
    assert "return 2 * numbr;" in first.pop("rendered")
    assert "numbr" in message
    assert first == {
        "file": project.file("lib.c"),
        "line": 3,
        "column": 16,
        "endLine": 3,
        "endColumn": 21,
        "severity": "error",
        "code": "",
        "source": "gcc",
        "href": "",
        "tags": [],
    }
    (fix,) = fixes
    assert (fix["title"], fix["preferred"]) == ("Replace with `number`", True)
    assert {"file", "line", "column", "endLine", "endColumn", "text"} == fix["edits"][0].keys()
    assert {"file", "line", "column", "message"} <= related[0].keys()


@pytest.mark.parametrize(
    ("arguments", "status", "out", "err"),
    [
        (["sh", "-c", "echo out; echo err >&2; exit 7"], 7, b"out\n", b"err\n"),
        (["sh", "-c", "kill -TERM $$"], 128 + signal.SIGTERM, b"", b""),
        (["cat"], 0, b"in\n", b""),
        (["printf", r"\377\200\n"], 0, b"\xff\x80\n", b""),
        (["nosuch"], 127, b"", b"buildd: nosuch: command not found in the environment build\n"),
        (
            ["/etc/passwd"],
            126,
            b"",
            b"buildd: /etc/passwd: cannot be executed in the environment build\n",
        ),
        (["true"], 0, b"", b""),
    ],
)
def test_exec_passes_streams_and_status(
    make_project: Make,
    daemon: Daemon,
    engine: str,
    arguments: list[str],
    status: int,
    out: bytes,
    err: bytes,
) -> None:
    project = make_project(BUILD, engine=engine)
    # Its first run tells on stderr that the container is made.
    subprocess.run([EXECUTABLE, "-C", project.path, "up"], env=daemon.environment, check=True)
    result = subprocess.run(
        [EXECUTABLE, "exec", "--", *arguments],
        input=b"in\n",
        capture_output=True,
        cwd=project.path,
        env=daemon.environment,
        timeout=TIMEOUT,
    )
    assert (result.returncode, result.stdout, result.stderr) == (status, out, err)


def test_exec_starts_in_the_sub_directory_it_is_called_from(
    make_project: Make, command: Command
) -> None:
    project = make_project(BUILD)
    result = command("exec", "--", "pwd", cwd=project.file("sub"))
    assert result.stdout == project.file("sub") + "\n"


def test_exec_moves_much_in_both_directions_at_once(make_project: Make, daemon: Daemon) -> None:
    project = make_project(BUILD)
    data = os.urandom(1 << 20) * 40
    result = subprocess.run(
        [EXECUTABLE, "exec", "--", "cat"],
        input=data,
        capture_output=True,
        cwd=project.path,
        env=daemon.environment,
        timeout=TIMEOUT,
    )
    assert result.returncode == 0
    assert result.stdout == data


def test_exec_whose_reader_leaves_ends(make_project: Make, daemon: Daemon) -> None:
    project = make_project(BUILD)
    result = subprocess.run(
        f"{EXECUTABLE} exec -- yes | head -n 1",
        shell=True,
        capture_output=True,
        cwd=project.path,
        env=daemon.environment,
        timeout=TIMEOUT,
    )
    assert result.stdout == b"y\n"
    client = daemon.connect()
    wait_until(lambda: client.request("buildd/status")["runs"] == 0)


def test_an_interrupt_cancels_the_command(make_project: Make, daemon: Daemon) -> None:
    project = make_project(BUILD)
    process = subprocess.Popen(
        [EXECUTABLE, "exec", "--", "sh", "-c", "echo $$; exec sleep 600"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd=project.path,
        env=daemon.environment,
    )
    assert process.stdout
    child = int(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    assert process.wait(TIMEOUT) != 0
    process.stdout.close()
    wait_until(lambda: not os.path.exists(f"/proc/{child}"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build"], "no buildd.toml"),
        (["exec", "--", "true"], "no buildd.toml"),
        (["-C", "/no/such/directory", "build"], "/no/such/directory"),
        (["history", "--limit", "-1"], "argument --limit: `-1` is not a whole number from 0 to"),
        (["history", "--limit", "9" * 40], "is not a whole number from 0 to 1000000"),
    ],
)
def test_failures_of_buildd_itself_are_125_and_one_line(
    directory: str, command: Command, arguments: list[str], message: str
) -> None:
    result = command(*arguments, cwd=directory)
    assert result.returncode == 125
    assert message in result.stderr
    assert result.stderr.startswith("buildd: ")
    assert result.stderr.count("\n") == 1


def test_an_untrusted_project_is_refused_with_the_way_out(
    make_project: Make, command: Command, engine: str
) -> None:
    project = make_project(BUILD, trust=False)
    result = command("build", cwd=project.path)
    assert result.returncode == 125
    assert "buildd trust" in result.stderr
    assert command("trust", cwd=project.path).returncode == 125, "no terminal to ask on"
    if engine == "host":
        refused = command("trust", "--yes", cwd=project.path)
        assert (refused.returncode, "--grant host" in refused.stderr) == (125, True)
    assert command("trust", "--yes", "--grant", "host", cwd=project.path).returncode == 0
    assert command("build", cwd=project.path).returncode == 2


@pytest.mark.parametrize("arguments", [["build"], ["exec", "true"], ["up"], ["shell"]])
def test_trust_once_ends_with_the_command(
    make_project: Make, command: Command, arguments: list[str], engine: str
) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "true"\n'}, trust=False)
    name, *rest = arguments
    if engine == "host":
        refused = command(name, "--trust-once", *rest, cwd=project.path)
        assert (refused.returncode, "--grant host" in refused.stderr) == (125, True)
    once = command(name, "--trust-once", "--grant", "host", *rest, cwd=project.path)
    assert once.returncode == 0
    assert command(name, *rest, cwd=project.path).returncode == 125


def test_the_daemon_is_started_stopped_and_told_of(command: Command, daemon: Daemon) -> None:
    assert command("daemon", "status").returncode == 3
    assert command("daemon", "start").returncode == 0
    assert command("daemon", "status").returncode == 0
    assert command("daemon", "restart").returncode == 0
    assert command("daemon", "stop").returncode == 0
    assert command("daemon", "status").returncode == 3
    assert not os.path.exists(daemon.socket_path)


def test_history_tells_how_runs_went(make_project: Make, command: Command) -> None:
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "make"\n[tasks.quick]\nrun = "echo $$"\n',
            "Makefile": MAKEFILE,
            "lib.c": BROKEN_C,
        }
    )
    assert "nothing has run yet" in command("history", cwd=project.path).stdout
    command("build", cwd=project.path)
    for _ in range(12):
        command("run", "quick", cwd=project.path)
    shown = command("history", cwd=project.path).stdout.splitlines()
    assert shown[0].startswith("build  median"), "the slowest first"
    assert "1 of 1 failed (100 %)" in shown[0]
    assert "0 of 12 failed (0 %)" in shown[1]
    runs = json.loads(command("history", "--json", cwd=project.path).stdout)["runs"]
    assert [entry["run"]["task"] for entry in runs] == ["quick"] * 12 + ["build"]
    assert (runs[-1]["errors"], runs[-1]["run"]["exitStatus"]) == (1, 2)
    of_task = command("history", "quick", "--limit", "3", cwd=project.path).stdout.splitlines()
    assert [line.split()[0] for line in of_task] == [entry["run"]["id"] for entry in runs[:3]]
    newest, oldest = runs[0]["run"]["id"], runs[11]["run"]["id"]
    assert command("logs", newest, cwd=project.path).stdout.strip().isdigit()
    gone = command("logs", oldest, cwd=project.path)
    assert gone.returncode == 125
    assert "not kept any more" in gone.stderr


def test_init_writes_what_then_builds(directory: str, command: Command, daemon: Daemon) -> None:
    project = os.path.join(directory, "new")
    os.mkdir(project)
    empty = command("init", cwd=project)
    assert "into [tasks.build]" in empty.stdout
    for name in os.listdir(project):
        os.unlink(os.path.join(project, name))
    Path(project, "Makefile").write_text("all:\n\techo made\n")
    assert command("init", cwd=project).returncode == 0
    assert sorted(os.listdir(project)) == ["Makefile", "build.Dockerfile", "buildd.toml"]
    again = command("init", cwd=project)
    assert again.returncode == 125
    assert "buildd.toml" in again.stderr
    schema = json.loads(command("init", "--schema").stdout)
    assert schema["title"] == "buildd.toml"
