"""This module builds a run image from what tasks have made. It blocks: call it in a thread."""

from __future__ import annotations

from contextlib import suppress

import docker.errors
from docker.utils import parse_repository_tag

from buildd.engines import OnProgress
from buildd.engines.docker import pulling
from buildd.engines.docker.build import build
from buildd.engines.docker.client import client
from buildd.engines.docker.labels import OWNER, TAG, labels
from buildd.engines.image_definition.digest import ImageSource
from buildd.files.state_dirs import owner
from buildd.model import Project, RunImage


def build_run_image(project: Project, image: RunImage, report: OnProgress) -> str:
    """Build a run image, give it its tag, and return its id.

    The image that had the tag before is removed if buildd made it and nobody uses it. Raises
    ImageError at the failing line of the Dockerfile, ChangedFileError if that is not what the user
    consented to.
    """
    source = ImageSource(
        table=f"images.{image.name}",
        dockerfile=image.dockerfile,
        context=image.context,
        target=image.target,
        build_args=image.build_args,
        consented=project.contents,
    )
    repository, tag = parse_repository_tag(image.tag)
    name = f"{repository}:{tag or 'latest'}"
    before = pulling.image_id(name)
    build(source, lambda _: name, {**labels(project.path), TAG: name}, report)
    built = pulling.image_id(name)
    if before not in ("", built):
        _remove_own_image(before)
    return built


def _remove_own_image(key: str) -> None:
    with suppress(docker.errors.APIError):  # it is in use, or gone already
        image = client().images.get(key)
        if not image.tags and image.labels.get(OWNER) == owner():
            client().images.remove(key)
