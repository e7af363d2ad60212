"""Has an environment's container there and ready: made or adopted, with its hooks run."""

from __future__ import annotations

import asyncio
import os
from functools import partial

from buildd.engines import Instance, OnProgress, engine
from buildd.environments import hooks
from buildd.environments.runners import Runners
from buildd.errors import BuilddError, NoProjectError
from buildd.files.state_dirs import note_engine
from buildd.model import Environment, Project
from buildd.runner.base import Runner


async def prepare(
    project: Project,
    environment: Environment,
    runners: Runners,
    report: OnProgress,
    *,
    rebuild: bool,
    fresh: bool,
) -> tuple[Instance, Runner]:
    """The environment, up, and what runs commands in it: of a new image with `rebuild`, in a new
    container with `fresh`. Raises EngineError."""
    module = await asyncio.to_thread(engine, environment.engine)
    while True:
        place = await module.up(project, environment, report, rebuild=rebuild, fresh=fresh)
        await asyncio.to_thread(note_engine, project.path, environment.engine)
        # An adopted container whose run directory was deleted under it is of no use, nor is
        # one that was never made ready; but a new one may be.
        unfinished = partial(hooks.left_unfinished, project, environment, place)
        if fresh or not await asyncio.to_thread(unfinished):
            try:
                runner = await runners.start(place)
            except BuilddError:
                if fresh:
                    raise
            else:
                await _make_ready(project, environment, place, runner, report)
                return place, runner
        fresh = True


async def _make_ready(
    project: Project, environment: Environment, place: Instance, runner: Runner, report: OnProgress
) -> None:
    try:
        await hooks.make_ready(project, environment, place, runner, report)
    except BaseException:
        await runner.stop()
        raise


async def image(
    project: Project, environment: Environment, report: OnProgress, *, rebuild: bool
) -> str:
    """Have the environment's image; what it was made from, as in `Image`. Raises EngineError."""
    module = await asyncio.to_thread(engine, environment.engine)
    made = await module.image(project, environment, report, rebuild=rebuild)
    return made.definition


def directory_identity(path: str) -> tuple[int, int]:
    """What tells a project's directory from another of the same path. Raises NoProjectError."""
    try:
        found = os.stat(path)
    except OSError as error:
        raise NoProjectError(
            f"the project's directory {path} cannot be used: {error.strerror}",
            "If it was moved, open it at its new place.",
        ) from error
    return found.st_dev, found.st_ino
