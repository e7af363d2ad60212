"""These tests run jobs in each kind of runner."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from buildd.errors import BuilddError
from buildd.runner.base import Runner
from buildd.runner.job import Job, script
from tests.runner.support import is_alive, make_job, run
from tests.support.daemon import TIMEOUT, wait_until


@pytest.mark.parametrize(
    ("command", "status", "out"),
    [
        ("exit 7", 7, b""),
        (("echo", "a b", "$HOME", "it's", 'q"\\', "", "-n\n"), 0, b"a b $HOME it's q\"\\  -n\n\n"),
        ("echo out; echo err >&2", 0, b"out\nerr\n"),
        ("kill -TERM $$", 128 + signal.SIGTERM, b""),
        ("kill -KILL $$", 128 + signal.SIGKILL, b""),
        ("pwd", 0, b"/\n"),
        (
            ("no such command",),
            127,
            b"buildd: no such command: command not found in the environment test\n",
        ),
        ("printf '\\377\\200'", 0, b"\377\200"),
        ("cat", 0, b""),  # standard input is connected to nothing
    ],
)
async def test_a_command_s_output_and_exit_status_are_its_own(
    runner: Runner, command: str | tuple[str, ...], status: int, out: bytes
) -> None:
    result = await run(runner, command)
    assert (result.status, result.out) == (status, out)


async def test_every_byte_but_nul_survives_in_arguments_and_variables(
    runner: Runner,
) -> None:
    text = "".join(map(chr, range(1, 256))) + "漢 \udc80"
    result = await run(runner, ("printf", "%s%s", text, "end"))
    assert result.out == text.encode("utf-8", "surrogateescape") + b"end"
    result = await run(runner, 'printf %s "$VALUE"', env={"VALUE": text})
    assert result.out == text.encode("utf-8", "surrogateescape")


async def test_output_streams_stay_apart_when_asked_for(runner: Runner) -> None:
    result = await run(runner, "echo out; echo err >&2; exit 3", merge=False)
    assert result == (3, b"out\n", b"err\n")


async def test_the_directory_and_the_environment_are_the_job_s(
    runner: Runner, directory: str
) -> None:
    odd = os.path.join(directory, "with space and 'quote'")
    os.mkdir(odd)
    result = await run(runner, 'pwd; echo "$A"', directory=odd, env={"A": "x"})
    assert result.out.decode() == f"{odd}\nx\n"


async def test_a_directory_that_cannot_be_entered_is_an_error(runner: Runner) -> None:
    result = await run(runner, ("true",), directory="/no/such")
    assert result.status == 125
    assert b"/no/such cannot be entered in the environment test" in result.out


async def test_many_runs_at_once(runner: Runner) -> None:
    results = await asyncio.gather(
        *(run(runner, f"sleep 0.05; echo {n}; exit {n}") for n in range(40))
    )
    assert [(result.status, result.out) for result in results] == [
        (n, f"{n}\n".encode()) for n in range(40)
    ]


async def test_a_cancel_ends_the_group_and_processes_outside_it(
    runner: Runner, directory: str
) -> None:
    marks = [os.path.join(directory, name) for name in ("child", "outside")]
    process = await runner.run(
        make_job(
            f"sleep 600 & echo $! >{marks[0]}; "
            f"setsid sh -c 'echo $$ >{marks[1]}; exec sleep 600' & sleep 600"
        )
    )
    process.read("out", lambda data: None)
    wait_until(lambda: all(os.path.exists(mark) and os.path.getsize(mark) for mark in marks))
    children = [int(Path(mark).read_text()) for mark in marks]
    process.cancel()
    status = await asyncio.wait_for(process.wait(), TIMEOUT)
    assert status in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    await process.close()
    for child in children:
        wait_until(lambda child=child: not is_alive(child))  # type: ignore[misc]  # bound now


async def test_a_command_that_ignores_other_signals_is_killed(runner: Runner) -> None:
    process = await runner.run(make_job("trap '' INT TERM; while :; do sleep 1; done"))
    process.read("out", lambda data: None)
    process.cancel(kill=True)
    assert await asyncio.wait_for(process.wait(), TIMEOUT) == 128 + signal.SIGKILL
    await process.close()


async def test_a_run_whose_pipes_nobody_opens_can_be_cancelled(runner: Runner) -> None:
    command = ("sleep", "600")
    job = make_job(command, merge=False, stdin=True)
    process = await runner.run(job)
    process.cancel(kill=True)
    assert await asyncio.wait_for(process.wait(), TIMEOUT) != 0
    await process.close()


async def test_stopping_the_runner_ends_its_runs(runner: Runner, directory: str) -> None:
    mark = os.path.join(directory, "pid")
    process = await runner.run(make_job(f"echo $$ >{mark}; exec sleep 600"))
    process.read("out", lambda data: None)
    wait_until(lambda: os.path.exists(mark) and os.path.getsize(mark) > 0)
    child = int(Path(mark).read_text())
    await runner.stop()
    wait_until(lambda: not is_alive(child))


@pytest.mark.parametrize(
    "job",
    [
        make_job("a\0b"),
        make_job("true", env={"A": "\0"}),
        make_job("true", env={"A B": "x"}),
        make_job("true", env={"$(touch /x)": "x"}),
    ],
)
def test_a_job_that_no_process_can_run_is_refused(job: Job) -> None:
    with pytest.raises(BuilddError):
        script(job)
