"""Who runs commands in a container of the Docker engine, and what that user finds there."""

from __future__ import annotations

import os
import pwd
from typing import cast

from docker.models.containers import Container

from buildd.engines.docker_client import client
from buildd.errors import EngineError
from buildd.model import Environment

# As root: gives the user a name and a home where the image knows neither, and the caches' roots
# to the user. Appends; what the image says of its own users stays.
_PREPARE = """
uid=$1 gid=$2 name=$3 home=$4; shift 4
if ! grep -q "^[^:]*:[^:]*:$gid:" /etc/group; then echo "$name:x:$gid:" >>/etc/group; fi
if ! grep -q "^[^:]*:[^:]*:$uid:" /etc/passwd; then
    grep -q "^$name:" /etc/passwd && name=$name-host
    echo "$name:x:$uid:$gid:$name:$home:/bin/sh" >>/etc/passwd
    mkdir -p "$home" && chown "$uid:$gid" "$home"
fi
for cache; do chown "$uid:$gid" "$cache"; done
"""


def user(environment: Environment) -> str:
    """`uid:gid` for runs, or empty for the image's own user. Blocks: asks the engine."""
    if environment.user == "image":
        return ""
    # In rootless Docker the container's root is the host user.
    options = client().info().get("SecurityOptions") or []
    if environment.user == "root" or any("name=rootless" in option for option in options):
        return "0:0"
    return f"{os.getuid()}:{os.getgid()}"


def is_another(container: Container) -> bool:
    """Whether its image's own user is neither root nor us, and so cannot enter what is ours."""
    name = str(container.attrs["Config"].get("User") or "").partition(":")[0]
    return name not in ("", "root", "0", str(os.getuid()))


def prepare(container: Container, environment: Environment, user: str) -> None:
    """Make the user known in a new container that runs. Raises EngineError. Blocks."""
    uid, _, gid = user.partition(":")
    caches = [cache.path for cache in environment.caches.values()]
    if not user or (uid == "0" and not caches):
        return
    name = pwd.getpwuid(int(uid)).pw_name if _has_name(int(uid)) else f"user{uid}"
    arguments = [uid, gid, name, f"/home/{name}", *caches]
    result = container.exec_run(["/bin/sh", "-c", _PREPARE, "prepare", *arguments], user="0:0")
    if result.exit_code != 0:
        text = cast("bytes", result.output).decode("utf-8", "replace").strip()
        raise EngineError(f"the container's user could not be made: {text}")


def reclaim(container: Container, directory: str) -> None:
    """Make ours what the container wrote in a directory of the host that it sees. Blocks."""
    if os.getuid() == 0:
        return  # who can remove it anyway
    owner = user(Environment(name=""))
    for mount in container.attrs["Mounts"]:
        if mount.get("Source") == directory:
            container.start()
            command = ["chown", "-R", owner, mount["Destination"]]
            container.exec_run(command, user="0:0")


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
