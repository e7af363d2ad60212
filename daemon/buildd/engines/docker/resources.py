"""What buildd has left in an engine that speaks Docker's API, and its removal.

Every function here blocks; call it in a thread.
"""

from __future__ import annotations

import time
from typing import Any

import docker.errors
import requests.exceptions

from buildd.engines.docker.client import client
from buildd.engines.docker.labels import CACHE, ENVIRONMENT, HOME, OWNER, PROJECT, TAG, having
from buildd.engines.docker.pulling import tags_of
from buildd.errors import EngineError
from buildd.files.state_dirs import owner
from buildd.model import EngineName, Resource, ResourceKind

USAGE_PATIENCE = 10.0
"""Seconds to wait for others who ask the engine for its disk usage: it answers one at a time."""


def ours(engine: EngineName) -> list[Resource]:
    """All that bears this owner's label, with sizes where the engine tells them."""
    usage = _usage()
    label = having({OWNER: owner()})
    api = client().api
    found = []
    for row in api.containers(all=True, filters=label):
        name = str(row["Names"][0]).lstrip("/") if row["Names"] else row["Id"][:12]
        found.append(_one(engine, ResourceKind.CONTAINER, row["Id"], name, row, usage))
    for row in api.images(filters=label):
        tags = _own_tags(row)
        if tags or not tags_of(row):  # with other people's tags alone it is theirs by now
            name = tags[0] if tags else row["Id"].removeprefix("sha256:")[:12]
            found.append(_one(engine, ResourceKind.IMAGE, row["Id"], name, row, usage))
    return found + [
        _one(engine, ResourceKind.CACHE, row["Name"], _cache_name(row), row, usage)
        for row in api.volumes(filters=label)["Volumes"] or ()
    ]


def dispose(one: Resource) -> None:
    """Remove it. Raises EngineError where something still uses it; what is gone is no error."""
    key = one.id.partition("/")[2]
    try:
        match one.kind:
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
        raise EngineError(f"the {one.kind} {one.name} stays: {reason}") from error


def _remove_cache(key: str) -> None:
    """Remove a volume, and the containers of its own project that have it mounted: they hold it
    even when they are stopped, and the next use makes them again."""
    volume = client().volumes.get(key)
    if project := (volume.attrs.get("Labels") or {}).get(PROJECT):
        users = {**having({OWNER: owner(), PROJECT: project}), "volume": key}
        for row in client().api.containers(all=True, filters=users):
            client().containers.get(row["Id"]).remove(force=True, v=True)
    volume.remove()


def _remove_image(key: str) -> None:
    """Its own tags only: one that a person gave it keeps it."""
    row = client().images.get(key).attrs
    labels = row["Config"].get("Labels") or {}
    tags = _own_tags({"RepoTags": row.get("RepoTags"), "Labels": labels})
    for name in tags or [key]:
        client().images.remove(name)


def _one(
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
    """Those that buildd gave it."""
    given = (row.get("Labels") or {}).get(TAG, "")
    return [tag for tag in tags_of(row) if tag == given or tag.startswith("buildd/")]


def _disk_usage() -> dict[str, Any]:
    deadline = time.monotonic() + USAGE_PATIENCE
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
    """The bytes that the removal of each container, image and volume frees, as far as is known."""
    told = _disk_usage()
    sizes = {row["Id"]: row.get("SizeRw", 0) for row in told.get("Containers") or ()}
    for row in told.get("Images") or ():
        sizes[row["Id"]] = row["Size"] - max(row.get("SharedSize", 0), 0)
    for row in told.get("Volumes") or ():
        sizes[row["Name"]] = (row.get("UsageData") or {}).get("Size", -1)
    return sizes
