"""This engine is the host itself: commands run without a container, under the same supervisor."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Sequence

from buildd.engines import Image, Inspect, Instance, OnProgress, ProcessState, run_directory
from buildd.errors import EngineError
from buildd.model import Check, Environment, Project, Resource, RunImage

EXIT_TIMEOUT = 5.0
"""Seconds that supervisors have to exit."""


async def up(
    project: Project,
    environment: Environment,
    report: OnProgress,
    *,
    rebuild: bool = False,
    fresh: bool = False,
) -> Instance:
    """Return the host as an instance; nothing has to be made."""
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
            env={
                name: value for name, value in os.environ.items() if not name.startswith("BUILDD_")
            },
            start_new_session=True,
            cwd="/",
        )
        # The supervisor exits when its pipes close; this task collects its process then.
        _supervisors.add(task := asyncio.create_task(process.wait()))
        task.add_done_callback(_supervisors.discard)

        async def inspect() -> ProcessState:
            return ProcessState(process.pid, process.returncode)

        return inspect

    return Instance(run_directory=directory, launch=launch)


async def wait_for_supervisors() -> None:
    """Wait until all supervisors have exited, which end their runs first; at most EXIT_TIMEOUT."""
    if _supervisors:
        await asyncio.wait(_supervisors, timeout=EXIT_TIMEOUT)


async def image(
    project: Project, environment: Environment, report: OnProgress, *, rebuild: bool = False
) -> Image:
    """Return an empty image, because the host has none."""
    del project, environment, report, rebuild
    return Image()


async def stop(project: str, environment: str) -> bool:
    """Return False: the host has no container to stop."""
    del project, environment
    return False


async def run_image(project: Project, image: RunImage, report: OnProgress) -> str:
    """Raise EngineError, because the host cannot build images."""
    del project, report
    raise EngineError(
        f"the host engine cannot build images, so it cannot build {image.name}",
        "Give the project an environment with the engine Docker or Podman.",
    )


async def list_resources() -> list[Resource]:
    """Return nothing: environments on the host leave only files in the project."""
    return []


async def remove_resource(resource: Resource) -> None:
    """Do nothing, because there are no resources."""
    del resource


async def remove_environment(project: str, environment: str, *, reclaim: bool) -> None:
    """Do nothing, because there is no container."""
    del project, environment, reclaim


async def is_available() -> bool:
    """Return True."""
    return True


async def checks() -> list[Check]:
    """Return a check that names the host's operating system."""
    return [Check(name="host engine", state="ok", detail=f"{platform.platform()}, /bin/sh")]


_supervisors: set[asyncio.Task[int]] = set()
"""The tasks that wait for running supervisors."""
