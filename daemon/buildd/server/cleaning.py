"""The custom methods that show what projects have left, and remove it."""

from __future__ import annotations

import asyncio
import os

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
    """What would be removed."""
    found = await resources.find()
    chosen = await asyncio.to_thread(_chosen, found.belongings, params)
    projects = {one.project for one in chosen}
    if params.scope is Scope.PROJECT:
        projects.add(await asyncio.to_thread(_project_at, params.project, found.belongings))
    used = await asyncio.to_thread(resources.used_by, projects)
    problems = [reason for name, reason in found.away.items() if name in used]
    busy = {
        path: live
        for path, live in _live(session).items()
        if path in projects and live.runs.under_way()
    }
    problems += [_busy(live) for live in busy.values()]
    return BelongingsResult(
        belongings=tuple(one for one in chosen if one.project not in busy),
        problems=tuple(problems),
    )


async def clean(session: Session, params: CleanParams) -> CleanResult:
    """Remove what was shown, as far as it is still there and ours."""
    found = await resources.find()
    wanted = set(params.belongings)
    chosen = [one for one in found.belongings if one.id in wanted]
    removed: list[str] = []
    problems: list[str] = []
    live = _live(session)
    for path in dict.fromkeys(one.project for one in chosen):
        if path in live and live[path].runs.under_way():
            problems.append(_busy(live[path]))
            chosen = [one for one in chosen if one.project != path]
        elif path in live:
            await live[path].let_go()
    for one in sorted(chosen, key=lambda one: resources.ORDER.index(one.kind)):
        try:
            await resources.dispose(one)
        except BuilddError as error:
            problems.append(str(error))
        else:
            removed.append(one.id)
    for path in {one.project for one in chosen} & live.keys():
        await live[path].forget()
    return CleanResult(removed=tuple(removed), problems=tuple(problems))


def _chosen(found: list[Resource], params: BelongingsParams) -> list[Resource]:
    match params.scope:
        case Scope.ALL:
            return found
        case Scope.ORPHANS:
            return [one for one in found if one.project and not os.path.isdir(one.project)]
        case _:
            project = _project_at(params.project, found)
            return [one for one in found if one.project == project]


def _project_at(path: str, found: list[Resource]) -> str:
    """The nearest directory at or above `path` that is a project, or has left something."""
    left = {one.project for one in found}
    try:
        directory = os.path.realpath(path)
    except ValueError as error:
        raise NoProjectError(f"{path!r} is no path: it has a NUL character") from error
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
    return {project.path: project for project in session.server.projects.known()}


def _busy(project: LiveProject) -> str:
    count = len(project.runs.under_way())
    what = "a run is" if count == 1 else f"{count} runs are"
    return f"{project.path} is left alone: {what} under way. `buildd cancel` ends them."
