"""Brings an environment up: makes or adopts its container, and runs its hooks."""

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
    """Bring the environment up, and return it with what runs commands in it.

    `rebuild` makes a new image, `fresh` a new container. Raises EngineError.
    """
    module = await asyncio.to_thread(engine, environment.engine)
    while True:
        instance = await module.up(project, environment, report, rebuild=rebuild, fresh=fresh)
        await asyncio.to_thread(note_engine, project.path, environment.engine)
        # An adopted container is of no use if its run directory was deleted, or if it was never
        # made ready. Then a new one may be.
        is_unfinished = partial(hooks.is_left_unfinished, project, environment, instance)
        if fresh or not await asyncio.to_thread(is_unfinished):
            try:
                runner = await runners.start(instance)
            except BuilddError:
                if fresh:
                    raise
            else:
                await _make_ready(project, environment, instance, runner, report)
                return instance, runner
        fresh = True


async def _make_ready(
    project: Project,
    environment: Environment,
    instance: Instance,
    runner: Runner,
    report: OnProgress,
) -> None:
    try:
        await hooks.make_ready(project, environment, instance, runner, report)
    except BaseException:
        await runner.stop()
        raise


async def image(
    project: Project, environment: Environment, report: OnProgress, *, rebuild: bool
) -> str:
    """Have the environment's image; return what it was made from, as in `Image.definition`.

    `rebuild` makes a new one. Raises EngineError.
    """
    module = await asyncio.to_thread(engine, environment.engine)
    made = await module.image(project, environment, report, rebuild=rebuild)
    return made.definition


def directory_identity(path: str) -> tuple[int, int]:
    """Return what distinguishes a project's directory from another one at the same path.

    Raises NoProjectError.
    """
    try:
        found = os.stat(path)
    except OSError as error:
        raise NoProjectError(
            f"the project's directory {path} cannot be used: {error.strerror}",
            "If it was moved, open it at its new place.",
        ) from error
    return found.st_dev, found.st_ino
