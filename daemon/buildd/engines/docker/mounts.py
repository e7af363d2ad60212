"""What a container of the Docker engine sees of the host."""

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
from buildd.config.repository import needed
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
    """What a container sees of the host: `mounts`, the project's first, and over them `guards`.
    `guarded` tells which files those hold. `remarks` say, for a person, what it does not see.
    `slow` is why it does not see the run directory; `history` is where what shells remember is,
    empty where it does not see that."""

    mounts: tuple[Mount, ...]
    guards: tuple[Mount, ...] = ()
    guarded: tuple[git_guards.GuardedFile, ...] = ()
    remarks: tuple[str, ...] = ()
    slow: str = ""
    history: str = INNER_HISTORY


def of(project: Project, environment: Environment) -> ContainerMounts:
    """What the environment's container shall see. Reads files. Raises EngineError where it may
    not."""
    try:
        return _of(project, environment)
    except OSError as error:
        # As from `realpath`, where something is a link when it looks and none when it reads.
        raise EngineError(
            f"what {environment.name} is to see cannot be looked at: {error.filename} changes just "
            "now",
            "Look at what is at work there, and try again.",
        ) from error


def _of(project: Project, environment: Environment) -> ContainerMounts:
    own = Mount(source=project.path, target=environment.project_target or project.path)
    found = checkouts(project.path)
    git = needed(project.path, environment, found)
    mounts = (own, *environment.mounts, *git.mounts)
    _refuse_our_own(mounts)
    _refuse_others(environment.mounts)
    _have_places(environment, own)
    guards: tuple[Mount, ...] = ()
    guarded: tuple[git_guards.GuardedFile, ...] = ()
    if environment.protect_git:
        guards = git_guards.guards(found, mounts)
        guarded = git_guards.identities(project.path, found, guards)
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
        slow=_unseen(run_directory(project.path, environment.name), "BUILDD_RUNTIME_DIR"),
        history="" if _unseen(history, "BUILDD_STATE_DIR") else INNER_HISTORY,
    )


def groups(seen: ContainerMounts) -> list[int]:
    """Those of the sockets that are seen, as an engine's: who is not in theirs cannot use them."""
    found = set()
    for mount in seen.mounts:
        with suppress(OSError):
            status = os.stat(mount.source)
            if stat.S_ISSOCK(status.st_mode):
                found.add(status.st_gid)
    return sorted(found)


def binds(seen: ContainerMounts) -> list[Mount]:
    """All that is mounted for the user, the project first, by canonical paths."""
    inner = [below for mount in seen.mounts for below in nested.inner(mount)]
    project, *others = seen.mounts
    by_target = {mount.target: mount for mount in (project, *inner, *others, *seen.guards)}
    return list(by_target.values())


def to_engine(mounts: Iterable[Mount]) -> list[DockerMount]:
    """The same as the engine wants it. Raises EngineError where it sees one of them not."""
    return [
        DockerMount(
            target=mount.target,
            source=nested.outside(mount.source),
            type="bind",
            read_only=mount.read_only,
        )
        for mount in mounts
    ]


def ours(project: Project, environment: Environment, seen: ContainerMounts) -> Iterator[Mount]:
    """What buildd itself needs inside, from where no container can exchange it: the run directory,
    and what shells remember, as far as the engine sees them; and the user's ssh agent, where it may
    be used."""
    if not seen.slow:
        directory = run_directory(project.path, environment.name)
        yield Mount(source=os.path.realpath(directory), target=INNER_RUN_DIRECTORY)
    if seen.history:
        history = history_directory(project.path, environment.name)
        yield Mount(source=os.path.realpath(history), target=seen.history)
    if agent := ssh_agent(environment):
        yield Mount(source=os.path.realpath(agent), target=INNER_SSH_AGENT)


def _have_places(environment: Environment, own: Mount) -> None:
    """Make the places of mounts that lie in the project: the engine would make them as root."""
    files = {mount.target for mount in environment.mounts if os.path.isfile(mount.source)}
    caches = (cache.path for cache in environment.caches.values())
    targets = (mount.target for mount in environment.mounts)
    for target in (*targets, *caches, *environment.limits.tmpfs):
        place = to_host(target, [own])
        if place is None or place == own.source:
            continue
        # Where a link leads out of the project, nothing is made for whoever put it there.
        with suppress(OSError):
            make_below(own.source, place, is_file=target in files)


def _unseen(directory: str, variable: str) -> str:
    """Why the engine does not see a directory of buildd's own; empty if it does."""
    try:
        nested.outside(os.path.realpath(directory))
    except EngineError as error:
        return f"{error.message}; set {variable} to a directory that is"
    return ""


def ssh_agent(environment: Environment) -> str:
    """The socket of the user's ssh agent where the environment may use it; empty where it may
    not, or where none is there."""
    return agent_socket() if environment.ssh_agent else ""


def agent_socket() -> str:
    """The socket of the user's ssh agent, empty where none is there."""
    path = os.environ.get("SSH_AUTH_SOCK", "")
    try:
        return path if stat.S_ISSOCK(os.stat(path).st_mode) else ""
    except OSError:
        return ""


def _agent_remarks(environment: Environment) -> tuple[str, ...]:
    if not environment.ssh_agent or ssh_agent(environment):
        return ()
    path = os.environ.get("SSH_AUTH_SOCK", "")
    why = f"{path} is no socket" if path else "SSH_AUTH_SOCK is not set"
    told = (
        f"`ssh-agent = true`, but where the daemon was started is no agent: {printable(why)}. "
        "Start one with `eval $(ssh-agent)`, then the daemon again: `buildd daemon restart`"
    )
    return (told,)


def _refuse_others(mounts: tuple[Mount, ...]) -> None:
    """What was consented to is no link: whoever has put one there since meant something else."""
    for mount in mounts:
        if not os.path.exists(mount.source):
            raise EngineError(
                f"{mount.source}, which the environment sees at {mount.target}, does not exist "
                "any more",
                "Make it again, or take it out of `mounts`.",
            )
        if (leads := os.path.realpath(mount.source)) != mount.source:
            raise EngineError(
                f"{mount.source} leads to {leads} now, which nobody has consented to mount",
                "Look at what made the link. If you want it, save the configuration, and you are "
                "asked.",
            )


def _refuse_our_own(mounts: tuple[Mount, ...]) -> None:
    """Whoever reaches the daemon's socket can run anything as the user, and whoever writes the
    record of trust or the user's own configuration can consent for him: no container may."""
    for what, variable, place in (
        ("socket directory", "BUILDD_RUNTIME_DIR", runtime_dir()),
        ("state directory", "BUILDD_STATE_DIR", state_dir()),
        ("configuration directory", "BUILDD_CONFIG_DIR", config_dir()),
        ("configuration", "BUILDD_CONFIG_DIR", user_config.real_path()),
    ):
        own = os.path.realpath(place)
        for mount in mounts:
            if any(_holds(see(mount.source), see(own)) for see in (os.path.realpath, _to_engine)):
                raise EngineError(
                    f"{mount.source} holds buildd's own {what} {own}, which no container may see",
                    f"Mount a directory below it, or set {variable} to another place.",
                )


def _holds(directory: str, path: str) -> bool:
    return bool(path) and (path == directory or path.startswith(directory.rstrip("/") + "/"))


def _to_engine(path: str) -> str:
    """How the engine calls it; empty where it does not see it."""
    try:
        return nested.outside(path)
    except EngineError:
        return ""
