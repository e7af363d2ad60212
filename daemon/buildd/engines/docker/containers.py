"""Containers of the Docker engine: found by their labels, adopted, made and removed.

Every function here blocks; call it in a thread.
"""

from __future__ import annotations

import hashlib
import os

import docker.errors
import msgspec
from docker.models.containers import Container

from buildd.base.failpoint import CONTAINER_MADE, CONTAINER_STARTED, passing
from buildd.base.variables import plain
from buildd.engines import OnProgress, environment_key
from buildd.engines.docker import caches, limits, mount_check, users
from buildd.engines.docker.accounts import Account
from buildd.engines.docker.caches import Volumes
from buildd.engines.docker.client import client
from buildd.engines.docker.interruptible import unless_interrupted
from buildd.engines.docker.labels import USER, having, labels
from buildd.engines.docker.mount_failures import named_targets
from buildd.engines.docker.mounts import (
    INNER_SSH_AGENT,
    ContainerMounts,
    binds,
    groups,
    ours,
    ssh_agent,
)
from buildd.engines.docker.users import ContainerUser
from buildd.engines.image_definition.digest import without_image
from buildd.errors import EngineError
from buildd.model import Environment, Project

LAYOUT = 4
"""Raised when containers made by an older buildd are of no use to a newer one."""

# Waits for ever in nothing but a shell; the engine's init passes SIGTERM on.
_WAIT = "trap 'exit 0' TERM; while :; do sleep 86400 & wait; done"


class ContainerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The container that an environment asks for. `image` is the image's id, `directory` the
    run directory on the host."""

    project: Project
    environment: Environment
    image: str
    identity: ContainerUser
    seen: ContainerMounts
    directory: str

    def name(self) -> str:
        """What exactly this container is called once it is ready; another is of no use."""
        # A directory that was deleted and made again has the same path, but the old container
        # still sees the old one.
        found = os.stat(self.project.path)
        seen = self.seen
        mounts = (*seen.mounts, *seen.guards, seen.slow, seen.history)
        agent = ssh_agent(self.environment)
        environment = without_image(self.environment)
        what = (environment, self.image, self.identity, mounts, self.directory, agent)
        parts = (LAYOUT, *what, found.st_dev, found.st_ino)
        digest = hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]
        return f"buildd-{environment_key(self.project.path, self.environment.name)}-{digest}"


def find(project: str, environment: str) -> list[Container]:
    """The containers of an environment, in any state."""
    ours = having(labels(project, environment))
    return client().containers.list(all=True, filters=ours, ignore_removed=True)


def have(wanted: ContainerSpec, report: OnProgress, *, fresh: bool) -> Container:
    """The running container of exactly this configuration; others of the environment go.
    `fresh` makes a new one."""
    name = wanted.name()
    for container in find(wanted.project.path, wanted.environment.name):
        is_wanted = not fresh and container.name == name
        if is_wanted and _runs(container, report) and _sees(container, wanted, report):
            return container
        container.remove(force=True, v=True)
    report("making the container", None)
    volumes = _volumes(wanted)
    caches.refuse_other_users(volumes)
    volumes.make()
    named = named_targets(wanted.project, wanted.environment)
    with mount_check.named_blindness(), limits.named_gpus(wanted.environment), named:
        container = _create(wanted, name, volumes)
    passing(CONTAINER_MADE)
    try:
        limits.refuse_without_gpus(container, wanted.environment)
        named = named_targets(wanted.project, wanted.environment)
        with limits.named_gpus(wanted.environment), named:
            container.start()
        passing(CONTAINER_STARTED)
        mount_check.prove(container, wanted.seen)
        caches.give(container, volumes, [mount.target for mount in wanted.seen.mounts])
        if (wanted.environment.user == "host" or wanted.identity.name) and not wanted.seen.slow:
            users.prove(container, volumes.user, wanted.directory)
        unless_interrupted()
        # Whoever was killed before this has left a container that nobody adopts.
        container.rename(name)
    except BaseException:
        container.remove(force=True, v=True)
        raise
    caches.remove_old_homes(volumes)
    return container


def _volumes(wanted: ContainerSpec) -> Volumes:
    identity = wanted.identity
    user = users.account(wanted.image, identity.user, identity.name)
    taken = [cache.path for cache in wanted.environment.caches.values()]
    taken += [mount.target for mount in wanted.seen.mounts]
    return Volumes(
        project=wanted.project,
        environment=wanted.environment,
        user=user,
        image=wanted.image,
        namespace=identity.namespace,
        home="" if user.home in (*taken, *wanted.environment.limits.tmpfs) else user.home,
    )


def _runs(container: Container, report: OnProgress) -> bool:
    """Whether it runs, or could be started."""
    if container.status in ("exited", "created"):
        report("starting the container", None)
        try:
            container.start()
        except docker.errors.APIError:
            return False
        return True
    return container.status == "running"


def _sees(container: Container, wanted: ContainerSpec, report: OnProgress) -> bool:
    """Whether it sees what it did when it was made, its guards in their places."""
    try:
        if not mount_check.prove(container, wanted.seen):
            report("starting the container", None)
            container.restart(timeout=0)
    except (EngineError, docker.errors.APIError):
        return False
    return True


def _create(wanted: ContainerSpec, name: str, volumes: Volumes) -> Container:
    project, environment = wanted.project, wanted.environment
    marks = {
        **labels(project.path, environment.name),
        USER: volumes.user.owner,
    }
    mounts = [
        *binds(wanted.seen),
        *volumes.mounts(),
        *ours(project, environment, wanted.seen),
    ]
    api = client().api
    host = api.create_host_config(
        mounts=mounts,
        group_add=groups(wanted.seen),
        **limits.options(environment),
    )
    # The SDK knows Docker's own only.
    host["UsernsMode"] = wanted.identity.namespace

    def create() -> Container:
        made = api.create_container(
            wanted.image,
            entrypoint=["/bin/sh", "-c", _WAIT],
            user="0:0",
            name=f"{name}-new",
            labels=marks,
            working_dir=environment.project_target or project.path,
            environment=_variables(wanted, volumes.user),
            host_config=host,
        )
        return client().containers.get(made["Id"])

    try:
        return create()
    except docker.errors.APIError as error:
        # Podman takes a program of the host for it, which may be missing. The shell collects, too.
        if "container-init" not in str(error.explanation):
            raise
        host["Init"] = False
        return create()


def _variables(wanted: ContainerSpec, user: Account) -> dict[str, str]:
    """Those of the environment, and what makes its user feel at home."""
    environment = wanted.environment
    found = {"HOME": user.home} if wanted.identity.user else {}
    if environment.user != "host":
        # Its files may be another's than who runs git there.
        found |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }
    if ssh_agent(environment):
        found["SSH_AUTH_SOCK"] = INNER_SSH_AGENT
    return {**found, **plain(environment.env)}
