"""Who runs commands in a container, on every kind of engine, and what that user finds there.

Files that commands write must belong to the user of the host. How that is done depends on the
engine; that it was done right is proved once for each container.
"""

from __future__ import annotations

import functools
import io
import json
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

from buildd.engines.docker.accounts import Account, account_of, ids_of, named_account
from buildd.engines.docker.client import PODMAN, client, service
from buildd.engines.docker.labels import USER, labels
from buildd.engines.docker.mounts import INNER_RUN_DIRECTORY
from buildd.errors import EngineError
from buildd.model import Environment

ACCOUNTS_LIMIT = 4 << 20
"""Bytes of an image's `/etc/passwd` or `/etc/group`."""

MOST_NAMES = 50
"""Users of an image that an error names."""


class ContainerUser(msgspec.Struct, frozen=True):
    """Who runs commands: `user` is `uid:gid` as the engine takes it, empty for the image's own;
    `namespace` which users the container shares with the host, empty for the engine's choice;
    `name` the user of the image whose name and home go with the ids, empty for none."""

    user: str
    namespace: str = ""
    name: str = ""


def identity(environment: Environment, image: str) -> ContainerUser:
    """Who is to run the environment's commands, in the image with this id. Blocks: asks the
    engine."""
    user = environment.user
    if user == "image":
        user = _meant_by(client().images.get(image).labels) or user
    is_podman = service() is PODMAN
    found = chosen(user, client().info(), _own_ids(), is_podman=is_podman)
    if user in ("host", "image", "root"):
        return found
    return msgspec.structs.replace(found, name=user)


def _own_ids() -> str:
    return f"{os.getuid()}:{os.getgid()}"


def _meant_by(marks: Mapping[str, str]) -> str:
    """The user that an image made for devcontainers says to be, else empty: commonly its `USER` is
    root all the same."""
    try:
        rows = json.loads(marks.get("devcontainer.metadata", "[]"))
    except ValueError:
        return ""
    names = [
        row.get("remoteUser")
        for row in (rows if isinstance(rows, list) else [rows])
        if isinstance(row, dict)
    ]
    found = next((name for name in reversed(names) if isinstance(name, str) and name), "")
    return found if found != "root" else ""


def chosen(user: str, info: Mapping[str, Any], ids: str, *, is_podman: bool) -> ContainerUser:
    """The same, from what the engine tells of itself; `ids` are the host user's. Pure."""
    options = info.get("SecurityOptions") or []
    rootless = bool(info.get("Rootless")) or any("name=rootless" in one for one in options)
    # What a remapped root wrote would belong to nobody on the host.
    namespace = "host" if any("name=userns" in one for one in options) else ""
    if user == "image":
        return ContainerUser("", namespace)
    if user == "root":
        return ContainerUser("0:0", namespace)
    if not rootless:
        return ContainerUser(ids, namespace)
    # A rootless engine's root is the host user. Podman can have that user keep its own ids too,
    # so that nothing runs as root; Docker cannot.
    return ContainerUser(ids, "keep-id") if is_podman and ids != "0:0" else ContainerUser("0:0")


def is_another(user: str) -> bool:
    """Whether who runs commands as `uid:gid` is neither root nor us, and so cannot enter what is
    ours."""
    return user.partition(":")[0] not in ("0", str(os.getuid()))


def reclaim(container: Container, directory: str) -> None:
    """Make ours what the container wrote in a directory of the host that it sees. Blocks."""
    if os.getuid() == 0:
        return  # who can remove it anyway
    is_podman = service() is PODMAN
    we = chosen("host", client().info(), _own_ids(), is_podman=is_podman)
    # Where it does not keep our ids, those are somebody else's, and its root is us.
    has_our_ids = we.namespace != "keep-id" or container.labels.get(USER) == we.user
    owner = we.user if has_our_ids else "0:0"
    for mount in container.attrs["Mounts"]:
        if mount.get("Source") == directory:
            container.start()
            command = ["chown", "-R", owner, mount["Destination"]]
            container.exec_run(command, user="0:0")


@functools.lru_cache(maxsize=64)
def account(image: str, user: str, named: str = "") -> Account:
    """What the image with this id knows of the user: `uid:gid` or empty for its own, as its user
    of the name `named` if one is given. Raises EngineError if there is none. Blocks."""
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
        names = ", ".join(row.partition(":")[0] for row in passwd.splitlines()[:MOST_NAMES])
        raise EngineError(
            f"the image has no user `{named}`",
            f'It has: {names or "none"}. Or be yourself in it: `user = "host"`.',
        )
    return found


def prove(container: Container, user: Account, directory: str) -> None:
    """Have the user write a file through the mount of the run directory, and look at it from here.
    Raises EngineError where it does not belong to us, or where the project cannot be written.
    Blocks."""
    name = f"proof-{secrets.token_hex(6)}"
    project = container.attrs["Config"]["WorkingDir"]
    script = f'>{INNER_RUN_DIRECTORY}/$1 && {{ [ -w "$2" ] || echo closed; }}'
    command = ["/bin/sh", "-c", script, "prove", name, project]
    told = container.exec_run(command, user=user.owner)
    output = cast("bytes", told.output).decode("utf-8", "replace").strip()
    path = os.path.join(directory, name)
    owner = _owner(path)
    with suppress(FileNotFoundError):
        os.unlink(path)
    who = f"the environment's user {user.owner}"
    remedy = (
        "The engine gives the container other users than this machine has: is it another user's, "
        "or on another machine? Of your own rootless engine, or of the machine's, it works."
    )
    if owner is None:
        raise EngineError(f"{who} cannot write to directories of yours: {output}", remedy)
    if owner != os.getuid():
        raise EngineError(
            f"what {who} writes belongs to the user {owner} of this machine, and you are "
            f"{os.getuid()}",
            remedy,
        )
    if output and os.access(_source(container, project), os.W_OK):
        raise EngineError(f"{who} cannot write to {project}, and you can", remedy)


def _owner(path: str) -> int | None:
    try:
        return os.stat(path).st_uid
    except FileNotFoundError:
        return None


def _source(container: Container, target: str) -> str:
    mounts = container.attrs["Mounts"]
    return next((one["Source"] for one in mounts if one["Destination"] == target), "")


def _content(container: Container, path: str) -> str:
    """The text of a small file, empty where there is none."""
    try:
        pieces, _ = container.get_archive(path)
        archive = b""
        for piece in pieces:
            archive += piece
            if len(archive) > ACCOUNTS_LIMIT:
                raise EngineError(
                    f"{path} of the image has more than {ACCOUNTS_LIMIT >> 20} MiB",
                    "buildd adds an entry to it: use an image with a smaller one.",
                )
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
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
