"""This module finds, pulls or builds the image of an environment."""

from __future__ import annotations

import docker.errors

from buildd.config.load import key_origin
from buildd.engines import Image, OnProgress, environment_key
from buildd.engines.docker import pulling
from buildd.engines.docker.build import build
from buildd.engines.docker.client import client
from buildd.engines.docker.labels import labels
from buildd.engines.image_definition.digest import ImageDefinition, define, image_source
from buildd.errors import ImageError
from buildd.model import Environment, Project, Pull


def environment_image(
    project: Project, environment: Environment, report: OnProgress, *, rebuild: bool
) -> Image:
    """Return the environment's image as it is defined now, pulled or built if necessary.

    It blocks: call it in a thread. Raises ImageError at the failing line of the Dockerfile, or at
    the key of the configuration; ChangedFileError if a file is not what the user consented to.
    """
    if not environment.dockerfile:
        pull = Pull.ALWAYS if rebuild and environment.pull is Pull.MISSING else environment.pull
        name = environment.image
        try:
            return Image(id=pulling.ensure_image(name, pull, report), definition=name)
        except ImageError as error:
            raise _at_key(error, project, environment) from error
    key = environment_key(project.path, environment.name)

    def tag(definition: ImageDefinition) -> str:
        return f"buildd/{key}:{definition.digest[:16]}"

    source = image_source(environment, project.contents)
    definition = define(source)
    if pulling.inspect_bases(definition.base_names, source.engine):
        definition = define(source)
    if rebuild or not pulling.image_id(tag(definition)):
        own_labels = labels(project.path, environment.name)
        definition = build(source, tag, own_labels, report, no_cache=rebuild)
    name = tag(definition)
    return Image(
        id=pulling.image_id(name), tag=name, definition=definition.digest, parts=definition.parts
    )


def _at_key(error: ImageError, project: Project, environment: Environment) -> ImageError:
    """Return the error at the key that names the image; the image of a trial has no key."""
    configured = project.environments.get(environment.name)
    if configured is None or configured.image != environment.image:
        return error
    key = key_origin(project, ("environments", environment.name, "image"))
    return ImageError(error.message, error.remedy, file=key.file, line=key.line)


def remove_older(image: Image) -> None:
    """Remove the images of this environment's earlier definitions that nobody uses."""
    repository = image.tag.partition(":")[0]
    for name in pulling.tags(repository):
        if name != image.tag:
            try:
                client().images.remove(name)
            except docker.errors.APIError:
                continue  # a container still uses it
