"""Whether a container sees what we see: tried with a file of random content, not guessed.

An engine on another machine, in a virtual one, or outside of the container in which we run takes a
path of ours for one of its own, and mounts what it finds there: as a rule, an empty directory.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import docker.errors
from docker.models.containers import Container

from buildd.engines.docker.attached_exec import DockerExec
from buildd.engines.docker.client import client
from buildd.engines.docker.mounts import ContainerMounts
from buildd.errors import EngineError
from buildd.files.mount_table import mounted

# Nothing but a shell: what it finds in the file, and what is mounted.
_LOOK = """
read -r found <"$1"
printf '%s\\n' "$found"
while read -r line; do printf '%s\\n' "$line"; done </proc/self/mountinfo
"""

_LOCAL = "http+docker://localhost"
"""What the SDK calls the address of every socket of this machine."""


def prove(container: Container, seen: ContainerMounts) -> bool:
    """Whether all guards are in their places. Raises EngineError if the container's directory of
    the project is not the project's. Blocks."""
    own = seen.mounts[0]
    with _random_file(own.source) as (name, content):
        command = ["/bin/sh", "-c", _LOOK, "look", os.path.join(own.target, name)]
        found, *lines = _output(container, command).split("\n")
    if content and found != content:
        raise unseen(own.source)
    read_only = _read_only(lines)
    return all(guard.target in read_only for guard in seen.guards if guard.read_only)


@contextmanager
def named_blindness() -> Iterator[None]:
    """What the engine says of a directory that it does not find, as an EngineError."""
    try:
        yield
    except docker.errors.APIError as error:
        found = re.search(r"bind source path does not exist: (.+)", str(error.explanation))
        if not found:
            raise
        raise unseen(found[1].strip()) from error


def unseen(path: str) -> EngineError:
    """What to say of a directory that the engine cannot mount as we see it."""
    address = client().api.base_url
    if address != _LOCAL:
        return EngineError(
            f"the engine at {address.removeprefix('http+docker://')} does not see {path} as it is "
            "here: it is another machine, with other files",
            "buildd mounts directories. Unset DOCKER_HOST or choose the context of a local engine, "
            "or run buildd on that machine.",
        )
    return EngineError(
        f"the engine does not see {path} as it is here: what it mounts is another directory",
        "It may run in a virtual machine or in a snap that shares only some directories: share "
        "this one in its settings, or move the project to one that it sees.",
    )


@contextmanager
def _random_file(directory: str) -> Iterator[tuple[str, str]]:
    """A file below the directory, while the context lasts; its name and its content, which is
    empty where none can be made."""
    token = secrets.token_hex(16)
    # Where git looks after its own, watchers and `git status` do not look.
    inner = ".git" if os.path.isdir(os.path.join(directory, ".git", "objects")) else ""
    name = os.path.join(inner, f".buildd-{token[:8]}")
    path = os.path.join(directory, name)
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    except OSError:
        yield name, ""
        return
    try:
        with os.fdopen(fd, "w") as file:
            file.write(f"{token}\n")
        yield name, token
    finally:
        with suppress(OSError):
            os.unlink(path)


def _output(container: Container, command: list[str]) -> str:
    attached = DockerExec(str(container.id), "0:0", command, terminal=False)
    try:
        attached.end_input()
        output = b"".join(data for stream, data in attached.pieces() if stream == 1)
    finally:
        attached.close()
    return os.fsdecode(output)


def _read_only(lines: list[str]) -> set[str]:
    """Of lines of mountinfo, the places that cannot be written."""
    places = {mount.target: mount.is_read_only for mount in mounted(lines)}
    return {place for place, is_read_only in places.items() if is_read_only}
