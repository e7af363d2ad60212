"""Finds what projects have left in the engines, the state and the runtime directory."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from buildd.base.containment import is_below
from buildd.config.trust import consent_record
from buildd.engines import ENGINES, engine
from buildd.errors import BuilddError, EngineError
from buildd.files.state_dirs import directories_of, engines_of, known_projects
from buildd.model import EngineName, Resource, ResourceKind
from buildd.paths import state_dir

ORDER = tuple(ResourceKind)
"""The order in which resources are removed: what others use comes after them."""


class FoundResources(NamedTuple):
    """What was found, and the engines that could not be asked."""

    resources: list[Resource]
    unavailable: dict[EngineName, str]
    """By engine, why it could not be asked."""


async def find() -> FoundResources:
    """Find everything of every project."""
    found = await asyncio.to_thread(lambda: list(_kept()))
    unavailable: dict[EngineName, str] = {}
    for name in ENGINES:
        module = await asyncio.to_thread(engine, name)
        try:
            found += await module.list_resources()
        except EngineError as error:
            unavailable[name] = str(error)
    found = [resource for resource in found if not _is_of_a_trial(resource)]
    found.sort(key=lambda resource: (resource.project, ORDER.index(resource.kind)))
    return FoundResources(found, unavailable)


async def remove(resource: Resource) -> None:
    """Remove a resource. Raises BuilddError if it stays, or a part of it."""
    if resource.engine:
        module = await asyncio.to_thread(engine, EngineName(resource.engine))
        await module.remove_resource(resource)
    elif resource.kind is ResourceKind.CONSENT:
        await asyncio.to_thread(consent_record.remove, resource.project)
    else:
        await asyncio.to_thread(_remove_state, resource)


def used_by(projects: Iterable[str]) -> set[EngineName]:
    """Return the engines in which these projects have had environments. Blocks."""
    return {name for project in projects for name in engines_of(project)}


def _is_of_a_trial(resource: Resource) -> bool:
    """Whether a trial made it, maybe in another process: that one removes it, or the next one."""
    return "@" in resource.environment or is_below(resource.project, os.path.realpath(state_dir()))


def _kept() -> Iterator[Resource]:
    for project in known_projects():
        directories = [path for path in directories_of(project) if os.path.isdir(path)]
        files = [file for path in directories for file in _files(path)]
        is_gone = not os.path.isdir(project)
        if is_gone or any(map(_counts, files)):
            yield Resource(
                kind=ResourceKind.STATE,
                id=f"state/{project}",
                name="logs, results and histories",
                project=project,
                size=sum(map(_size, files)),
            )
    for project in consent_record.projects():
        if not os.path.isdir(project):
            yield Resource(
                kind=ResourceKind.CONSENT,
                id=f"consent/{project}",
                name="your consent to its configuration",
                project=project,
                size=0,
            )


def _files(directory: str) -> Iterator[str]:
    for folder, _, names in os.walk(directory):
        yield from (os.path.join(folder, name) for name in names)


def _counts(file: str) -> bool:
    """Whether the file is more than a note about the project itself."""
    name = os.path.basename(file)
    return name != "path" and os.path.basename(os.path.dirname(file)) not in ("engines", "mounts")


def _size(file: str) -> int:
    try:
        return os.lstat(file).st_blocks * 512
    except OSError:
        return 0


def _remove_state(state: Resource) -> None:
    for path in directories_of(state.project):
        try:
            shutil.rmtree(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise BuilddError(
                f"{error.filename} stays: {error.strerror}", f"Remove it: `sudo rm -r {path}`."
            ) from error
