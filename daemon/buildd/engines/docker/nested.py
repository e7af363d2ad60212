"""This module translates paths for the engine if the daemon itself runs in a container.

The engine is outside that container, and has other paths for its directories. Every function here
blocks, because it asks the engine once.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator

import docker.errors
import msgspec

from buildd.base.containment import relative_to
from buildd.engines.docker.client import client, service
from buildd.errors import EngineError
from buildd.files.path_map import to_host
from buildd.model import Mount


class OwnContainer(msgspec.Struct, frozen=True):
    """The container in which the daemon runs.

    `source` of its mounts is the engine's path, and `target` is the daemon's.
    """

    container: str
    mounts: tuple[Mount, ...]


def engine_path(path: str) -> str:
    """Return the engine's path for the daemon's canonical `path`.

    Raises EngineError if the engine cannot see it.
    """
    own = _own_container()
    if own is None:
        return path
    translated = to_host(path, own.mounts)
    if translated is None:
        raise EngineError(
            f"the engine cannot see {path}: buildd runs in the container {own.container[:12]}, "
            "where nothing of the host is mounted at that path",
            f"Start that container with `--volume {path}:{path}`, or mount a directory above it.",
        )
    return translated


def mounts_below(mount: Mount) -> list[Mount]:
    """Return the mounts of the daemon's own container that are below the source of `mount`.

    The engine mounts the host's directory, so they would be missing without mounts of their own.
    """
    own = _own_container()
    if own is None:
        return []
    return [
        Mount(
            source=own_mount.target,
            target=os.path.join(mount.target, below),
            read_only=mount.read_only or own_mount.read_only,
        )
        for own_mount in own.mounts
        if (below := relative_to(own_mount.target, mount.source))
    ]


_own_containers: dict[str, OwnContainer | None] = {}
"""The daemon's own container, by the name of the engine; it never changes."""


def _own_container() -> OwnContainer | None:
    name = service().name
    if name not in _own_containers:
        _own_containers[name] = _find()
    return _own_containers[name]


def _find() -> OwnContainer | None:
    mountinfo, cgroup = _read("/proc/self/mountinfo"), _read("/proc/self/cgroup")
    for candidate in possible_ids(mountinfo, cgroup):
        try:
            row = client().api.inspect_container(candidate)
        except docker.errors.NotFound:
            continue  # it is a container of another engine
        return OwnContainer(container=row["Id"], mounts=tuple(_mounts(row["Mounts"])))
    return None


def possible_ids(mountinfo: str, cgroup: str) -> list[str]:
    """Return possible ids of the container of a process, from its files in /proc (proc(5))."""
    files = re.findall(
        r"^\S+ \S+ \S+ \S*/([0-9a-f]{64})/(?:userdata/)?\S+ /etc/(?:hostname|hosts|resolv\.conf) ",
        mountinfo,
        re.MULTILINE,
    )
    groups = re.findall(r"[/-]([0-9a-f]{64})(?:\.scope)?(?:/\S*)?$", cgroup, re.MULTILINE)
    name = socket.gethostname()
    names = [name] if os.path.exists("/.dockerenv") and re.fullmatch("[0-9a-f]{12}", name) else []
    return list(dict.fromkeys([*files, *groups, *names]))


def _mounts(rows: list[dict[str, object]]) -> Iterator[Mount]:
    for row in rows:
        if row.get("Type") in ("bind", "volume"):
            yield Mount(
                source=str(row["Source"]),
                target=os.path.realpath(str(row["Destination"])),
                read_only=not row.get("RW", True),
            )


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""
