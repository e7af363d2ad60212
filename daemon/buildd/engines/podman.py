"""This engine is Podman: its service has Docker's API, so the code of the Docker engine is used."""

from __future__ import annotations

from buildd.engines import Image, Instance, OnProgress
from buildd.engines.docker import engine as docker
from buildd.engines.docker.client import PODMAN, use_service
from buildd.model import Check, Environment, Project, Resource, RunImage


async def up(
    project: Project,
    environment: Environment,
    report: OnProgress,
    *,
    rebuild: bool = False,
    fresh: bool = False,
) -> Instance:
    """Adopt the environment's container, or make it and its image."""
    with use_service(PODMAN):
        return await docker.up(project, environment, report, rebuild=rebuild, fresh=fresh)


async def image(
    project: Project, environment: Environment, report: OnProgress, *, rebuild: bool = False
) -> Image:
    """Pull or build the environment's image, and leave its container."""
    with use_service(PODMAN):
        return await docker.image(project, environment, report, rebuild=rebuild)


async def stop(project: str, environment: str) -> bool:
    """Stop the environment's containers; return whether any ran."""
    with use_service(PODMAN):
        return await docker.stop(project, environment)


async def run_image(project: Project, image: RunImage, report: OnProgress) -> str:
    """Build a run image, give it its tag, and return its id."""
    with use_service(PODMAN):
        return await docker.run_image(project, image, report)


async def list_resources() -> list[Resource]:
    """Return everything that this daemon has made in Podman."""
    with use_service(PODMAN):
        return await docker.list_resources()


async def remove_resource(resource: Resource) -> None:
    """Remove a resource."""
    with use_service(PODMAN):
        await docker.remove_resource(resource)


async def remove_environment(project: str, environment: str, *, reclaim: bool) -> None:
    """Remove the environment's containers and caches."""
    with use_service(PODMAN):
        await docker.remove_environment(project, environment, reclaim=reclaim)


async def is_available() -> bool:
    """Return whether Podman's service exists."""
    with use_service(PODMAN):
        return await docker.is_available()


async def checks() -> list[Check]:
    """Return whether the service answers, with its version."""
    with use_service(PODMAN):
        return await docker.checks()
