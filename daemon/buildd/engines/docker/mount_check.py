"""Whether a container sees what we see: told by the kernel, and tried with a file of random
content.

An engine on another machine, in a virtual one, or outside of the container in which we run takes a
path of ours for one of its own, and mounts what it finds there: as a rule, an empty directory.
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
from buildd.engines.docker.bind_sources import BindSource, exchanged, not_mounted
from buildd.engines.docker.client import client
from buildd.engines.docker.mountinfo import MountPoint, of_process, parse
from buildd.engines.docker.mounts import INNER_RUN_DIRECTORY, ContainerMounts
from buildd.errors import EngineError

# Nothing but a shell: which kernel it is, what it finds in the file, and what is mounted.
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
"""What the SDK calls the address of every socket of this machine."""


def prove(
    container: Container,
    seen: ContainerMounts,
    sources: Sequence[BindSource],
    *,
    is_new: bool = False,
) -> bool:
    """Return whether all guards are in their places; in a container that `is_new` they must be.

    `sources` are those of `seen`, the project's first. Raises EngineError if the container sees
    something else than these very files. Nothing of the user's has run in it since it started.
    Blocks.
    """
    losable = () if is_new else [guard.target for guard in seen.guards]
    table = _table_of(container, seen, sources)
    # The kernel's own word, before anything of the image is asked.
    lost = _lost(sources, table, losable)
    kernel, found = _look(container, sources[0])
    if lost is None and not table and kernel == _text(_BOOT).strip():
        lost = _lost(sources, found, losable)
    if lost is None:
        # By a file system of its own, as in a virtual machine: each is tried as the project is.
        lost = [source for source in sources[1:] if _is_directory(source)]
    for source in lost:
        if source.mount.target not in losable:
            _look(container, source)
    read_only = _read_only(found)
    return not any(source.mount.target in losable for source in lost) and all(
        guard.target in read_only for guard in seen.guards if guard.read_only
    )


def _lost(
    sources: Sequence[BindSource], table: Sequence[MountPoint], losable: Collection[str]
) -> list[BindSource] | None:
    """What the container does not see and may not see, or sees by another file system: that is to
    be tried. Raises EngineError where it sees something else.

    None where not even the project is seen as it is here: that cannot be exchanged by who is in it.
    """
    project = sources[0].file()
    if not any(mount.file == project for mount in table):
        return None
    devices = {mount.file.device for mount in table}
    lost = not_mounted(sources, table)
    for source in lost:
        if source.mount.target not in losable:
            file = source.file()
            if file is None or file.device in devices or not _is_directory(source):
                raise exchanged(source.mount)
    return lost


def _is_directory(source: BindSource) -> bool:
    return stat.S_ISDIR(os.fstat(source.descriptor).st_mode)


def _table_of(
    container: Container, seen: ContainerMounts, sources: Sequence[BindSource]
) -> list[MountPoint]:
    """What the container sees, from the kernel; empty where its processes are not seen here, as
    from a container of our own beside it."""
    container.reload()
    process = container.attrs["State"]["Pid"]
    table = of_process(process) if process else []
    if str(container.id) in _text(f"/proc/{process}/cgroup"):
        return table
    # Not each engine gives it a control group of that name; but no other process sees this there.
    places = {mount.place: mount.file for mount in table}
    own = seen.mounts[0].target
    is_its = INNER_RUN_DIRECTORY in places and sources[0].file() == places.get(own)
    return table if is_its else []


def _look(container: Container, source: BindSource) -> tuple[str, list[MountPoint]]:
    """Which kernel the container has, and what it sees. Raises EngineError if it does not see a
    file that is made in the directory, where one can be made."""
    mount = source.mount
    with _random_file(source.descriptor) as (name, content):
        command = ["/bin/sh", "-c", _LOOK, "look", os.path.join(mount.target, name)]
        kernel, found, *lines = _output(container, command).split("\n")
    if content and found != content:
        raise unseen(mount.source)
    return kernel, list(parse("\n".join(lines)))


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
def _random_file(directory: int) -> Iterator[tuple[str, str]]:
    """A file below the directory with this descriptor, while the context lasts; its name and its
    content, which is empty where none can be made."""
    token = secrets.token_hex(16)
    name = f".buildd-{token[:8]}"
    inner = ""
    with ExitStack() as stack:
        # Where git looks after its own, watchers and `git status` do not look.
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
    """The places that cannot be written."""
    places = {mount.place: mount.read_only for mount in table}
    return {place for place, is_read_only in places.items() if is_read_only}


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
