"""Environments, and what they are made of."""

from __future__ import annotations

import enum

from buildd.model.base import Command, Frozen


class Mount(Frozen, frozen=True):
    """A host directory seen at `target` (absolute, in the container)."""

    source: str
    target: str
    read_only: bool = False


class EngineName(enum.StrEnum):
    """Which engine makes an environment."""

    DOCKER = "docker"
    PODMAN = "podman"
    HOST = "host"


class Cache(Frozen, frozen=True):
    """A directory of the container, `path`, that outlives it: the project's own, or `shared` with
    every project that declares one of this name so."""

    path: str
    shared: bool = False


class Limits(Frozen, frozen=True):
    """What an environment may use. Sizes are in bytes; 0 is no limit, but the engine's own size
    for `shm_size` and in `tmpfs`, which maps directories that are kept in memory to their sizes.

    `cpus` are processors, in parts of one too; `processes` how many there may be at once; `gpus`
    how many are given, -1 for all. `cap_add` are capabilities beside the usual ones: `NET_ADMIN`.
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
    """A command that makes an environment ready; as a string for the shell, or a tuple of
    arguments without one. `name` leads to it from its key: empty where the key holds it itself."""

    command: Command
    name: tuple[str, ...] = ()


Steps = tuple[tuple[Hook, ...], ...]
"""Hooks: one step after the other, those of a step at the same time."""


class Pull(enum.StrEnum):
    """When an image is fetched from its registry."""

    MISSING = "missing"
    ALWAYS = "always"
    NEVER = "never"


class OnChange(enum.StrEnum):
    """What happens when a file changes that an environment's image is built from."""

    REBUILD = "rebuild"
    ASK = "ask"


class Environment(Frozen, frozen=True):
    """Where commands run. Of `image` and `dockerfile` one is set, on the host engine neither.

    `context` is the directory that COPY and ADD see, empty for none; `target` the stage to build,
    empty for the last; `secrets` maps the names by which RUN mounts them to files; `rebuild_on` are
    files whose change builds the image again, beside what the Dockerfile takes.
    `project_target` is where the project's directory is seen in the container. `user` is `host`
    (the host user's uid and gid), `image`, `root`, or a user of the image, who gets the ids of the
    host's. `caches` are by name. `sudo`: its user may
    become root inside. `ssh_agent`: it may use the user's own. `init`: a process of the engine's
    collects what others leave. Values of `env` may hold variables, as `variables.py` knows
    them. `on_create` runs inside once a container was made, `on_start` each time the environment
    becomes warm.
    """

    name: str
    engine: EngineName = EngineName.DOCKER
    image: str = ""
    dockerfile: str = ""
    context: str = ""
    target: str = ""
    build_args: dict[str, str] = {}
    secrets: dict[str, str] = {}
    rebuild_on: tuple[str, ...] = ()
    on_change: OnChange = OnChange.REBUILD
    pull: Pull = Pull.MISSING
    project_target: str = ""
    user: str = "host"
    caches: dict[str, Cache] = {}
    mounts: tuple[Mount, ...] = ()
    env: dict[str, str] = {}
    limits: Limits = Limits()
    sudo: bool = False
    ssh_agent: bool = False
    init: bool = True
    on_create: Steps = ()
    on_start: Steps = ()
    protect_git: bool = True
