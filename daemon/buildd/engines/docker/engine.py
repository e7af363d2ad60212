"""Docker as an engine: one warm container per environment, adopted by its labels."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any, cast

import msgspec
from docker.models.containers import Container

from buildd.engines import (
    Attachment,
    Guest,
    Image,
    Inspect,
    Instance,
    OnProgress,
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
from buildd.engines.docker.client import PODMAN, client, in_thread, service, speaking_to
from buildd.engines.docker.images import ensure, remove_older
from buildd.engines.docker.interruptible import interruptible, unless_interrupted
from buildd.engines.docker.labels import USER
from buildd.engines.docker.mounts import INNER_RUN_DIRECTORY, ContainerMounts
from buildd.engines.docker.run_image import build_run_image
from buildd.errors import EngineError, NoEngineError
from buildd.files.state_dirs import note_mounts
from buildd.model import Check, EngineName, Environment, Project, Resource, RunImage

STOP_TIMEOUT = 2
"""Seconds that what is left in a container has to end by itself."""


async def up(
    project: Project,
    environment: Environment,
    report: OnProgress,
    *,
    rebuild: bool = False,
    fresh: bool = False,
) -> Instance:
    """Adopt the environment's container, or make it, and its image if need be."""
    directory = run_directory(project.path, environment.name)

    def work() -> tuple[Container, Image, str, bool, ContainerMounts]:
        seen = mounts.of(project, environment)
        writable = [mount.source for mount in seen.mounts if not mount.read_only]
        note_mounts(project.path, environment.name, writable)
        image = ensure(project, environment, report, rebuild=rebuild)
        unless_interrupted()
        identity = users.identity(environment, image.id)
        wanted = containers.ContainerSpec(
            project=project,
            environment=environment,
            image=image.id,
            identity=identity,
            seen=seen,
            directory=directory,
        )
        container = containers.have(wanted, report, fresh=fresh or rebuild)
        if image.tag:
            remove_older(image)
        # The container is root's, who makes it ready, also where the image has another user.
        user = identity.user or container.labels[USER]
        shared = not identity.user and users.is_another(user)
        if shared:
            # Only inside: on the host, the directory above it stays closed to others.
            os.chmod(history_directory(project.path, environment.name), 0o777)  # noqa: S103
        container.reload()
        remarks = (*seen.remarks, *limits.remarks(environment))
        return container, image, user, shared, msgspec.structs.replace(seen, remarks=remarks)

    made, image, user, shared, seen = await interruptible(work)
    container = cast("str", made.id)
    engine = service()

    async def launch(script: str, arguments: Sequence[str]) -> Inspect:
        command = ["/bin/sh", f"{INNER_RUN_DIRECTORY}/{script}", INNER_RUN_DIRECTORY, *arguments]
        with speaking_to(engine):
            started = await in_thread(_launch, container, user, command)

        async def inspect() -> Guest:
            with speaking_to(engine):
                return await in_thread(attached_exec.inspect, started)

        return inspect

    async def attach(command: Sequence[str], terminal: bool) -> Attachment:  # noqa: FBT001
        with speaking_to(engine):
            return await attached_exec.attach(container, user, command, terminal)

    return Instance(
        run_directory=directory,
        launch=launch,
        attach=attach,
        shared=shared,
        mounts=seen.mounts,
        guarded=seen.guarded,
        remarks=seen.remarks,
        slow=seen.slow,
        group=cgroup.group_of(made.attrs["State"]["Pid"], container),
        history=seen.history,
        container=container,
        image=environment.image or image.id.removeprefix("sha256:")[:12],
        definition=image.definition,
        parts=image.parts,
    )


async def image(
    project: Project, environment: Environment, report: OnProgress, *, rebuild: bool = False
) -> Image:
    """Pull or build the environment's image; its container stays as it is."""
    return await interruptible(ensure, project, environment, report, rebuild=rebuild)


async def stop(project: str, environment: str) -> bool:
    """Stop the environment's containers; whether any ran."""

    def work() -> bool:
        found = containers.find(project, environment)
        running = [one for one in found if one.status not in ("created", "exited")]
        for container in running:
            container.stop(timeout=STOP_TIMEOUT)
        return bool(running)

    return await in_thread(work)


async def run_image(project: Project, image: RunImage, report: OnProgress) -> str:
    """Build a run image and give it its tag; its id."""
    return await interruptible(build_run_image, project, image, report)


async def belongings() -> list[Resource]:
    """What every project of ours has left in the engine."""
    name = EngineName.PODMAN if service() is PODMAN else EngineName.DOCKER
    return await in_thread(resources.ours, name)


async def dispose(one: Resource) -> None:
    """Remove it."""
    await in_thread(resources.dispose, one)


async def discard(project: str, environment: str, *, reclaim: bool) -> None:
    """Remove the environment's containers and its caches."""

    def work() -> None:
        for container in containers.find(project, environment):
            if reclaim:
                users.reclaim(container, project)
            container.remove(force=True, v=True)
        caches.discard(project, environment)

    await in_thread(work)


async def is_there() -> bool:
    """Whether there is an engine."""
    try:
        await in_thread(lambda: client().ping())
    except NoEngineError:
        return False
    except EngineError:
        return True
    return True


async def checks() -> list[Check]:
    """Whether the engine answers, and which it is."""

    def work() -> dict[str, Any]:
        return client().version()

    try:
        version = await asyncio.wait_for(in_thread(work), 10)
    except TimeoutError:
        remedy = f"Look at `{service().name.lower()} info`; restart it."
        return [_bad("it does not answer within 10 s", remedy)]
    except EngineError as error:
        return [_bad(error.message, error.remedy)]
    detail = f"{version.get('Version')} (API {version.get('ApiVersion')}, {version.get('Os')})"
    return [Check(name=_name(), state="ok", detail=detail)]


def _bad(detail: str, remedy: str) -> Check:
    return Check(name=_name(), state="error", detail=detail, remedy=remedy)


def _name() -> str:
    return f"{service().name} engine"


def _launch(container: str, user: str, command: list[str]) -> str:
    api = client().api
    created = api.exec_create(container, command, user=user, stdout=False, stderr=False)
    api.exec_start(created["Id"], detach=True)
    return cast("str", created["Id"])
