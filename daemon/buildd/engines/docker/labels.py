"""The labels of what buildd makes in an engine; nothing without its owner's is ever touched."""

from __future__ import annotations

from buildd.files.state_dirs import owner

OWNER = "buildd.owner"
PROJECT = "buildd.project"
ENVIRONMENT = "buildd.environment"
TAG = "buildd.tag"
"""The tag that buildd gave an image, where it was not of its own choosing."""
CACHE = "buildd.cache"
"""The label with a cache's name; a volume that has it and no project's is shared."""
USER = "buildd.user"
"""The label of a container with whom its caches belong to: `uid:gid`."""
HOME = "buildd.home"
"""The label of a volume that is an environment's home: what of the image it began with."""


def labels(project: str, environment: str = "") -> dict[str, str]:
    """Of what belongs to the project, and to one of its environments."""
    found = {OWNER: owner(), PROJECT: project}
    return {**found, ENVIRONMENT: environment} if environment else found


def having(labels: dict[str, str]) -> dict[str, str | list[str] | bool]:
    """A filter, as the SDK takes it, for what has all of these labels."""
    return {"label": [f"{name}={value}" for name, value in labels.items()]}
