"""The host as an engine: commands run on this machine itself, under the same supervisor."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Sequence

from buildd.engines import Guest, Image, Inspect, Instance, OnProgress, run_directory
from buildd.errors import EngineError
from buildd.model import Check, Environment, Project, Resource, RunImage

LEAVE_TIMEOUT = 5.0
"""Seconds that supervisors have to leave."""


async def up(
    project: Project,
    environment: Environment,
    report: OnProgress,
    *,
    rebuild: bool = False,
    fresh: bool = False,
) -> Instance:
    """There is nothing to make: the host is up."""
    del report, rebuild, fresh
    directory = run_directory(project.path, environment.name)

    async def launch(script: str, arguments: Sequence[str]) -> Inspect:
        process = await asyncio.create_subprocess_exec(
            "/bin/sh",
            os.path.join(directory, script),
            directory,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={k: v for k, v in os.environ.items() if not k.startswith("BUILDD_")},
            start_new_session=True,
            cwd="/",
        )
        # Collected whenever it ends; it leaves by itself when its pipes close.
        _waiting.add(task := asyncio.create_task(process.wait()))
        task.add_done_callback(_waiting.discard)

        async def inspect() -> Guest:
            return Guest(process.pid, process.returncode)

        return inspect

    return Instance(run_directory=directory, launch=launch)


async def settled() -> None:
    """Return once the supervisors that were told to leave have left: they end their runs first."""
    if _waiting:
        await asyncio.wait(_waiting, timeout=LEAVE_TIMEOUT)


async def image(
    project: Project, environment: Environment, report: OnProgress, *, rebuild: bool = False
) -> Image:
    """There is no image."""
    del project, environment, report, rebuild
    return Image()


async def stop(project: str, environment: str) -> bool:
    """There is nothing that would run."""
    del project, environment
    return False


async def run_image(project: Project, image: RunImage, report: OnProgress) -> str:
    """The host makes no images."""
    del project, report
    raise EngineError(
        f"the host engine makes no images, so not {image.name} either",
        "Give the project an environment of Docker or Podman.",
    )


async def belongings() -> list[Resource]:
    """Nothing is left but files."""
    return []


async def dispose(one: Resource) -> None:
    """There is nothing to remove."""
    del one


async def discard(project: str, environment: str, *, reclaim: bool) -> None:
    """There is nothing to remove."""
    del project, environment, reclaim


async def is_there() -> bool:
    """It always is."""
    return True


async def checks() -> list[Check]:
    """What stands in for an image."""
    return [Check(name="host engine", state="ok", detail=f"{platform.platform()}, /bin/sh")]


_waiting: set[asyncio.Task[int]] = set()
