"""This module chooses which of the host's files a container gets."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress

import msgspec
from docker.types import Mount as DockerMount

from buildd.base.exact_path import make_below
from buildd.base.printable import printable
from buildd.config import user_config
from buildd.config.repository import git_needs
from buildd.engines import git_guards, history_directory, run_directory
from buildd.engines.docker import nested
from buildd.errors import EngineError
from buildd.files import outside_links
from buildd.files.git_layout import checkouts
from buildd.files.path_map import to_host
from buildd.model import Environment, Mount, Project
from buildd.paths import config_dir, runtime_dir, state_dir

INNER_RUN_DIRECTORY = "/run/buildd"
INNER_HISTORY = "/var/lib/buildd"
INNER_SSH_AGENT = "/run/buildd-ssh-agent"


class ContainerMounts(msgspec.Struct, frozen=True):
    """The mounts of a container."""

    mounts: tuple[Mount, ...]
    """The mounts of the project (first), the configuration and git."""
    guards: tuple[Mount, ...] = ()
    """The mounts over these that protect git's files."""
    guarded: tuple[git_guards.GuardedFile, ...] = ()
    """The identities of the protected files."""
    remarks: tuple[str, ...] = ()
    """Sentences about what the container does not have."""
    slow: str = ""
    """Why the engine cannot mount the run directory; empty if it can."""
    history: str = INNER_HISTORY
    """The directory for the history of shells; empty if the engine cannot mount it."""


def container_mounts(project: Project, environment: Environment) -> ContainerMounts:
    """Return the mounts of an environment's container.

    It reads files: call it in a thread. Raises EngineError if a mount is not allowed.
    """
    try:
        return _container_mounts(project, environment)
    except OSError as error:
        # `realpath` raises it if something is a link when it looks and no link when it reads.
        raise EngineError(
            f"the mounts of {environment.name} cannot be checked: {error.filename} is changing",
            "Look at what changes it, and try again.",
        ) from error


def _container_mounts(project: Project, environment: Environment) -> ContainerMounts:
    own = Mount(source=project.path, target=environment.project_target or project.path)
    found = checkouts(project.path)
    git = git_needs(project.path, environment, found)
    mounts = (own, *environment.mounts, *git.mounts)
    _refuse_internal_directories(mounts)
    _refuse_changed_sources(environment.mounts)
    _make_mount_points(environment, own)
    guards: tuple[Mount, ...] = ()
    guarded: tuple[git_guards.GuardedFile, ...] = ()
    if environment.protect_git:
        guards = git_guards.guard_mounts(found, mounts)
        guarded = git_guards.guarded_files(project.path, found, guards)
    history = history_directory(project.path, environment.name)
    return ContainerMounts(
        mounts=mounts,
        guards=guards,
        guarded=guarded,
        remarks=(
            *git.remarks,
            *outside_links.remarks(project.path, mounts),
            *_agent_remarks(environment),
        ),
        slow=_reason_not_visible(
            run_directory(project.path, environment.name), "BUILDD_RUNTIME_DIR"
        ),
        history="" if _reason_not_visible(history, "BUILDD_STATE_DIR") else INNER_HISTORY,
    )


def socket_groups(all_mounts: ContainerMounts) -> list[int]:
    """Return the groups of mounted sockets, which a user needs in order to use them."""
    groups = set()
    for mount in all_mounts.mounts:
        with suppress(OSError):
            status = os.stat(mount.source)
            if stat.S_ISSOCK(status.st_mode):
                groups.add(status.st_gid)
    return sorted(groups)


def binds(project: Project, environment: Environment, all_mounts: ContainerMounts) -> list[Mount]:
    """Return everything of the host that is mounted, by canonical paths.

    That includes what buildd itself needs inside.
    """
    inner = [below for mount in all_mounts.mounts for below in nested.mounts_below(mount)]
    by_target = {mount.target: mount for mount in (*inner, *all_mounts.mounts, *all_mounts.guards)}
    return [*by_target.values(), *_internal_mounts(project, environment, all_mounts)]


def to_engine(mounts: Iterable[Mount]) -> list[DockerMount]:
    """Return the mounts for the Docker SDK. Raises EngineError if the engine cannot see one."""
    return [
        DockerMount(
            target=mount.target,
            source=nested.engine_path(mount.source),
            type="bind",
            read_only=mount.read_only,
        )
        for mount in mounts
    ]


