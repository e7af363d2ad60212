"""This module lists and removes what buildd has made in an engine with Docker's API.

Every function here blocks: call it in a thread.
"""

from __future__ import annotations

import time
from typing import Any

import docker.errors
import requests.exceptions

from buildd.engines.docker.client import client
from buildd.engines.docker.labels import (
    CACHE,
    ENVIRONMENT,
    HOME,
    OWNER,
    PROJECT,
    TAG,
    label_filter,
)
from buildd.engines.docker.pulling import tags_of
from buildd.errors import EngineError
from buildd.files.state_dirs import owner
from buildd.model import EngineName, Resource, ResourceKind

USAGE_TIMEOUT = 10.0
"""Seconds to wait while another client asks the engine for its disk usage; it answers only one."""


def list_resources(engine: EngineName) -> list[Resource]:
    """Return everything with this owner's label, with its size if the engine reports it."""
    usage = _usage()
    filters = label_filter({OWNER: owner()})
    api = client().api
    found = []
    for row in api.containers(all=True, filters=filters):
        name = str(row["Names"][0]).lstrip("/") if row["Names"] else row["Id"][:12]
        found.append(_resource(engine, ResourceKind.CONTAINER, row["Id"], name, row, usage))
    for row in api.images(filters=filters):
        tags = _own_tags(row)
        if tags or not tags_of(row):  # an image with tags of the user only is the user's
            name = tags[0] if tags else row["Id"].removeprefix("sha256:")[:12]
            found.append(_resource(engine, ResourceKind.IMAGE, row["Id"], name, row, usage))
    return found + [
        _resource(engine, ResourceKind.CACHE, row["Name"], _cache_name(row), row, usage)
        for row in api.volumes(filters=filters)["Volumes"] or ()
    ]


def remove_resource(resource: Resource) -> None:
    """Remove a resource, which may be gone already.

    Raises EngineError if something still uses it.
    """
    key = resource.id.partition("/")[2]
    try:
        match resource.kind:
            case ResourceKind.CONTAINER:
                client().containers.get(key).remove(force=True, v=True)
            case ResourceKind.IMAGE:
                _remove_image(key)
            case _:
                _remove_cache(key)
    except docker.errors.NotFound:
        return
    except docker.errors.APIError as error:
        reason = error.explanation or str(error)
        raise EngineError(
            f"the {resource.kind} {resource.name} cannot be removed: {reason}"
        ) from error


def _remove_cache(key: str) -> None:
    """Remove a volume, and the containers of its own project that have it mounted.

    Even stopped containers keep a volume from being removed; the next use creates them again.
    """
    volume = client().volumes.get(key)
    if project := (volume.attrs.get("Labels") or {}).get(PROJECT):
        users = {**label_filter({OWNER: owner(), PROJECT: project}), "volume": key}
        for row in client().api.containers(all=True, filters=users):
            client().containers.get(row["Id"]).remove(force=True, v=True)
    volume.remove()


def _remove_image(key: str) -> None:
    """Remove buildd's tags of an image; if the user gave it another tag, the image stays."""
    row = client().images.get(key).attrs
    labels = row["Config"].get("Labels") or {}
    tags = _own_tags({"RepoTags": row.get("RepoTags"), "Labels": labels})
    for name in tags or [key]:
        client().images.remove(name)


def _resource(
    engine: EngineName,
    kind: ResourceKind,
    key: str,
    name: str,
    row: dict[str, Any],
    usage: dict[str, int],
) -> Resource:
    labels = row.get("Labels") or {}
    return Resource(
        kind=kind,
        id=f"{engine}/{key}",
        name=name,
        project=labels.get(PROJECT, ""),
        environment=labels.get(ENVIRONMENT, ""),
        engine=engine,
        size=usage.get(key, -1),
    )


def _cache_name(row: dict[str, Any]) -> str:
    labels = row.get("Labels") or {}
    return "home" if HOME in labels else str(labels.get(CACHE) or row["Name"])


def _own_tags(row: dict[str, Any]) -> list[str]:
    """Return the tags of an image that buildd gave it."""
    own = (row.get("Labels") or {}).get(TAG, "")
    return [tag for tag in tags_of(row) if tag == own or tag.startswith("buildd/")]


def _disk_usage() -> dict[str, Any]:
    deadline = time.monotonic() + USAGE_TIMEOUT
    while True:
        try:
            return client().df()
        except requests.exceptions.Timeout:
            return {}
        except docker.errors.APIError as error:
            if "already running" not in str(error) or time.monotonic() > deadline:
                return {}
            time.sleep(0.1)


def _usage() -> dict[str, int]:
    """Return the known sizes in bytes of containers, images and volumes, without shared layers."""
    usage = _disk_usage()
    sizes = {row["Id"]: row.get("SizeRw", 0) for row in usage.get("Containers") or ()}
    for row in usage.get("Images") or ():
        sizes[row["Id"]] = row["Size"] - max(row.get("SharedSize", 0), 0)
    for row in usage.get("Volumes") or ():
        sizes[row["Name"]] = (row.get("UsageData") or {}).get("Size", -1)
    return sizes
