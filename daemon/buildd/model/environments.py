"""This module defines environments and their parts: mounts, caches, limits, hooks."""

from __future__ import annotations

import enum

from buildd.model.base import Command, Frozen


class Mount(Frozen, frozen=True):
    """A mount shows the host directory `source` at the absolute path `target` in the container."""

    source: str
    target: str
    read_only: bool = False


class EngineName(enum.StrEnum):
    """The engine that provides an environment."""

    DOCKER = "docker"
    PODMAN = "podman"
    HOST = "host"


class Cache(Frozen, frozen=True):
    """A cache keeps the container's directory `path` when the container is replaced.

    It belongs to one project, unless `shared`: then all projects that declare a shared cache of
    this name use the same one.
    """

    path: str
    shared: bool = False


class Limits(Frozen, frozen=True):
    """The limits of an environment say what its container may use.

    Sizes are in bytes, and 0 means no limit. `cpus` is a number of processors and may be a
    fraction. `processes` is the largest number of processes at the same time. `cap_add` are
    capabilities beside the engine's usual ones, such as `NET_ADMIN`. `gpus` is a number of GPUs, -1
    for all. `shm_size` is the size of /dev/shm, and `tmpfs` maps directories that are kept in
    memory to their sizes; in both, 0 means the engine's default.
    """

    memory: int = 0
    cpus: float = 0.0
    processes: int = 16384
    network: bool = True
    cap_add: tuple[str, ...] = ()
    gpus: int = 0
    shm_size: int = 0
    tmpfs: dict[str, int] = {}


class Hook(Frozen, frozen=True):
    """A hook is a command that makes an environment ready.

    `name` is the path from the configuration's key to the command, empty if the key's value is
    the command itself.
    """

    command: Command
    name: tuple[str, ...] = ()


Steps = tuple[tuple[Hook, ...], ...]
"""Steps run one after the other; the hooks of one step run at the same time."""


class Pull(enum.StrEnum):
    """The pull policy says when an image is fetched from its registry."""

    MISSING = "missing"
    ALWAYS = "always"
    NEVER = "never"


class OnChange(enum.StrEnum):
    """What buildd does when a file changes from which an environment's image is built."""

    REBUILD = "rebuild"
    ASK = "ask"


class Environment(Frozen, frozen=True):
    """An environment is where commands run: an image with mounts, caches, a user and limits.

    Either `image` or `dockerfile` is set; on the host engine neither is.
    """

    name: str
    engine: EngineName = EngineName.DOCKER
    image: str = ""
    dockerfile: str = ""
    context: str = ""
    """The directory that COPY and ADD read; empty for none."""
    target: str = ""
    """The stage of the Dockerfile to build; empty for the last one."""
    build_args: dict[str, str] = {}
    secrets: dict[str, str] = {}
    """The ids by which RUN mounts secrets, each with a file on the host."""
    rebuild_on: tuple[str, ...] = ()
    """Files whose change rebuilds the image, beside those that the Dockerfile copies."""
    on_change: OnChange = OnChange.REBUILD
    pull: Pull = Pull.MISSING
    project_target: str = ""
    """The path of the project's directory in the container."""
    user: str = "host"
    """`host` (the host user's uid and gid), `image`, `root`, or a user of the image, who gets the
    host user's ids."""
    caches: dict[str, Cache] = {}
    mounts: tuple[Mount, ...] = ()
    env: dict[str, str] = {}
    """Environment variables; their values may contain variables as in `base/variables.py`."""
    limits: Limits = Limits()
    sudo: bool = False
    """Whether the user may become root in the container."""
    ssh_agent: bool = False
    """Whether the container may use the host user's ssh agent."""
    init: bool = True
    """Whether the engine's init process collects orphaned processes."""
    on_create: Steps = ()
    """Hooks that run after a container was created."""
    on_start: Steps = ()
    """Hooks that run each time the environment becomes warm."""
    protect_git: bool = True
    """Whether the files with which git on the host runs programs are read-only."""
