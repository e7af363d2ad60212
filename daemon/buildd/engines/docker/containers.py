"""This module finds, adopts, creates and removes containers of the Docker engine.

Every function here blocks: call it in a thread.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import docker.errors
import msgspec
from docker.models.containers import Container

from buildd.base.failpoint import CONTAINER_MADE, CONTAINER_STARTED, hit_failpoint
from buildd.base.variables import without_variables
from buildd.engines import OnProgress, environment_key
from buildd.engines.docker import bind_sources, caches, limits, mount_check, users
from buildd.engines.docker.accounts import Account
from buildd.engines.docker.bind_sources import BindSource
from buildd.engines.docker.caches import Volumes
from buildd.engines.docker.client import client
from buildd.engines.docker.interruptible import unless_interrupted
from buildd.engines.docker.labels import USER, label_filter, labels
from buildd.engines.docker.mounts import (
    INNER_SSH_AGENT,
    ContainerMounts,
    binds,
    socket_groups,
    ssh_agent,
    to_engine,
)
from buildd.engines.docker.users import ContainerUser
from buildd.engines.image_definition.digest import without_image
from buildd.errors import EngineError
from buildd.model import Environment, Project
from buildd.paths import short_hash

LAYOUT = 4
"""Version of how containers are made. It is incremented when older containers must be replaced."""

# Waits forever with a shell alone; the engine's init forwards SIGTERM.
_WAIT = "trap 'exit 0' TERM; while :; do sleep 86400 & wait; done"


class ContainerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The container that an environment needs."""

    project: Project
    environment: Environment
    image: str
    """The id of the image."""
    user: ContainerUser
    mounts: ContainerMounts
    directory: str
    """The run directory on the host."""

    def name(self) -> str:
        """Return the name of a ready container with exactly this specification."""
        # If the project's directory was deleted and made again, it has the same path, but the old
        # container still has the old directory.
        status = os.stat(self.project.path)
        mounts = (
            *self.mounts.mounts,
            *self.mounts.guards,
            self.mounts.slow,
            self.mounts.history,
        )
        agent = ssh_agent(self.environment)
        environment = without_image(self.environment)
        specified = (environment, self.image, self.user, mounts, self.directory, agent)
        parts = (LAYOUT, *specified, status.st_dev, status.st_ino)
        digest = short_hash(msgspec.json.encode(parts).decode())
        return f"buildd-{environment_key(self.project.path, self.environment.name)}-{digest}"


def find(project: str, environment: str) -> list[Container]:
    """Return the containers of an environment, in any state."""
    filters = label_filter(labels(project, environment))
    return client().containers.list(all=True, filters=filters, ignore_removed=True)


def ensure_container(spec: ContainerSpec, report: OnProgress, *, fresh: bool) -> Container:
    """Return a running container with this specification, and remove the environment's others.

    `fresh` makes a new one. Raises EngineError.
    """
    wanted = binds(spec.project, spec.environment, spec.mounts)
    with bind_sources.opened(wanted) as sources:
        return _ensure(spec, sources, report, fresh=fresh)


def _ensure(
    spec: ContainerSpec, sources: Sequence[BindSource], report: OnProgress, *, fresh: bool
) -> Container:
    name = spec.name()
    for container in find(spec.project.path, spec.environment.name):
        is_usable = not fresh and container.name == name
        if (
            is_usable
            and _is_running(container, report)
            and _has_mounts(container, spec, sources, report)
        ):
            return container
        container.remove(force=True, v=True)
    report("creating the container", None)
    volumes = _volumes(spec)
    caches.refuse_other_users(volumes)
    volumes.create()
    with mount_check.mount_errors(), limits.gpu_errors(spec.environment):
        container = _create(spec, name, sources, volumes)
    hit_failpoint(CONTAINER_MADE)
    try:
        limits.require_gpus(container, spec.environment)
        with limits.gpu_errors(spec.environment):
            container.start()
        hit_failpoint(CONTAINER_STARTED)
        mount_check.check_mounts(container, spec.mounts, sources, is_new=True)
        caches.prepare_user(container, volumes, [mount.target for mount in spec.mounts.mounts])
        if (spec.environment.user == "host" or spec.user.name) and not spec.mounts.slow:
            users.check_ownership(container, volumes.user, spec.directory)
        unless_interrupted()
        # The name marks the container as ready: if the daemon is killed before this line, the next
        # one does not adopt the container.
        container.rename(name)
    except BaseException:
        container.remove(force=True, v=True)
        raise
    caches.remove_old_homes(volumes)
    return container


def _volumes(spec: ContainerSpec) -> Volumes:
    user = users.account(spec.image, spec.user.user, spec.user.name)
    targets = [cache.path for cache in spec.environment.caches.values()]
    targets += [mount.target for mount in spec.mounts.mounts]
    targets += spec.environment.limits.tmpfs
    return Volumes(
        project=spec.project,
        environment=spec.environment,
        user=user,
        image=spec.image,
        namespace=spec.user.namespace,
        home="" if user.home in targets else user.home,
    )


def _is_running(container: Container, report: OnProgress) -> bool:
    """Return whether the container runs, after a try to start it."""
    if container.status in ("exited", "created"):
        report("starting the container", None)
        try:
            container.start()
        except docker.errors.APIError:
            return False
        return True
    return container.status == "running"


def _has_mounts(
    container: Container, spec: ContainerSpec, sources: Sequence[BindSource], report: OnProgress
) -> bool:
    """Return whether the container still has its mounts, after a restart if guards are missing."""
    try:
        if mount_check.check_mounts(container, spec.mounts, sources):
            return True
        report("starting the container", None)
        container.restart(timeout=0)
        # The restart mounted everything again.
        mount_check.check_mounts(container, spec.mounts, sources, is_new=True)
    except (EngineError, docker.errors.APIError):
        return False
    return True


def _create(
    spec: ContainerSpec, name: str, sources: Sequence[BindSource], volumes: Volumes
) -> Container:
    project, environment = spec.project, spec.environment
    mounts = [*to_engine(source.mount for source in sources), *volumes.mounts()]
    api = client().api
    host = api.create_host_config(
        mounts=mounts,
        group_add=socket_groups(spec.mounts),
        **limits.options(environment),
    )
    # The SDK's parameter accepts only Docker's own value.
    host["UsernsMode"] = spec.user.namespace

    def create() -> Container:
        created = api.create_container(
            spec.image,
            entrypoint=["/bin/sh", "-c", _WAIT],
            user="0:0",
            name=f"{name}-new",
            labels={**labels(project.path, environment.name), USER: volumes.user.owner},
            working_dir=environment.project_target or project.path,
            environment=_variables(spec, volumes.user),
            host_config=host,
        )
        return client().containers.get(created["Id"])

    try:
        return create()
    except docker.errors.APIError as error:
        # Podman's init is a program of the host, which may be missing. The shell collects orphaned
        # processes too.
        if "container-init" not in str(error.explanation):
            raise
        host["Init"] = False
        return create()


def _variables(spec: ContainerSpec, user: Account) -> dict[str, str]:
    """Return the environment's variables, with those that the user's programs need."""
    environment = spec.environment
    variables = {"HOME": user.home} if spec.user.user else {}
    if environment.user != "host":
        # The project's files may belong to another user than the one who runs git.
        variables |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }
    if ssh_agent(environment):
        variables["SSH_AUTH_SOCK"] = INNER_SSH_AGENT
    return {**variables, **without_variables(environment.env)}
