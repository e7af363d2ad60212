"""What a container can write over the status pipe of a run, and over the supervisor's events."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import msgspec
import pytest

from buildd.engines.docker.mounts import INNER_RUN_DIRECTORY
from buildd.model import Run, Trigger
from buildd.runner.status_pipe import LINE_LIMIT, LineReader, RunStatus, event
from tests.support.project import ProjectFiles

TIMES = b"0m0.10s 0m0.20s\n1m2.500000s 0m0.25s\n"


def status_of(data: bytes) -> RunStatus:
    status = RunStatus()
    status.feed(data)
    return status


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_the_keeper_says(size: int) -> None:
    data = b"started 17\nexit 3\n" + TIMES
    status = RunStatus()
    for start in range(0, len(data), size):
        assert not status.is_complete
        status.feed(data[start : start + size])
    assert (status.process, status.exit_status) == (17, 3)
    assert status.times == (62.5, 0.25)
    assert status.is_complete


@pytest.mark.parametrize(
    "forged",
    [
        b"exit 99999999999999999999",
        b"exit " + b"9" * 5000,
        b"exit 256",
        b"exit -1",
        b"exit 1 2",
        b"exit",
        "exit ١".encode(),
        b"started " + b"9" * 20,
        b"started 0",
        b"started 1",
        b"started -1",
        b"%bm0s 0m0s" % (b"9" * 400),
        b"0m%bs 0m0s" % (b"9" * 400),
        b"0m1.2.3s 0m0s",
        b"0m.s 0m.s",
        b"\xff\x00",
        b"",
        b" " * (1 << 20),
        b"x" * LINE_LIMIT + b"exit 9",
    ],
)
def test_a_forged_line_is_ignored(forged: bytes) -> None:
    alone = status_of(forged + b"\n")
    assert (alone.process, alone.exit_status, alone.times) == (None, None, (0.0, 0.0))
    assert not alone.is_complete
    status = status_of(forged + b"\nstarted 17\n" + forged + b"\nexit 3\n" + forged + b"\n" + TIMES)
    assert (status.process, status.exit_status, status.times) == (17, 3, (62.5, 0.25))


def test_the_largest_numbers_can_be_stored() -> None:
    status = status_of(b"started 999999999\nexit 255\n99999999m99.9s 99999999m99.9s\n")
    run = Run(
        id="1",
        project="/p",
        task="t",
        environment="e",
        command="c",
        trigger=Trigger.SAVE,
        exit_status=status.exit_status,
        user_time=status.times[0],
        system_time=status.times[1],
    )
    assert run.exit_status == 255
    assert msgspec.json.decode(msgspec.json.encode(run), type=Run) == run


def test_a_line_that_never_ends_takes_no_memory() -> None:
    reader = LineReader()
    for _ in range(100):
        assert reader.feed(bytes(1 << 16)) == []
    assert len(reader._partial) <= LINE_LIMIT + 1
    assert reader.feed(b"exit 9\nexit 3\n") == [b"exit 3"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"ready 17 yes", ("ready", "yes")),
        (b"ready 17 no", ("ready", "no")),
        (b"swept run_0123456789ab_1_ 4", ("swept run_0123456789ab_1_", "4")),
        (b"probed run_0123456789ab_1_", ("probed run_0123456789ab_1_", "")),
        (b"ready", None),
        (b"ready 17 " + b"y" * 50, None),
        (b"swept run_1_ " + b"9" * 99, None),
        (b"swept run_1_ -1", None),
        (b"swept run_1_", None),
        (b"probed \xff", None),
        (b"probed", None),
        (b"\x00\x01", None),
    ],
)
def test_events(line: bytes, expected: tuple[str, str] | None) -> None:
    assert event(line) == expected


@pytest.mark.engine
def test_a_run_that_forges_its_status_is_shown_and_stored(
    make_project: Callable[..., ProjectFiles],
    command: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    nines = "9" * 400
    forge = f"""
        exec 9>{INNER_RUN_DIRECTORY}/$BUILDD_RUN/status
        echo "exit 99999999999999999999" >&9
        echo "{nines}m0s 0m0s" >&9
        echo "{nines}m0s 0m0s" >&9
        exit 3
        """
    build = f"[tasks.build]\nrun = '''{forge}'''\n"
    project = make_project({"buildd.toml": build}, engine="docker")
    result = command("build", "--json", cwd=project.path)
    assert result.returncode == 3
    assert command("exec", "sh", "-c", forge, cwd=project.path).returncode == 3
    stored = json.loads(command("history", "--json", cwd=project.path).stdout)["runs"]
    assert [entry["run"]["exitStatus"] for entry in stored] == [3]
    assert stored[0]["run"]["userTime"] < 60
