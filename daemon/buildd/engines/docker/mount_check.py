"""This module checks that a container has the host's files: it asks the kernel, and tries a file.

An engine on another machine, in a virtual machine, or outside the container in which the daemon
runs resolves paths in its own file system, and usually mounts an empty directory.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

import docker.errors
from docker.models.containers import Container

from buildd.engines.docker.attached_exec import DockerExec
from buildd.engines.docker.bind_sources import BindSource, require_mounted
from buildd.engines.docker.client import client
from buildd.engines.docker.mountinfo import MountPoint, of_process, parse
from buildd.engines.docker.mounts import INNER_RUN_DIRECTORY, ContainerMounts
from buildd.errors import EngineError

# Prints the kernel's boot id, the file's content and the mounts, with a shell alone.
_LOOK = """
for file in /proc/sys/kernel/random/boot_id "$1"; do
    found=
    read -r found <"$file"
    printf '%s\\n' "$found"
done
while read -r line; do printf '%s\\n' "$line"; done </proc/self/mountinfo
"""

_BOOT = "/proc/sys/kernel/random/boot_id"

_LOCAL = "http+docker://localhost"
"""The SDK's address for every socket of this machine."""


def check_mounts(
    container: Container,
    all_mounts: ContainerMounts,
    sources: Sequence[BindSource],
    *,
    is_new: bool = False,
) -> bool:
    """Return whether all guards are mounted; in a container that `is_new` they must be.

    `sources` are the opened files and directories that were checked, the project's first. It must
    be called before anything of the user runs in the container, and blocks. Raises EngineError if
    something else than these very files is mounted.
    """
    losable = () if is_new else [guard.target for guard in all_mounts.guards]
    table = _table_of(container, sources)
    # buildd's own directories are the user's alone: nobody inside can exchange them. They may come
    # by another file system, over which pipes do not reach.
    internal = (INNER_RUN_DIRECTORY, all_mounts.history)
    compared = [source for source in sources if source.mount.target not in internal]
    # The kernel is asked before anything of the image.
    is_whole = _compared(compared, table, losable)
    kernel, found = _look(container, sources[0])
    if is_whole is None and not table and kernel == _text(_BOOT).strip():
        is_whole = _compared(compared, found, losable)
    if is_whole is None:
        # The container has its files by a file system of its own, as in a virtual machine.
        for source in compared[1:]:
            if stat.S_ISDIR(os.fstat(source.descriptor).st_mode):
                _look(container, source)
    read_only = _read_only(found)
    return is_whole is not False and all(
        guard.target in read_only for guard in all_mounts.guards if guard.read_only
    )


def _compared(
    sources: Sequence[BindSource], table: Sequence[MountPoint], losable: Collection[str]
) -> bool | None:
    """Return what `require_mounted` says.

    None if not even the project's directory, which nobody inside can exchange, is the one here.
    """
    project = sources[0].file()
    if not any(mount.file == project for mount in table):
        return None
    return require_mounted(sources, table, losable)


def _table_of(container: Container, sources: Sequence[BindSource]) -> list[MountPoint]:
    """Return what the kernel says is mounted in the container.

    It is empty if its processes are not visible here, as from a container beside it.
    """
    container.reload()
    process = container.attrs["State"]["Pid"]
    table = of_process(process) if process else []
    if str(container.id) in _text(f"/proc/{process}/cgroup"):
        return table
    # Not every engine gives it a control group of that name, but no other process has this mount.
    places = {mount.place: mount.file for mount in table}
    own = next((source for source in sources if source.mount.target == INNER_RUN_DIRECTORY), None)
    return table if own and own.file() == places.get(INNER_RUN_DIRECTORY) else []


def _look(container: Container, source: BindSource) -> tuple[str, list[MountPoint]]:
    """Return the boot id of the container's kernel, and its mounts.

    Raises EngineError if the container does not have a file that is made in the directory.
    """
    mount = source.mount
    with _random_file(source.descriptor) as (name, content):
        command = ["/bin/sh", "-c", _LOOK, "look", os.path.join(mount.target, name)]
        kernel, found, *lines = _output(container, command).split("\n")
    if content and found != content:
        raise other_files_error(mount.source)
    return kernel, list(parse("\n".join(lines)))


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
def _random_file(directory: int) -> Iterator[tuple[str, str]]:
    """Make a file below the directory while the context lasts; yield its name and content.

    `directory` is a descriptor. The content is empty if the file cannot be made.
    """
    token = secrets.token_hex(16)
    name = f".buildd-{token[:8]}"
    inner = ""
    with ExitStack() as stack:
        # File watchers and `git status` ignore files in git's directory.
        with suppress(OSError):
            flags = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            git = os.open(".git", flags, dir_fd=directory)
            stack.callback(os.close, git)
            os.stat("objects", dir_fd=git, follow_symlinks=False)
            directory, inner = git, ".git"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            fd = os.open(name, flags, 0o644, dir_fd=directory)
        except OSError:
            yield os.path.join(inner, name), ""
            return
        try:
            with os.fdopen(fd, "w") as file:
                file.write(f"{token}\n")
            yield os.path.join(inner, name), token
        finally:
            with suppress(OSError):
                os.unlink(name, dir_fd=directory)


def _output(container: Container, command: list[str]) -> str:
    attached = DockerExec(str(container.id), "0:0", command, terminal=False)
    try:
        attached.end_input()
        output = b"".join(data for stream, data in attached.pieces() if stream == 1)
    finally:
        attached.close()
    return os.fsdecode(output)


def _read_only(table: list[MountPoint]) -> set[str]:
    """Return the mount points that are read-only."""
    places = {mount.place: mount.read_only for mount in table}
    return {place for place, is_read_only in places.items() if is_read_only}


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
