"""This module defines the methods that list and remove what buildd made for projects."""

from __future__ import annotations

import enum

from buildd.model import Frozen, Resource


class Scope(enum.StrEnum):
    """The scope of a list: one project, projects whose directory is gone, or all projects."""

    PROJECT = "project"
    ORPHANS = "orphans"
    ALL = "all"


class BelongingsParams(Frozen, frozen=True):
    """List the resources in a scope.

    `project` is a path at or below the project's directory, and is used with the scope `project`
    only. The project does not need a configuration any more.
    """

    project: str = ""
    scope: Scope = Scope.PROJECT


class BelongingsResult(Frozen, frozen=True):
    """The resources that can be removed.

    `problems` are sentences about resources that cannot be read, or are in use now.
    """

    belongings: tuple[Resource, ...] = ()
    problems: tuple[str, ...] = ()


class CleanParams(Frozen, frozen=True):
    """Remove resources by the ids that `buildd/belongings` returned."""

    belongings: tuple[str, ...]


class CleanResult(Frozen, frozen=True):
    """The ids of the removed resources; `problems` say why the others remain."""

    removed: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
