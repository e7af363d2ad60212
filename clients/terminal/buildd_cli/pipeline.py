"""The job of a pipeline that we may run in, and whether it has a container of its own."""

from __future__ import annotations

import os

CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv")
"""Docker and Podman put one into each container."""

CONTAINER_VARIABLES = ("container", "KUBERNETES_SERVICE_HOST")
"""Podman and systemd set the one, Kubernetes the other."""

IMAGE_VARIABLE = "CI_JOB_IMAGE"
"""What GitLab calls the image of the job."""


def runs_in_container() -> bool:
    """Whether this is a pipeline's job in a container: every pipeline sets `CI`. A developer's
    shell in a container is none."""
    if os.environ.get("CI", "").lower() not in ("true", "1", "yes"):
        return False
    return any(map(os.path.exists, CONTAINER_FILES)) or any(
        map(os.environ.get, CONTAINER_VARIABLES)
    )


def difference(image: str) -> str:
    """That the job's image is another than the environment's, as far as anybody tells; else empty.
    `image` is empty where a Dockerfile makes it."""
    own = os.environ.get(IMAGE_VARIABLE, "")
    if not own or not image or own == image:
        return ""
    return f"; the job's image is {own}, the environment's {image}"
