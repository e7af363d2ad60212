"""Podman as an engine: its service speaks Docker's API, and Docker's modules do the work."""

from __future__ import annotations

from buildd.engines import Image, Instance, OnProgress
from buildd.engines.docker import engine as docker
from buildd.engines.docker.client import PODMAN, speaking_to
from buildd.model import Check, Environment, Project, Resource, RunImage


async def up(
    project: Project,
    environment: Environment,
    report: OnProgress,
    *,
    rebuild: bool = False,
    fresh: bool = False,
) -> Instance:
    """Adopt the environment's container, or make it, and its image if need be."""
    with speaking_to(PODMAN):
        return await docker.up(project, environment, report, rebuild=rebuild, fresh=fresh)


async def image(
    project: Project, environment: Environment, report: OnProgress, *, rebuild: bool = False
) -> Image:
    """Pull or build the environment's image; its container stays as it is."""
    with speaking_to(PODMAN):
        return await docker.image(project, environment, report, rebuild=rebuild)


async def stop(project: str, environment: str) -> bool:
    """Stop the environment's containers; whether any ran."""
    with speaking_to(PODMAN):
        return await docker.stop(project, environment)


async def run_image(project: Project, image: RunImage, report: OnProgress) -> str:
    """Build a run image and give it its tag; its id."""
    with speaking_to(PODMAN):
        return await docker.run_image(project, image, report)


async def belongings() -> list[Resource]:
    """What every project of ours has left in the engine."""
    with speaking_to(PODMAN):
        return await docker.belongings()


async def dispose(one: Resource) -> None:
    """Remove it."""
    with speaking_to(PODMAN):
        await docker.dispose(one)


async def discard(project: str, environment: str, *, reclaim: bool) -> None:
    """Remove the environment's containers and its caches."""
    with speaking_to(PODMAN):
        await docker.discard(project, environment, reclaim=reclaim)


async def is_there() -> bool:
    """Whether there is a service."""
    with speaking_to(PODMAN):
        return await docker.is_there()


async def checks() -> list[Check]:
    """Whether the service answers, and which it is."""
    with speaking_to(PODMAN):
        return await docker.checks()
