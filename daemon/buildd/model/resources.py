"""This module defines what buildd makes for a project outside the project's directory."""

from __future__ import annotations

import enum

from buildd.model.base import Frozen


class ResourceKind(enum.StrEnum):
    """The kinds of resources, in the order of their removal: containers before their images."""

    CONTAINER = "container"
    IMAGE = "image"
    CACHE = "cache"
    STATE = "state"
    """Logs, results and histories in buildd's own directories."""
    CONSENT = "consent"
    """The user's recorded trust in the project."""


class Resource(Frozen, frozen=True):
    """A resource is one thing that buildd made for a project and can remove.

    `id` is unique among all resources; `name` is what the user reads. `project` is empty if
    several projects share the resource. `environment` and `engine` are empty if it belongs to
    none. `size` is the number of bytes that its removal frees, or -1 if that is unknown.
    """

    kind: ResourceKind
    id: str
    name: str
    project: str
    environment: str = ""
    engine: str = ""
    size: int = -1
