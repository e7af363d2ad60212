"""Find out whether we run in a pipeline's job that has a container of its own."""

from __future__ import annotations

import os

CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv")
"""The files that Docker and Podman create in every container."""

CONTAINER_VARIABLES = ("container", "KUBERNETES_SERVICE_HOST")
"""The variables that Podman and systemd (`container`) and Kubernetes set in a container."""

IMAGE_VARIABLE = "CI_JOB_IMAGE"
"""The variable in which GitLab gives the job's image."""


def runs_in_container() -> bool:
    """Return whether this is a pipeline's job in a container.

    Every pipeline sets `CI`; a developer's shell in a container does not.
    """
    if os.environ.get("CI", "").lower() not in ("true", "1", "yes"):
        return False
    return any(map(os.path.exists, CONTAINER_FILES)) or any(
        map(os.environ.get, CONTAINER_VARIABLES)
    )


def difference(image: str) -> str:
    """Return a remark if the job's image is known and is not the environment's; else an empty text.

    `image` is the environment's, empty if it is built from a Dockerfile.
    """
    own = os.environ.get(IMAGE_VARIABLE, "")
    if not own or not image or own == image:
        return ""
    return f"; the job's image is {own}, the environment's {image}"
