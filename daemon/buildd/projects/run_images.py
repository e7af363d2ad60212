"""Builds run images: runs the tasks that an image needs, then builds it from what they made."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from buildd.config.lookup import image_named
from buildd.diagnostics.findings import definition_diagnostic, image_owner
from buildd.engines import OnProgress, engine
from buildd.errors import DefinitionError
from buildd.model import EngineName, Project, Run, RunImage, RunState
from buildd.projects.project import LiveProject
from buildd.protocol import ImageResult

RunTask = Callable[[str], Awaitable[Run]]
"""Runs a task to its end."""


async def build(
    project: LiveProject, name: str, run_task: RunTask, report: OnProgress
) -> ImageResult:
    """Run the tasks that an image needs, then build it. The first task that fails ends that.

    `name` may be empty if the project has one image. Raises UnknownNameError, or ImageError, which
    also shows as a diagnostic until the next success.
    """
    configuration = await project.configuration.usable()
    for task in image_named(configuration, name).needs:
        run = await run_task(task)
        if run.state is not RunState.FINISHED or run.exit_status:
            return ImageResult(failed=run)
    # A task may have changed the configuration that the user consented to.
    configuration = await project.configuration.usable()
    image = image_named(configuration, name)
    module = await asyncio.to_thread(engine, _engine(configuration, image))
    owner = image_owner(image.name)
    try:
        made = await module.run_image(configuration, image, report)
    except DefinitionError as error:
        project.results.findings.replace(owner, [definition_diagnostic(error)])
        raise
    project.results.findings.replace(owner, ())
    return ImageResult(image=made, tag=image.tag)


def _engine(configuration: Project, image: RunImage) -> EngineName:
    """The engine of the tasks' environments, else of the others; Docker if all are the host's."""
    names = [configuration.tasks[task].environment for task in image.needs]
    chosen = [configuration.environments[name].engine for name in names]
    chosen += [environment.engine for environment in configuration.environments.values()]
    return next((name for name in chosen if name is not EngineName.HOST), EngineName.DOCKER)
