"""This module chooses the user who runs commands in a container.

Files that commands write must belong to the host's user. How that works depends on the engine, so
it is checked once for each container.
"""

from __future__ import annotations

import functools
import io
import os
import pwd
import secrets
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

import docker.errors
import msgspec
from docker.models.containers import Container

from buildd.base.json_text import parse_json
from buildd.engines.docker.accounts import Account, account_of, ids_of, named_account
from buildd.engines.docker.client import PODMAN, client, service
from buildd.engines.docker.labels import USER, labels
from buildd.engines.docker.mounts import INNER_RUN_DIRECTORY
from buildd.errors import EngineError
from buildd.model import Environment

FILE_LIMIT = 1 << 20
"""Bytes of a file of an image that are read."""

NAME_LIMIT = 50
"""Largest number of an image's users that an error names."""


class ContainerUser(msgspec.Struct, frozen=True):
    """The user who runs commands in a container."""

    user: str
    """`uid:gid`, or empty for the image's own user."""
    namespace: str = ""
    """The engine's user namespace mode; empty for the engine's default."""
    name: str = ""
    """The user of the image whose name and home go with the ids; empty for none."""


def container_user(environment: Environment, image: str) -> ContainerUser:
    """Return the user who runs the environment's commands in the image with this id.

    It blocks, because it asks the engine.
    """
    user = environment.user
    if user == "image":
        user = _devcontainer_user(client().images.get(image).labels) or user
    is_podman = service() is PODMAN
    found = choose_user(user, client().info(), _own_ids(), is_podman=is_podman)
    if user in ("host", "image", "root"):
        return found
    return msgspec.structs.replace(found, name=user)


def _own_ids() -> str:
    return f"{os.getuid()}:{os.getgid()}"


def _devcontainer_user(labels: Mapping[str, str]) -> str:
    """Return the `remoteUser` in an image's dev container metadata, or empty.

    The `USER` of such an image is usually root. Source: "Image Metadata" of the dev container
    specification.
    """
    try:
        rows = parse_json(labels.get("devcontainer.metadata", "[]"))
    except ValueError:
        return ""
    names = [
        row.get("remoteUser")
        for row in (rows if isinstance(rows, list) else [rows])
        if isinstance(row, dict)
    ]
    found = next((name for name in reversed(names) if isinstance(name, str) and name), "")
    return found if found != "root" else ""


def choose_user(user: str, info: Mapping[str, Any], ids: str, *, is_podman: bool) -> ContainerUser:
    """Choose the user from the engine's `info`; `ids` are the host user's `uid:gid`. It is pure."""
    options = info.get("SecurityOptions") or []
    rootless = bool(info.get("Rootless")) or any("name=rootless" in option for option in options)
    # With userns-remap, files of the container's root would belong to nobody on the host.
    namespace = "host" if any("name=userns" in option for option in options) else ""
    if user == "image":
        return ContainerUser("", namespace)
    if user == "root":
        return ContainerUser("0:0", namespace)
    if not rootless:
        return ContainerUser(ids, namespace)
    # Root in a rootless engine is the host's user. Podman can also keep that user's own ids, so
    # that nothing runs as root; Docker cannot.
    return ContainerUser(ids, "keep-id") if is_podman and ids != "0:0" else ContainerUser("0:0")


def is_other_user(user: str) -> bool:
    """Return whether `uid:gid` is neither root nor this user, and so cannot use its directories."""
    return user.partition(":")[0] not in ("0", str(os.getuid()))


def reclaim(container: Container, directory: str) -> None:
    """Give the files in a mounted directory of the host to this user. It blocks."""
    if os.getuid() == 0:
        return  # root can remove the files anyway
    is_podman = service() is PODMAN
    own = choose_user("host", client().info(), _own_ids(), is_podman=is_podman)
    # In a rootless container without keep-id, this user's ids are another user's, and root is this
    # user.
    has_own_ids = own.namespace != "keep-id" or container.labels.get(USER) == own.user
    owner = own.user if has_own_ids else "0:0"
    for mount in container.attrs["Mounts"]:
        if mount.get("Source") == directory:
            container.start()
            command = ["chown", "-R", owner, mount["Destination"]]
            container.exec_run(command, user="0:0")


