"""What projects have left: in the engines, in the state directory and in the runtime directory."""

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
from buildd.files.state_dirs import engines_of, kept_of, known
from buildd.model import EngineName, Resource, ResourceKind
from buildd.paths import state_dir

ORDER = tuple(ResourceKind)
"""In which they are removed: what is used by others after those."""


class FoundResources(NamedTuple):
    """`away` are the engines that could not be asked, with the reason."""

    belongings: list[Resource]
    away: dict[EngineName, str]


async def find() -> FoundResources:
    """Everything of every project."""
    found = await asyncio.to_thread(lambda: list(_kept()))
    away: dict[EngineName, str] = {}
    for name in ENGINES:
        module = await asyncio.to_thread(engine, name)
        try:
            found += await module.belongings()
        except EngineError as error:
            away[name] = str(error)
    found = [one for one in found if not _is_of_a_trial(one)]
    return FoundResources(sorted(found, key=lambda one: (one.project, ORDER.index(one.kind))), away)


async def dispose(one: Resource) -> None:
    """Remove it. Raises BuilddError where it stays, or a part of it."""
    if one.engine:
        module = await asyncio.to_thread(engine, EngineName(one.engine))
        await module.dispose(one)
    elif one.kind is ResourceKind.CONSENT:
        await asyncio.to_thread(consent_record.remove, one.project)
    else:
        await asyncio.to_thread(_remove, one)


def used_by(projects: Iterable[str]) -> set[EngineName]:
    """The engines in which these have had environments. Blocks."""
    return {name for project in projects for name in engines_of(project)}


def _is_of_a_trial(one: Resource) -> bool:
    """A trial may be under way in another process; it removes its own, or the next one does."""
    return "@" in one.environment or is_below(one.project, os.path.realpath(state_dir()))


def _kept() -> Iterator[Resource]:
    for project in known():
        directories = [path for path in kept_of(project) if os.path.isdir(path)]
        files = [one for path in directories for one in _files(path)]
        is_gone = not os.path.isdir(project)
        if is_gone or any(_counts(one) for one in files):
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
    """Whether it is more than a note on the project itself."""
    name = os.path.basename(file)
    return name != "path" and os.path.basename(os.path.dirname(file)) != "engines"


def _size(file: str) -> int:
    try:
        return os.lstat(file).st_blocks * 512
    except OSError:
        return 0


def _remove(state: Resource) -> None:
    for path in kept_of(state.project):
        try:
            shutil.rmtree(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise BuilddError(
                f"{error.filename} stays: {error.strerror}", f"Remove it: `sudo rm -r {path}`."
            ) from error
