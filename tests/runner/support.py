"""These helpers start runners for real, under each shell that an image may have as /bin/sh."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import docker
import docker.types
import pytest

from buildd.engines import Attach, Attachment, Inspect, ProcessState
from buildd.engines.docker import attached_exec
from buildd.model import Command
from buildd.runner.base import Runner
from buildd.runner.job import Job
from buildd.runner.supervisor import Supervisor
from tests.conftest import IMAGE
from tests.support.daemon import TIMEOUT

SHELLS = {"dash": ["dash"], "bash": ["bash", "--posix"], "busybox": ["busybox", "sh"]}


class Result(NamedTuple):
    status: int
    out: bytes
    err: bytes


@asynccontextmanager
async def start_supervisor(name: str, directory: str) -> AsyncIterator[Supervisor]:
    """Run a supervisor in the directory `run`, under the shell `name`."""
    shell = SHELLS[name]
    assert shutil.which(shell[0]), "make test installs it"
    path = os.path.join(directory, "run")
    environment = dict(os.environ)
    if name == "busybox":
        # Only the applets of BusyBox, as in an image that has nothing else.
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

        async def inspect() -> ProcessState:
            return ProcessState(processes[0].pid, processes[0].returncode)

        return inspect

    made = await Supervisor.start(path, launch)
    yield made
    await made.stop()
    await asyncio.wait_for(processes[0].wait(), TIMEOUT)


@asynccontextmanager
async def start_container(directory: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Attach]:
    """Run a container that has the directory and the host's process ids."""
    client = docker.from_env()
    # The clients of other threads would not be closed here.
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


def make_job(command: Command, **options: Any) -> Job:
    """Make a job in the root directory; `options` are fields of Job."""
    defaults: dict[str, Any] = {"directory": "/", "env": {}, "environment": "test"}
    return Job(command=command, **(defaults | options))


async def run(runner: Runner, command: Command, **options: Any) -> Result:
    """Run a job to its end."""
    job = make_job(command, **options)
    process = await runner.run(job)
    pieces: dict[str, list[bytes]] = {"out": [], "err": []}
    readers = [
        process.read(name, pieces[name].append) for name in (["out"] if job.merge else pieces)
    ]
    status = await asyncio.wait_for(process.wait(), TIMEOUT)
    for reader in readers:
        await asyncio.wait_for(reader.ended.wait(), TIMEOUT)
    await process.close()
    return Result(status, b"".join(pieces["out"]), b"".join(pieces["err"]))


def is_alive(process: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
