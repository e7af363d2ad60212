"""Images of the Docker engine: an environment's, found, pulled or built."""

from __future__ import annotations

import docker.errors

from buildd.config.load import place
from buildd.engines import Image, OnProgress, environment_key
from buildd.engines.docker import pulling
from buildd.engines.docker.build import build
from buildd.engines.docker.client import client
from buildd.engines.docker.labels import labels
from buildd.engines.image_definition.digest import ImageDefinition, define, recipe_of
from buildd.errors import ImageError
from buildd.model import Environment, Project, Pull


def ensure(
    project: Project, environment: Environment, report: OnProgress, *, rebuild: bool
) -> Image:
    """Have the environment's image as it is defined now. Blocks; call it in a thread.

    Raises ImageError, with the line of the Dockerfile that failed, or of the configuration;
    ChangedFileError where a file is not what was consented to.
    """
    if not environment.dockerfile:
        pull = Pull.ALWAYS if rebuild and environment.pull is Pull.MISSING else environment.pull
        name = environment.image
        try:
            return Image(id=pulling.have(name, pull, report), definition=name)
        except ImageError as error:
            raise _placed(error, project, environment) from error
    key = environment_key(project.path, environment.name)

    def tag(definition: ImageDefinition) -> str:
        return f"buildd/{key}:{definition.digest[:16]}"

    recipe = recipe_of(environment, project.contents)
    definition = define(recipe)
    if pulling.learn(definition.base_names, recipe.engine):
        definition = define(recipe)
    if rebuild or not pulling.find(tag(definition)):
        ours = labels(project.path, environment.name)
        definition = build(recipe, tag, ours, report, anew=rebuild)
    name = tag(definition)
    return Image(
        id=pulling.find(name), tag=name, definition=definition.digest, parts=definition.parts
    )


def _placed(error: ImageError, project: Project, environment: Environment) -> ImageError:
    """The error at the key that names the image; a trial's is none of the configuration."""
    configured = project.environments.get(environment.name)
    if configured is None or configured.image != environment.image:
        return error
    key = place(project, ("environments", environment.name, "image"))
    return ImageError(error.message, error.remedy, file=key.file, line=key.line)


def remove_older(image: Image) -> None:
    """Untag what this environment's earlier definitions built; the engine keeps what is in use."""
    repository = image.tag.partition(":")[0]
    for name in pulling.tags(repository):
        if name != image.tag:
            try:
                client().images.remove(name)
            except docker.errors.APIError:
                continue  # in use by a container that somebody made of it
