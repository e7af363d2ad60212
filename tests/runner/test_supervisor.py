"""These tests run supervisors for real, under each shell that an image may have as /bin/sh."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from importlib import resources
from pathlib import Path

import pytest

from buildd.engines import Inspect, ProcessState
from buildd.errors import EngineError, EnvironmentLostError
from buildd.runner.supervisor import Supervisor
from tests.runner.support import SHELLS, is_alive, make_job, run, start_supervisor
from tests.support.daemon import TIMEOUT, wait_until


async def test_processor_time_is_reported(supervisor: Supervisor) -> None:
    job = make_job("yes | head -c 300000000 >/dev/null")
    process = await supervisor.run(job)
    process.read("out", lambda data: None)
    await asyncio.wait_for(process.wait(), TIMEOUT)
    await process.close()
    assert sum(process.times) > 0


async def test_what_a_command_writes_into_the_supervisor_s_pipes_harms_nobody(
    supervisor: Supervisor, directory: str
) -> None:
    rubbish = os.path.join(directory, "rubbish")
    Path(rubbish).write_bytes(
        b"exit 99999999999999999999\nexit %b\nstarted 1\n0m1.2.3s 0m0s\n%bm0s 0m0s\n"
        b"ready\nswept run_1_ %b\n\xff\n" % ((b"9" * 5000,) * 3)
    )
    pipes = f'"{directory}/run/$BUILDD_RUN/status" "{directory}/run/events"'
    forge = f'for pipe in {pipes}; do cat {rubbish} >"$pipe"; done'
    result = await run(supervisor, f"{forge}; exit 3")
    assert result == (3, b"", b"")
    job = make_job(f"{forge}; sleep 600", grace=(9, 9))
    process = await supervisor.run(job)
    process.read("out", lambda data: None)
    process.cancel()
    assert await asyncio.wait_for(process.wait(), TIMEOUT) in (
        128 + signal.SIGINT,
        128 + signal.SIGTERM,
    )
    await process.close()


async def test_an_ended_run_leaves_nothing_in_its_directory(
    supervisor: Supervisor, directory: str
) -> None:
    def files() -> list[str]:
        return sorted(os.listdir(os.path.join(directory, "run")))

    await run(supervisor, ("true",))
    while len(files()) != 5 or not supervisor._spare:
        await asyncio.sleep(0.01)  # polls the condition
    spare = supervisor._spare
    assert files() == ["control", "events", spare.token, "supervisor.sh", "supervisor.turn"]


async def test_a_killed_spare_process_is_not_used(supervisor: Supervisor) -> None:
    await run(supervisor, ("true",))
    while not (spare := supervisor._spare):
        await asyncio.sleep(0.01)  # polls the condition
    os.kill(await spare._started, signal.SIGKILL)
    await spare._reader.ended.wait()
    assert await run(supervisor, "echo fine") == (0, b"fine\n", b"")


def processes_of(supervisor: Supervisor, directory: str) -> list[int]:
    """Return the ids of the supervisor, its runs and their keepers."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            environment = Path(f"/proc/{pid}/environ").read_text()
        except (OSError, ValueError):
            continue
        runs = f"BUILDD_RUN=run_{supervisor.token}_"
        if f"{directory}/run/supervisor.sh" in words or runs in environment:
            found.append(int(pid))
    return found


async def test_a_killed_supervisor_is_noticed_and_its_run_is_lost(
    supervisor: Supervisor, directory: str
) -> None:
    process = await supervisor.run(make_job("sleep 600"))
    process.read("out", lambda data: None)
    # Repeatedly, because the supervisor may be starting a spare process.
    while found := processes_of(supervisor, directory):
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    with pytest.raises(EnvironmentLostError):
        await asyncio.wait_for(process.wait(), TIMEOUT)
    await asyncio.wait_for(supervisor.lost.wait(), TIMEOUT)
    with pytest.raises(EnvironmentLostError):
        await supervisor.run(make_job("true"))


@pytest.mark.parametrize("shell", SHELLS)
async def test_a_supervisor_ends_the_runs_of_a_killed_one_before_it(
    shell: str, directory: str
) -> None:
    mark = os.path.join(directory, "pid")
    async with start_supervisor(shell, directory) as first:
        command = f"echo $$ >{mark}; exec sleep 600"
        process = await first.run(make_job(command))
        process.read("out", lambda data: None)
        wait_until(lambda: os.path.exists(mark) and os.path.getsize(mark) > 0)
        assert first._inspect
        os.kill((await first._inspect()).process, signal.SIGKILL)
        await asyncio.wait_for(first.lost.wait(), TIMEOUT)
        child = int(Path(mark).read_text())
        assert is_alive(child), "the run survives its supervisor"
        async with start_supervisor(shell, directory):
            wait_until(lambda: not is_alive(child))


@pytest.mark.parametrize("shell", SHELLS)
async def test_a_supervisor_ends_one_before_it_that_waits_for_its_pipes(
    shell: str, directory: str
) -> None:
    # This is the state after a daemon that died before it opened its ends of the pipes.
    pipes = os.path.join(directory, "pipes")
    os.mkdir(pipes)
    for name in ("control", "events"):
        os.mkfifo(os.path.join(pipes, name))
    script = resources.files("buildd.runner").joinpath("supervisor.sh")
    command = [*SHELLS[shell], str(script), pipes, "0123456789ab", ""]
    waiting = await asyncio.create_subprocess_exec(*command, start_new_session=True)
    run = Path(directory, "run")
    run.mkdir()
    run.joinpath("supervisor.turn").write_text("0123456789ab")
    async with start_supervisor(shell, directory):
        assert await asyncio.wait_for(waiting.wait(), TIMEOUT) == -signal.SIGKILL


async def test_a_supervisor_that_never_answers_is_an_error(
    directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("buildd.runner.supervisor.READY_TIMEOUT", 0.05)

    async def launch(name: str, arguments: Sequence[str]) -> Inspect:
        """Start nothing."""

        async def inspect() -> ProcessState:
            return ProcessState(0)

        return inspect

    with pytest.raises(EngineError, match="do not work across"):
        await Supervisor.start(os.path.join(directory, "run"), launch)
