"""What projects have left, and its removal."""

from __future__ import annotations

import enum

from buildd.model import Frozen, Resource


class Scope(enum.StrEnum):
    """Whose belongings: one project's, those of projects whose directory is gone, or all."""

    PROJECT = "project"
    ORPHANS = "orphans"
    ALL = "all"


class BelongingsParams(Frozen, frozen=True):
    """`project` is a path at or below a project's, of use with its scope only; the project needs
    no configuration any more."""

    project: str = ""
    scope: Scope = Scope.PROJECT


class BelongingsResult(Frozen, frozen=True):
    """What can be removed; and in words, what cannot be looked at or may not be touched now."""

    belongings: tuple[Resource, ...] = ()
    problems: tuple[str, ...] = ()


class CleanParams(Frozen, frozen=True):
    """The ids of what `buildd/belongings` has shown."""

    belongings: tuple[str, ...]


class CleanResult(Frozen, frozen=True):
    """The ids of what was removed; and in words, why the rest was not."""

    removed: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
