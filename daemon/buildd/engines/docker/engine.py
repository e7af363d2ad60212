"""This engine is Docker: each environment has one warm container, which is found by its labels."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any, cast

import msgspec
from docker.models.containers import Container

from buildd.engines import (
    Attachment,
    Image,
    Inspect,
    Instance,
    OnProgress,
    ProcessState,
    cgroup,
    history_directory,
    run_directory,
)
from buildd.engines.docker import (
    attached_exec,
    caches,
    containers,
    limits,
    mounts,
    resources,
    users,
)
from buildd.engines.docker.client import PODMAN, client, in_thread, service, use_service
from buildd.engines.docker.images import environment_image, remove_older
from buildd.engines.docker.interruptible import interruptible, unless_interrupted
from buildd.engines.docker.labels import USER
from buildd.engines.docker.mounts import INNER_RUN_DIRECTORY, ContainerMounts
from buildd.engines.docker.run_image import build_run_image
from buildd.errors import EngineError, NoEngineError
from buildd.files.state_dirs import note_mounts
from buildd.model import Check, EngineName, Environment, Project, Resource, RunImage

STOP_TIMEOUT = 2
"""Seconds that processes in a stopped container have before they are killed."""


async def up(
    project: Project,
    environment: Environment,
    report: OnProgress,
    *,
    rebuild: bool = False,
    fresh: bool = False,
) -> Instance:
    """Adopt the environment's container, or make it and its image; return the instance."""
    directory = run_directory(project.path, environment.name)

    def work() -> tuple[Container, Image, str, bool, ContainerMounts]:
        all_mounts = mounts.container_mounts(project, environment)
        writable = [mount.source for mount in all_mounts.mounts if not mount.read_only]
        note_mounts(project.path, environment.name, writable)
        image = environment_image(project, environment, report, rebuild=rebuild)
        unless_interrupted()
        chosen = users.container_user(environment, image.id)
        spec = containers.ContainerSpec(
            project=project,
            environment=environment,
            image=image.id,
            user=chosen,
            mounts=all_mounts,
            directory=directory,
        )
        container = containers.ensure_container(spec, report, fresh=fresh or rebuild)
        if image.tag:
            remove_older(image)
        # The container itself runs as root, which prepares it, even if the image has another user.
        user = chosen.user or container.labels[USER]
        shared = not chosen.user and users.is_other_user(user)
        if shared:
            # This opens it in the container only: on the host, its parent directory is private.
            os.chmod(history_directory(project.path, environment.name), 0o777)  # noqa: S103
        container.reload()
        remarks = (*all_mounts.remarks, *limits.remarks(environment))
        return container, image, user, shared, msgspec.structs.replace(all_mounts, remarks=remarks)

    running, image, user, shared, all_mounts = await interruptible(work)
    container = cast("str", running.id)
    engine = service()

    async def launch(script: str, arguments: Sequence[str]) -> Inspect:
        command = ["/bin/sh", f"{INNER_RUN_DIRECTORY}/{script}", INNER_RUN_DIRECTORY, *arguments]
        with use_service(engine):
            started = await in_thread(_launch, container, user, command)

        async def inspect() -> ProcessState:
            with use_service(engine):
                return await in_thread(attached_exec.inspect, started)

        return inspect

    async def attach(command: Sequence[str], terminal: bool) -> Attachment:  # noqa: FBT001
        with use_service(engine):
            return await attached_exec.attach(container, user, command, terminal)

    return Instance(
        run_directory=directory,
        launch=launch,
        attach=attach,
        shared=shared,
        mounts=all_mounts.mounts,
        guarded=all_mounts.guarded,
        remarks=all_mounts.remarks,
        slow=all_mounts.slow,
        group=cgroup.group_of(running.attrs["State"]["Pid"], container),
        history=all_mounts.history,
        container=container,
        image=environment.image or image.id.removeprefix("sha256:")[:12],
        definition=image.definition,
        parts=image.parts,
    )


async def image(
    project: Project, environment: Environment, report: OnProgress, *, rebuild: bool = False
) -> Image:
    """Pull or build the environment's image, and leave its container."""
    return await interruptible(environment_image, project, environment, report, rebuild=rebuild)


async def stop(project: str, environment: str) -> bool:
    """Stop the environment's containers; return whether any ran."""

    def work() -> bool:
        running = [
            container
            for container in containers.find(project, environment)
            if container.status not in ("created", "exited")
        ]
        for container in running:
            container.stop(timeout=STOP_TIMEOUT)
        return bool(running)

    return await in_thread(work)


async def run_image(project: Project, image: RunImage, report: OnProgress) -> str:
    """Build a run image, give it its tag, and return its id."""
    return await interruptible(build_run_image, project, image, report)


async def list_resources() -> list[Resource]:
    """Return everything that this daemon has made in the engine."""
    name = EngineName.PODMAN if service() is PODMAN else EngineName.DOCKER
    return await in_thread(resources.list_resources, name)


async def remove_resource(resource: Resource) -> None:
    """Remove a resource."""
    await in_thread(resources.remove_resource, resource)


async def remove_environment(project: str, environment: str, *, reclaim: bool) -> None:
    """Remove the environment's containers and caches."""

    def work() -> None:
        for container in containers.find(project, environment):
            if reclaim:
                users.reclaim(container, project)
            container.remove(force=True, v=True)
        caches.remove_volumes(project, environment)

    await in_thread(work)


async def is_available() -> bool:
    """Return whether the engine exists, even if it refuses this user or does not answer."""
    try:
        await in_thread(lambda: client().ping())
    except NoEngineError:
        return False
    except EngineError:
        return True
    return True


async def checks() -> list[Check]:
    """Return whether the engine answers, with its version."""

    def work() -> dict[str, Any]:
        return client().version()

    try:
        version = await asyncio.wait_for(in_thread(work), 10)
    except TimeoutError:
        remedy = f"Check with `{service().command} info`, and restart it."
        return [_failed_check("it does not answer within 10 s", remedy)]
    except EngineError as error:
        return [_failed_check(error.message, error.remedy)]
    detail = f"{version.get('Version')} (API {version.get('ApiVersion')}, {version.get('Os')})"
    return [Check(name=_name(), state="ok", detail=detail)]


def _failed_check(detail: str, remedy: str) -> Check:
    return Check(name=_name(), state="error", detail=detail, remedy=remedy)


def _name() -> str:
    return f"{service().name} engine"


def _launch(container: str, user: str, command: list[str]) -> str:
    api = client().api
    created = api.exec_create(container, command, user=user, stdout=False, stderr=False)
    api.exec_start(created["Id"], detach=True)
    return cast("str", created["Id"])
