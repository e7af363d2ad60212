"""The custom methods that show what projects have left, and remove it."""

from __future__ import annotations

import asyncio
import os

from buildd.base.words import counted
from buildd.config.load import find_project
from buildd.errors import BuilddError, NoProjectError
from buildd.model import Resource
from buildd.projects import resources
from buildd.projects.project import LiveProject
from buildd.protocol import (
    BelongingsParams,
    BelongingsResult,
    CleanParams,
    CleanResult,
    Scope,
)
from buildd.server.session import Session


async def show(session: Session, params: BelongingsParams) -> BelongingsResult:
    """Tell what would be removed."""
    found = await resources.find()
    chosen = await asyncio.to_thread(_chosen, found.resources, params)
    projects = {resource.project for resource in chosen}
    if params.scope is Scope.PROJECT:
        projects.add(await asyncio.to_thread(_project_at, params.project, found.resources))
    used = await asyncio.to_thread(resources.used_by, projects)
    problems = [reason for name, reason in found.unavailable.items() if name in used]
    busy = {
        path: project
        for path, project in _live(session).items()
        if path in projects and project.runs.under_way()
    }
    problems += map(_busy, busy.values())
    return BelongingsResult(
        belongings=tuple(resource for resource in chosen if resource.project not in busy),
        problems=tuple(problems),
    )


async def clean(session: Session, params: CleanParams) -> CleanResult:
    """Remove what was shown, as far as it is still there and buildd's own."""
    found = await resources.find()
    wanted = set(params.belongings)
    chosen = [resource for resource in found.resources if resource.id in wanted]
    removed: list[str] = []
    problems: list[str] = []
    live = _live(session)
    for path in dict.fromkeys(resource.project for resource in chosen):
        if path in live and live[path].runs.under_way():
            problems.append(_busy(live[path]))
            chosen = [resource for resource in chosen if resource.project != path]
        elif path in live:
            await live[path].release_resources()
    for resource in sorted(chosen, key=lambda resource: resources.ORDER.index(resource.kind)):
        try:
            await resources.remove(resource)
        except BuilddError as error:
            problems.append(str(error))
        else:
            removed.append(resource.id)
    for path in {resource.project for resource in chosen} & live.keys():
        await live[path].forget_results()
    return CleanResult(removed=tuple(removed), problems=tuple(problems))


def _chosen(found: list[Resource], params: BelongingsParams) -> list[Resource]:
    match params.scope:
        case Scope.ALL:
            return found
        case Scope.ORPHANS:
            return [
                resource
                for resource in found
                if resource.project and not os.path.isdir(resource.project)
            ]
        case _:
            project = _project_at(params.project, found)
            return [resource for resource in found if resource.project == project]


def _project_at(path: str, found: list[Resource]) -> str:
    """The nearest directory at or above `path` that is a project, or has left something."""
    left = {resource.project for resource in found}
    try:
        directory = os.path.realpath(path)
    except ValueError as error:
        raise NoProjectError(f"{path!r} is not a path: it has a NUL character") from error
    configured = find_project(directory)
    while directory not in left and directory != configured:
        parent = os.path.dirname(directory)
        if parent == directory:
            raise NoProjectError(
                f"{path} is in no project, and no project there has left anything",
                "`buildd clean --orphans` is for projects whose directory is gone.",
            )
        directory = parent
    return directory


def _live(session: Session) -> dict[str, LiveProject]:
    return {project.path: project for project in session.projects.known()}


def _busy(project: LiveProject) -> str:
    count = len(project.runs.under_way())
    what = f"{counted(count, 'run')} {'is' if count == 1 else 'are'}"
    return f"{project.path} is left alone: {what} under way. `buildd cancel` ends them."
