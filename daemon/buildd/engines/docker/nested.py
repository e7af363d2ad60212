"""Where we run in a container ourselves, beside those that we have made: how the engine, which is
outside, calls our directories.

Every function here blocks: it asks the engine, once.
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
    """The container in which we run. Of its mounts, `source` is the engine's path, `target` is
    ours."""

    container: str
    mounts: tuple[Mount, ...]


def outside(path: str) -> str:
    """How the engine calls the canonical `path`. Raises EngineError where it cannot see it."""
    ourselves = _ourselves()
    if ourselves is None:
        return path
    found = to_host(path, ourselves.mounts)
    if found is None:
        raise EngineError(
            f"the engine cannot see {path}: buildd runs in the container "
            f"{ourselves.container[:12]} itself, and nothing of the host is mounted there",
            f"Start that container with `--volume {path}:{path}`, or with a mount of a directory "
            "above.",
        )
    return found


def inner(mount: Mount) -> list[Mount]:
    """What is mounted in our own container below the source of `mount`: the engine would not show
    it, for it takes the host's directory."""
    ourselves = _ourselves()
    if ourselves is None:
        return []
    return [
        Mount(
            source=one.target,
            target=os.path.join(mount.target, below),
            read_only=mount.read_only or one.read_only,
        )
        for one in ourselves.mounts
        if (below := relative_to(one.target, mount.source))
    ]


_known: dict[str, OwnContainer | None] = {}
"""By the engine: what it is that we run in does not change."""


def _ourselves() -> OwnContainer | None:
    name = service().name
    if name not in _known:
        _known[name] = _find()
    return _known[name]


def _find() -> OwnContainer | None:
    for candidate in candidates(_read("/proc/self/mountinfo"), _read("/proc/self/cgroup")):
        try:
            found = client().api.inspect_container(candidate)
        except docker.errors.NotFound:
            continue  # a container, but of another engine
        return OwnContainer(container=found["Id"], mounts=tuple(_mounts(found["Mounts"])))
    return None


def candidates(mountinfo: str, cgroup: str) -> list[str]:
    """What may be the id of the container in which a process with these files of /proc runs."""
    files = re.findall(
        r"^\S+ \S+ \S+ \S*/([0-9a-f]{64})/(?:userdata/)?\S+ /etc/(?:hostname|hosts|resolv\.conf) ",
        mountinfo,
        re.MULTILINE,
    )
    groups = re.findall(r"[/-]([0-9a-f]{64})(?:\.scope)?(?:/\S*)?$", cgroup, re.MULTILINE)
    name = socket.gethostname()
    names = [name] if os.path.exists("/.dockerenv") and re.fullmatch("[0-9a-f]{12}", name) else []
    return list(dict.fromkeys([*files, *groups, *names]))


def _mounts(found: list[dict[str, object]]) -> Iterator[Mount]:
    for one in found:
        if one.get("Type") in ("bind", "volume"):
            yield Mount(
                source=str(one["Source"]),
                target=os.path.realpath(str(one["Destination"])),
                read_only=not one.get("RW", True),
            )


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""