def _internal_mounts(
    project: Project, environment: Environment, all_mounts: ContainerMounts
) -> Iterator[Mount]:
    """Yield the mounts that buildd itself needs, as far as the engine can see them.

    These are the run directory, the history of shells, and the user's ssh agent if it is allowed.
    """
    if not all_mounts.slow:
        directory = run_directory(project.path, environment.name)
        yield Mount(source=os.path.realpath(directory), target=INNER_RUN_DIRECTORY)
    if all_mounts.history:
        history = history_directory(project.path, environment.name)
        yield Mount(source=os.path.realpath(history), target=all_mounts.history)
    if agent := ssh_agent(environment):
        yield Mount(source=os.path.realpath(agent), target=INNER_SSH_AGENT)


def _make_mount_points(environment: Environment, own: Mount) -> None:
    """Make the mount points that are in the project, because the engine would make them as root."""
    files = {mount.target for mount in environment.mounts if os.path.isfile(mount.source)}
    caches = (cache.path for cache in environment.caches.values())
    targets = (mount.target for mount in environment.mounts)
    for target in (*targets, *caches, *environment.limits.tmpfs):
        path = to_host(target, [own])
        if path is None or path == own.source:
            continue
        # Where a link leads out of the project, nothing is made for whoever put it there.
        with suppress(OSError):
            make_below(own.source, path, is_file=target in files)


def _reason_not_visible(directory: str, variable: str) -> str:
    """Return why the engine cannot see one of buildd's own directories, or empty if it can."""
    try:
        nested.engine_path(os.path.realpath(directory))
    except EngineError as error:
        return f"{error.message}; set {variable} to a directory that is mounted"
    return ""


def ssh_agent(environment: Environment) -> str:
    """Return the socket of the user's ssh agent if the environment may use it, else empty."""
    return agent_socket() if environment.ssh_agent else ""


def agent_socket() -> str:
    """Return the socket of the user's ssh agent, or empty if there is none."""
    path = os.environ.get("SSH_AUTH_SOCK", "")
    try:
        return path if stat.S_ISSOCK(os.stat(path).st_mode) else ""
    except OSError:
        return ""


def _agent_remarks(environment: Environment) -> tuple[str, ...]:
    if not environment.ssh_agent or ssh_agent(environment):
        return ()
    path = os.environ.get("SSH_AUTH_SOCK", "")
    why = f"{path} is not a socket" if path else "SSH_AUTH_SOCK is not set"
    remark = (
        f"`ssh-agent = true`, but the daemon has no ssh agent: {printable(why)}. "
        "Start one with `eval $(ssh-agent)`, then run `buildd daemon restart`"
    )
    return (remark,)


def _refuse_changed_sources(mounts: tuple[Mount, ...]) -> None:
    """Raise EngineError if a source is gone, or is a link now.

    The sources were canonical paths when the user trusted them; a link there is a later change.
    """
    for mount in mounts:
        if not os.path.exists(mount.source):
            raise EngineError(
                f"{mount.source}, which is mounted at {mount.target}, no longer exists",
                "Create it again, or remove it from `mounts`.",
            )
        if (target := os.path.realpath(mount.source)) != mount.source:
            raise EngineError(
                f"{mount.source} is now a link to {target}, which you have not agreed to mount",
                "Check what made the link. If you want it, save the configuration: buildd then "
                "asks for your consent.",
            )


def _refuse_internal_directories(mounts: tuple[Mount, ...]) -> None:
    """Raise EngineError if a mount contains one of buildd's own directories.

    A program that reaches the daemon's socket can run anything as the user, and a program that
    writes the record of trust or the user's configuration can consent in the user's name.
    """
    for what, variable, path in (
        ("socket directory", "BUILDD_RUNTIME_DIR", runtime_dir()),
        ("state directory", "BUILDD_STATE_DIR", state_dir()),
        ("configuration directory", "BUILDD_CONFIG_DIR", config_dir()),
        ("configuration", "BUILDD_CONFIG_DIR", user_config.real_path()),
    ):
        own = os.path.realpath(path)
        for mount in mounts:
            if any(
                _contains(resolve(mount.source), resolve(own))
                for resolve in (os.path.realpath, _engine_path)
            ):
                raise EngineError(
                    f"{mount.source} contains buildd's own {what} {own}, which no "
                    "container may access",
                    f"Mount a directory below it, or set {variable} to another directory.",
                )


def _contains(directory: str, path: str) -> bool:
    return bool(path) and (path == directory or path.startswith(directory.rstrip("/") + "/"))


def _engine_path(path: str) -> str:
    """Return the engine's path of a directory, or empty if the engine cannot see it."""
    try:
        return nested.engine_path(path)
    except EngineError:
        return ""
