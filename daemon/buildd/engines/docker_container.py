"""Containers of the Docker engine: found by their labels, adopted, made and removed.

Every function here blocks; call it in a thread.
"""

from __future__ import annotations

import hashlib
import os

import docker.errors
import msgspec
from docker.models.containers import Container
from docker.models.volumes import Volume

from buildd.engines import (
    Report,
    docker_limits,
    docker_mounts,
    docker_sight,
    docker_user,
    environment_key,
)
from buildd.engines.definition import without_image
from buildd.engines.docker_client import client
from buildd.engines.docker_labels import having, labels
from buildd.engines.docker_mounts import Seen
from buildd.errors import EngineError
from buildd.failpoint import CONTAINER_MADE, CONTAINER_STARTED, passing
from buildd.model import Environment, Project
from buildd.variables import plain

LABEL_HASH = "buildd.hash"
LAYOUT = 3
"""Raised when containers made by an older buildd are of no use to a newer one."""

# Waits for ever in nothing but a shell; the engine's init passes SIGTERM on.
_WAIT = "trap 'exit 0' TERM; while :; do sleep 86400 & wait; done"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """The container that an environment asks for. `image` is the image's id, `user` as
    `docker_user.user` gives it, `directory` the run directory on the host."""

    project: Project
    environment: Environment
    image: str
    user: str
    seen: Seen
    directory: str

    def hash(self) -> str:
        """Names exactly this container: one with another hash is of no use."""
        # A directory that was deleted and made again has the same path, but the old container
        # still sees the old one.
        found = os.stat(self.project.path)
        seen = self.seen
        mounts = (*seen.mounts, *seen.guards, seen.slow, seen.history)
        agent = docker_mounts.ssh_agent(self.environment)
        environment = without_image(self.environment)
        what = (environment, self.image, self.user, mounts, self.directory, agent)
        parts = (LAYOUT, *what, found.st_dev, found.st_ino)
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]


def find(project: str, environment: str) -> list[Container]:
    """The containers of an environment, in any state."""
    ours = having(labels(project, environment))
    return client().containers.list(all=True, filters=ours, ignore_removed=True)


def caches(project: str, environment: str) -> list[Volume]:
    """The volumes that were made for an environment."""
    return client().volumes.list(filters=having(labels(project, environment)))


def have(wanted: Wanted, report: Report, *, fresh: bool) -> Container:
    """The running container of exactly this configuration; others of the environment go.
    `fresh` makes a new one."""
    name = wanted.hash()
    for container in find(wanted.project.path, wanted.environment.name):
        is_wanted = not fresh and container.labels.get(LABEL_HASH) == name
        if is_wanted and _runs(container, report) and _sees(container, wanted, report):
            return container
        container.remove(force=True, v=True)
    report("making the container", None)
    with docker_sight.named_blindness():
        container = _create(wanted, name)
    passing(CONTAINER_MADE)
    try:
        container.start()
        passing(CONTAINER_STARTED)
        docker_user.prepare(container, wanted.environment, wanted.user)
        docker_sight.prove(container, wanted.seen)
    except BaseException:
        container.remove(force=True, v=True)
        raise
    return container


def _runs(container: Container, report: Report) -> bool:
    """Whether it runs, or could be started."""
    if container.status in ("exited", "created"):
        report("starting the container", None)
        try:
            container.start()
        except docker.errors.APIError:
            return False
        return True
    return container.status == "running"


def _sees(container: Container, wanted: Wanted, report: Report) -> bool:
    """Whether it sees what it did when it was made, its guards in their places."""
    try:
        if not docker_sight.prove(container, wanted.seen):
            report("starting the container", None)
            container.restart(timeout=0)
    except (EngineError, docker.errors.APIError):
        return False
    return True


def _create(wanted: Wanted, name: str) -> Container:
    project, environment = wanted.project, wanted.environment
    marks = {**labels(project.path, environment.name), LABEL_HASH: name}
    return client().containers.create(
        wanted.image,
        entrypoint=["/bin/sh", "-c", _WAIT],
        command=[],
        user="0:0" if wanted.user else "",
        name=f"buildd-{environment_key(project.path, environment.name)}-{name[:6]}",
        labels=marks,
        mounts=[
            *docker_mounts.binds(wanted.seen),
            *docker_mounts.volumes(project, environment, marks),
            *docker_mounts.ours(project, environment, wanted.seen),
        ],
        working_dir=environment.project_target or project.path,
        environment=_variables(environment),
        **docker_limits.options(environment),
    )


def _variables(environment: Environment) -> dict[str, str]:
    if docker_mounts.ssh_agent(environment):
        return {"SSH_AUTH_SOCK": docker_mounts.INNER_SSH_AGENT, **plain(environment.env)}
    return plain(environment.env)
