"""Run images: the tasks that one needs, and its build from what they have made."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from buildd.config.lookup import image_named
from buildd.diagnostics.findings import image_owner
from buildd.engines import OnProgress, engine
from buildd.errors import DefinitionError
from buildd.model import EngineName, Project, Run, RunImage, RunState
from buildd.projects.project import LiveProject
from buildd.protocol import ImageResult
from buildd.runs.results import definition_diagnostic

RunTask = Callable[[str], Awaitable[Run]]
"""Runs a task to its end."""


async def build(
    project: LiveProject, name: str, run_task: RunTask, report: OnProgress
) -> ImageResult:
    """Run what the image needs, and build it; the first task that fails ends it. `name` may be
    empty where there is one image. Raises UnknownNameError, or ImageError, which shows as a
    diagnostic, too, until the next success."""
    configuration = await project.configuration.usable()
    for task in image_named(configuration, name).needs:
        run = await run_task(task)
        if run.state is not RunState.FINISHED or run.exit_status:
            return ImageResult(failed=run)
    # A task can have changed what was consented to.
    configuration = await project.configuration.usable()
    image = image_named(configuration, name)
    module = await asyncio.to_thread(engine, _engine(configuration, image))
    owner = image_owner(image.name)
    try:
        made = await module.run_image(configuration, image, report)
    except DefinitionError as error:
        project.results.findings.settle(owner, [definition_diagnostic(error)])
        raise
    project.results.findings.settle(owner, ())
    return ImageResult(image=made, tag=image.tag)


def _engine(configuration: Project, image: RunImage) -> EngineName:
    """That of the tasks' environments, or of the project's others; Docker where all run on the
    host."""
    names = [configuration.tasks[task].environment for task in image.needs]
    chosen = [configuration.environments[name].engine for name in names]
    chosen += [one.engine for one in configuration.environments.values()]
    return next((one for one in chosen if one is not EngineName.HOST), EngineName.DOCKER)
