"""A run image: built by the Docker engine from what tasks have made. Blocks."""

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
    """Build it and give it its tag; its id. What had the tag before goes, if it was ours and
    nobody uses it. Raises ImageError, with the failing line of the Dockerfile; ChangedFileError
    where that is not what was consented to."""
    recipe = ImageSource(
        table=f"images.{image.name}",
        dockerfile=image.dockerfile,
        context=image.context,
        target=image.target,
        build_args=image.build_args,
        consented=project.contents,
    )
    repository, tag = parse_repository_tag(image.tag)
    name = f"{repository}:{tag or 'latest'}"
    before = pulling.find(name)
    build(recipe, lambda _: name, {**labels(project.path), TAG: name}, report)
    made = pulling.find(name)
    if before not in ("", made):
        _remove_if_ours(before)
    return made


def _remove_if_ours(key: str) -> None:
    with suppress(docker.errors.APIError):  # in use, or gone
        found = client().images.get(key)
        if not found.tags and found.labels.get(OWNER) == owner():
            client().images.remove(key)
