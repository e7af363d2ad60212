"""The supervisor for real, under each shell that an image may have as /bin/sh."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import docker
import docker.types
import pytest

from buildd.engines import Attach, Attachment, Guest, Inspect
from buildd.engines.docker import attached_exec
from buildd.errors import BuilddError, EngineError, EnvironmentLostError
from buildd.runner.attached import AttachedRunner
from buildd.runner.base import Runner
from buildd.runner.job import Job, script
from buildd.runner.supervisor import Supervisor
from tests.conftest import IMAGE
from tests.support.daemon import TIMEOUT, wait_until

SHELLS = {"dash": ["dash"], "bash": ["bash", "--posix"], "busybox": ["busybox", "sh"]}


class Result(NamedTuple):
    status: int
    out: bytes
    err: bytes


@pytest.fixture(params=SHELLS)
async def supervisor(request: pytest.FixtureRequest, directory: str) -> AsyncIterator[Supervisor]:
    async with a_supervisor(request.param, directory) as made:
        yield made


@asynccontextmanager
async def a_supervisor(name: str, directory: str) -> AsyncIterator[Supervisor]:
    shell = SHELLS[name]
    assert shutil.which(shell[0]), "make test installs it"
    path = os.path.join(directory, "run")
    environment = dict(os.environ)
    if name == "busybox":
        # Its applets alone, as in an image that has nothing else.
        applets = os.path.join(directory, "bin")
        os.makedirs(applets, exist_ok=True)
        process = await asyncio.create_subprocess_exec("busybox", "--install", "-s", applets)
        await process.wait()
        environment["PATH"] = applets
        shell = [os.path.join(applets, "sh")]
    processes: list[asyncio.subprocess.Process] = []

    async def launch(script: str, arguments: Sequence[str]) -> Inspect:
        processes.append(
            await asyncio.create_subprocess_exec(
                *shell,
                os.path.join(path, script),
                path,
                *arguments,
                start_new_session=True,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
            )
        )

        async def inspect() -> Guest:
            return Guest(processes[0].pid, processes[0].returncode)

        return inspect

    made = await Supervisor.start(path, launch)
    yield made
    await made.stop()
    await asyncio.wait_for(processes[0].wait(), TIMEOUT)


@pytest.fixture(params=[*SHELLS, pytest.param("exec", marks=pytest.mark.engine)])
async def runner(
    request: pytest.FixtureRequest, directory: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Runner]:
    """All that runs jobs."""
    if request.param != "exec":
        async with a_supervisor(request.param, directory) as made:
            yield made
        return
    async with a_container(directory, monkeypatch) as attach:
        attached = await AttachedRunner.start(os.path.join(directory, "run"), attach, "a test")
        yield attached
        await attached.stop()


@asynccontextmanager
async def a_container(directory: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Attach]:
    """One that sees the directory, and counts processes as we do."""
    client = docker.from_env()
    # The threads' own ones would be closed by nobody here.
    monkeypatch.setattr(attached_exec, "client", lambda: client)
    mount = docker.types.Mount(target=directory, source=directory, type="bind")
    container = client.containers.run(
        IMAGE, ["sleep", "600"], detach=True, init=True, pid_mode="host", mounts=[mount]
    )

    async def attach(command: Sequence[str], terminal: bool) -> Attachment:
        return await attached_exec.attach(str(container.id), "0:0", command, terminal)

    try:
        yield attach
    finally:
        container.remove(force=True)
        client.close()


async def run(supervisor: Runner, command: str | tuple[str, ...], **options: object) -> Result:
    job = Job(**{"command": command, "directory": "/", "env": {}, "place": "test", **options})  # type: ignore[arg-type]  # checked by msgspec's users below
    process = await supervisor.run(job)
    pieces: dict[str, list[bytes]] = {"out": [], "err": []}
    readers = [
        process.read(name, pieces[name].append) for name in (["out"] if job.merge else pieces)
    ]
    status = await asyncio.wait_for(process.wait(), TIMEOUT)
    for reader in readers:
        await asyncio.wait_for(reader.ended.wait(), TIMEOUT)
    await process.close()
    return Result(status, b"".join(pieces["out"]), b"".join(pieces["err"]))


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


async def test_a_directory_that_cannot_be_entered_is_said(runner: Runner) -> None:
    result = await run(runner, ("true",), directory="/no/such")
    assert result.status == 125
    assert b"/no/such cannot be entered in the environment test" in result.out


async def test_processor_time_is_told(supervisor: Supervisor) -> None:
    job = Job(command="yes | head -c 300000000 >/dev/null", directory="/", env={}, place="test")
    process = await supervisor.run(job)
    process.read("out", lambda data: None)
    await asyncio.wait_for(process.wait(), TIMEOUT)
    await process.close()
    assert sum(process.times) > 0


async def test_many_runs_at_once(runner: Runner) -> None:
    results = await asyncio.gather(
        *(run(runner, f"sleep 0.05; echo {n}; exit {n}") for n in range(40))
    )
    assert [(r.status, r.out) for r in results] == [(n, f"{n}\n".encode()) for n in range(40)]


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
    job = Job(command=f"{forge}; sleep 600", directory="/", env={}, place="t", grace=(9, 9))
    process = await supervisor.run(job)
    process.read("out", lambda data: None)
    process.cancel()
    assert await asyncio.wait_for(process.wait(), TIMEOUT) in (
        128 + signal.SIGINT,
        128 + signal.SIGTERM,
    )
    await process.close()


@pytest.mark.parametrize("command", ["exec sleep 600", "exec env -i sleep 600"])
async def test_a_command_that_only_says_that_it_has_ended_holds_up_nobody(
    supervisor: Supervisor, directory: str, command: str
) -> None:
    status = f"{directory}/run/$BUILDD_RUN/status"
    forged = "exit 4\\n0m0s 0m0s\\n0m0s 0m0s\\n"
    result = await run(
        supervisor, f"echo $$; printf '{forged}' >\"{status}\"; {command} >/dev/null 2>&1"
    )
    assert result.status == 4
    for _ in range(3):
        assert (await run(supervisor, "echo next")).out == b"next\n"
    while is_alive(int(result.out)):
        await asyncio.sleep(0.01)  # between two looks, not instead of one
    while len(os.listdir(os.path.join(directory, "run"))) != 5:
        await asyncio.sleep(0.01)


async def test_cancel_ends_the_group_and_what_fled_from_it(runner: Runner, directory: str) -> None:
    marks = [os.path.join(directory, name) for name in ("child", "fled")]
    process = await runner.run(
        Job(
            command=f"sleep 600 & echo $! >{marks[0]}; "
            f"setsid sh -c 'echo $$ >{marks[1]}; exec sleep 600' & sleep 600",
            directory="/",
            env={},
            place="test",
        )
    )
    process.read("out", lambda data: None)
    wait_until(lambda: all(os.path.exists(m) and os.path.getsize(m) for m in marks))
    children = [int(Path(mark).read_text()) for mark in marks]
    process.cancel()
    status = await asyncio.wait_for(process.wait(), TIMEOUT)
    assert status in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    await process.close()
    for child in children:
        wait_until(lambda child=child: not is_alive(child))  # type: ignore[misc]  # bound now


async def test_a_command_that_ignores_the_polite_signals_is_killed(runner: Runner) -> None:
    process = await runner.run(
        Job(command="trap '' INT TERM; while :; do sleep 1; done", directory="/", env={}, place="t")
    )
    process.read("out", lambda data: None)
    process.cancel(kill=True)
    assert await asyncio.wait_for(process.wait(), TIMEOUT) == 128 + signal.SIGKILL
    await process.close()


async def test_a_run_whose_pipes_nobody_opens_can_be_cancelled(runner: Runner) -> None:
    command = ("sleep", "600")
    job = Job(command=command, directory="/", env={}, place="t", merge=False, stdin=True)
    process = await runner.run(job)
    process.cancel(kill=True)
    assert await asyncio.wait_for(process.wait(), TIMEOUT) != 0
    await process.close()


async def test_an_ended_run_leaves_nothing_in_its_directory(
    supervisor: Supervisor, directory: str
) -> None:
    def left() -> list[str]:
        return sorted(os.listdir(os.path.join(directory, "run")))

    await run(supervisor, ("true",))
    while len(left()) != 5 or not supervisor._spare:
        await asyncio.sleep(0.01)  # between two looks, not instead of one
    spare = supervisor._spare
    assert left() == ["control", "events", spare.token, "supervisor.sh", "supervisor.turn"]


async def test_a_spare_that_somebody_killed_is_not_taken(supervisor: Supervisor) -> None:
    await run(supervisor, ("true",))
    while not (spare := supervisor._spare):
        await asyncio.sleep(0.01)  # between two looks, not instead of one
    os.kill(await spare._started, signal.SIGKILL)
    await spare._reader.ended.wait()
    assert await run(supervisor, "echo fine") == (0, b"fine\n", b"")


async def test_when_the_daemon_goes_the_runs_go(runner: Runner, directory: str) -> None:
    mark = os.path.join(directory, "pid")
    process = await runner.run(
        Job(command=f"echo $$ >{mark}; exec sleep 600", directory="/", env={}, place="t")
    )
    process.read("out", lambda data: None)
    wait_until(lambda: os.path.exists(mark) and os.path.getsize(mark) > 0)
    child = int(Path(mark).read_text())
    await runner.stop()
    wait_until(lambda: not is_alive(child))


def belonging_to(supervisor: Supervisor, directory: str) -> list[int]:
    """The supervisor itself, its runs and their keepers."""
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
    process = await supervisor.run(Job(command="sleep 600", directory="/", env={}, place="t"))
    process.read("out", lambda data: None)
    # Again and again: it may be about to have a spare.
    while found := belonging_to(supervisor, directory):
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    with pytest.raises(EnvironmentLostError):
        await asyncio.wait_for(process.wait(), TIMEOUT)
    await asyncio.wait_for(supervisor.lost.wait(), TIMEOUT)
    with pytest.raises(EnvironmentLostError):
        await supervisor.run(Job(command="true", directory="/", env={}, place="t"))


@pytest.mark.parametrize("shell", SHELLS)
async def test_what_a_killed_supervisor_left_is_ended_by_the_next_one(
    shell: str, directory: str
) -> None:
    mark = os.path.join(directory, "pid")
    async with a_supervisor(shell, directory) as first:
        command = f"echo $$ >{mark}; exec sleep 600"
        process = await first.run(Job(command=command, directory="/", env={}, place="t"))
        process.read("out", lambda data: None)
        wait_until(lambda: os.path.exists(mark) and os.path.getsize(mark) > 0)
        assert first._inspect
        os.kill((await first._inspect()).process, signal.SIGKILL)
        await asyncio.wait_for(first.lost.wait(), TIMEOUT)
        child = int(Path(mark).read_text())
        assert is_alive(child), "nobody has ended it yet"
        async with a_supervisor(shell, directory):
            wait_until(lambda: not is_alive(child))


@pytest.mark.parametrize("shell", SHELLS)
async def test_one_that_waits_for_a_daemon_that_has_gone_is_ended_by_the_next_one(
    shell: str, directory: str
) -> None:
    # As if the daemon had died before it opened its ends.
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
    async with a_supervisor(shell, directory):
        assert await asyncio.wait_for(waiting.wait(), TIMEOUT) == -signal.SIGKILL


async def test_an_environment_without_a_shell_is_said(
    directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("buildd.runner.supervisor.READY_TIMEOUT", 0.05)

    async def launch(name: str, arguments: Sequence[str]) -> Inspect:
        """Nobody there."""

        async def inspect() -> Guest:
            return Guest(0)

        return inspect

    with pytest.raises(EngineError, match="do not cross"):
        await Supervisor.start(os.path.join(directory, "run"), launch)


@pytest.mark.parametrize(
    "job",
    [
        Job(command="a\0b", directory="/", env={}, place="t"),
        Job(command="true", directory="/", env={"A": "\0"}, place="t"),
        Job(command="true", directory="/", env={"A B": "x"}, place="t"),
        Job(command="true", directory="/", env={"$(touch /x)": "x"}, place="t"),
    ],
)
def test_what_no_process_can_be_given_is_refused(job: Job) -> None:
    with pytest.raises(BuilddError):
        script(job)


def is_alive(process: int) -> bool:
    """Whether it runs; what only waits to be collected does not."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