@functools.lru_cache(maxsize=64)
def account(image: str, user: str, named: str = "") -> Account:
    """Return the account of a user in the image with this id.

    `user` is `uid:gid`, or empty for the image's own user; `named` is the image's user whose name
    and home go with the ids. It blocks. Raises EngineError if the image has no user `named`.
    """
    probe = client().containers.create(image, entrypoint=["/bin/sh"], command=[], labels=labels(""))
    try:
        passwd, group = (_content(probe, path) for path in ("/etc/passwd", "/etc/group"))
        own = str(probe.attrs["Config"].get("User") or "")
    finally:
        probe.remove(force=True, v=True)
    uid, gid = map(int, user.split(":")) if user else ids_of(own, passwd, group)
    if not named:
        return account_of(uid, gid, _host_name(uid), passwd, group)
    found = named_account(uid, gid, named, passwd, group)
    if found is None:
        names = ", ".join(row.partition(":")[0] for row in passwd.splitlines()[:NAME_LIMIT])
        raise EngineError(
            f"the image has no user `{named}`",
            f'It has: {names or "none"}. To use your own user, set `user = "host"`.',
        )
    return found


def check_ownership(container: Container, user: Account, directory: str) -> None:
    """Let the user write a file in the run directory, and check its owner on the host.

    It blocks. Raises EngineError if the file does not belong to this user, or if the user cannot
    write in the project.
    """
    name = f"proof-{secrets.token_hex(6)}"
    project = container.attrs["Config"]["WorkingDir"]
    script = f'>{INNER_RUN_DIRECTORY}/$1 && {{ [ -w "$2" ] || echo read-only; }}'
    command = ["/bin/sh", "-c", script, "check", name, project]
    result = container.exec_run(command, user=user.owner)
    output = cast("bytes", result.output).decode("utf-8", "replace").strip()
    path = os.path.join(directory, name)
    owner = _owner(path)
    with suppress(FileNotFoundError):
        os.unlink(path)
    who = f"the environment's user {user.owner}"
    remedy = (
        "The engine maps users differently: it may belong to another user, or run on another "
        "machine. Use your own rootless engine, or the engine of this machine."
    )
    if owner is None:
        raise EngineError(f"{who} cannot write to your directories: {output}", remedy)
    if owner != os.getuid():
        raise EngineError(
            f"files that {who} writes belong to the user {owner} of this machine, but you are "
            f"{os.getuid()}",
            remedy,
        )
    if output and os.access(_source(container, project), os.W_OK):
        raise EngineError(f"{who} cannot write to {project}, but you can", remedy)


def _owner(path: str) -> int | None:
    try:
        return os.stat(path).st_uid
    except FileNotFoundError:
        return None


def _source(container: Container, target: str) -> str:
    mounts = container.attrs["Mounts"]
    return next((mount["Source"] for mount in mounts if mount["Destination"] == target), "")


def _content(container: Container, path: str) -> str:
    """Return the text of a small file, or empty if there is none. Raises EngineError if large."""
    try:
        pieces, _ = container.get_archive(path)
        data = bytearray()
        for piece in pieces:
            data += piece
            if len(data) > FILE_LIMIT:
                raise EngineError(
                    f"the image's {path} is larger than {FILE_LIMIT >> 20} MiB",
                    "Use another image.",
                )
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            member = tar.next()
            file = tar.extractfile(member) if member and member.isfile() else None
            return file.read().decode("utf-8", "replace") if file else ""
    except (docker.errors.NotFound, KeyError):
        return ""


def _host_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user{uid}"
