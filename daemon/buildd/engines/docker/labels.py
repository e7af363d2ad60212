"""This module names the labels of what buildd makes in an engine.

buildd never changes or removes anything that does not have its owner's label.
"""

from __future__ import annotations

from buildd.files.state_dirs import owner

OWNER = "buildd.owner"
PROJECT = "buildd.project"
ENVIRONMENT = "buildd.environment"
TAG = "buildd.tag"
"""The tag that the configuration chose for a run image."""
CACHE = "buildd.cache"
"""The name of a volume's cache; a volume with this label and without a project's is shared."""
USER = "buildd.user"
"""The owner of a container's caches, as `uid:gid`."""
HOME = "buildd.home"
"""For the volume of a home: the id of the image whose files it began with, or empty."""


def labels(project: str, environment: str = "") -> dict[str, str]:
    """Return the labels of what belongs to a project, or to one of its environments."""
    own = {OWNER: owner(), PROJECT: project}
    return {**own, ENVIRONMENT: environment} if environment else own


def label_filter(labels: dict[str, str]) -> dict[str, str | list[str] | bool]:
    """Return a filter of the SDK for what has all of these labels."""
    return {"label": [f"{name}={value}" for name, value in labels.items()]}
