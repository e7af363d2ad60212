"""What a project leaves outside its directory."""

from __future__ import annotations

import enum

from buildd.model.base import Frozen


class ResourceKind(enum.StrEnum):
    """What a project leaves outside its directory; what uses others first."""

    CONTAINER = "container"
    IMAGE = "image"
    CACHE = "cache"
    STATE = "state"
    """Logs, results, histories: in buildd's own directories."""
    CONSENT = "consent"


class Resource(Frozen, frozen=True):
    """One thing that buildd made for a project. `id` names it among all of them, `name` is for the
    user; `project` is empty where several share it, `environment` and `engine` where it belongs to
    none. `size` is the bytes that its removal frees, -1 if that is not known."""

    kind: ResourceKind
    id: str
    name: str
    project: str
    environment: str = ""
    engine: str = ""
    size: int = -1
