"""This module checks that a container has the host's files, by a file with random content.

An engine on another machine, in a virtual machine, or outside the container in which the daemon
runs resolves paths in its own file system, and usually mounts an empty directory.
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

# Prints the file's content and the mounts, with a shell alone.
_READ = """
read -r content <"$1"
printf '%s\\n' "$content"
while read -r line; do printf '%s\\n' "$line"; done </proc/self/mountinfo
"""

_LOCAL = "http+docker://localhost"
"""The SDK's address for every socket of this machine."""


def check_mounts(container: Container, all_mounts: ContainerMounts) -> bool:
    """Return whether all guards are mounted.

    It blocks. Raises EngineError if the project's directory in the container is another one.
    """
    own = all_mounts.mounts[0]
    with _random_file(own.source) as (name, content):
        command = ["/bin/sh", "-c", _READ, "read", os.path.join(own.target, name)]
        found, *lines = _output(container, command).split("\n")
    if content and found != content:
        raise other_files_error(own.source)
    read_only = _read_only(lines)
    return all(guard.target in read_only for guard in all_mounts.guards if guard.read_only)


@contextmanager
def mount_errors() -> Iterator[None]:
    """Turn the engine's error about a missing directory into an EngineError with a remedy."""
    try:
        yield
    except docker.errors.APIError as error:
        match = re.search(r"bind source path does not exist: (.+)", str(error.explanation))
        if not match:
            raise
        raise other_files_error(match[1].strip()) from error


def other_files_error(path: str) -> EngineError:
    """Return the error for a directory that the engine does not have as the host has it."""
    address = client().api.base_url
    if address != _LOCAL:
        return EngineError(
            f"the engine at {address.removeprefix('http+docker://')} cannot mount {path}: it is on "
            "another machine, with other files",
            "Unset DOCKER_HOST or choose the context of a local engine, or run buildd on that "
            "machine.",
        )
    return EngineError(
        f"the engine cannot mount {path}: it mounts another directory of that name",
        "It may run in a virtual machine or a snap that shares only some directories: share this "
        "one in its settings, or move the project to a shared one.",
    )


@contextmanager
def _random_file(directory: str) -> Iterator[tuple[str, str]]:
    """Make a file below the directory while the context lasts; yield its name and content.

    The content is empty if the file cannot be made.
    """
    token = secrets.token_hex(16)
    # File watchers and `git status` ignore files in git's directory.
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
    """Return the mount points in lines of mountinfo (proc(5)) that are read-only."""
    mount_points: dict[str, bool] = {}
    for line in lines:
        fields = line.split(" ")
        if len(fields) > 5:
            path = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[4])
            mount_points[path] = "ro" in fields[5].split(",")
    return {path for path, is_read_only in mount_points.items() if is_read_only}
