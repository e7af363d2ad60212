"""This module defines the keys of an environment in buildd.toml, with types and descriptions."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from buildd.model import Command, EngineName, OnChange, Pull


def key(description: str, *examples: str) -> msgspec.Meta:
    """Return the description of a key; editors offer the examples as completions."""
    return msgspec.Meta(description=description, examples=list(examples) or None)


class Table(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """The base of all tables of the file, in which unknown keys are errors."""


HookTable = Command | dict[str, Command | dict[str, Command]]
"""A command, or a table of commands, or of tables of commands."""


class MountTable(Table, frozen=True):
    """A file or directory of the host that the container gets."""

    source: Annotated[
        str,
        key(
            "The file or directory on the host. The path is absolute, relative to the project, or "
            "begins with `~/`."
        ),
    ]
    target: Annotated[str, key("The absolute path in the container.")]
    read_only: Annotated[bool, key("Whether the container can only read it.")] = False


class CacheTable(Table, frozen=True):
    """A directory of the container that is kept when the container is replaced."""

    path: Annotated[str, key("The absolute path in the container.")]
    shared: Annotated[
        bool,
        key(
            "Whether all projects with a shared cache of this name use the same directory. "
            "Otherwise it belongs to this project."
        ),
    ] = False


class EnvironmentTable(Table, frozen=True):
    """Where commands run: an image or a Dockerfile, with mounts, caches, a user and limits."""

    engine: Annotated[
        EngineName | msgspec.UnsetType,
        key(
            "The engine that provides the environment: `docker` (the default), `podman`, or "
            "`host`, which runs commands on the host without a container."
        ),
    ] = msgspec.UNSET
    image: Annotated[
        str, key("The image, for example `golang:1.22`. buildd pulls it if it is missing.")
    ] = ""
    dockerfile: Annotated[
        str,
        key(
            "The Dockerfile from which buildd builds the image. buildd rebuilds the image when the "
            "file changes."
        ),
    ] = ""
    context: Annotated[
        str,
        key(
            "The directory whose files COPY and ADD in the Dockerfile can use. By default the "
            "build gets no files."
        ),
    ] = ""
    target: Annotated[str, key("The stage of the Dockerfile to build. Default: the last one.")] = ""
    build_args: Annotated[
        dict[str, str],
        key("Values for ARG in the Dockerfile. They remain readable in the image."),
    ] = {}
    secrets: Annotated[
        dict[str, str],
        key(
            "Files that `RUN --mount=type=secret,id=NAME` can read, by NAME. They are not stored "
            "in the image. A path is relative to the project, or begins with `~/`."
        ),
    ] = {}
    rebuild_on: Annotated[
        tuple[str, ...],
        key(
            "Files that rebuild the image when they change, in addition to the Dockerfile and the "
            "files that it copies."
        ),
    ] = ()
    on_change: Annotated[
        OnChange,
        key(
            "What happens when a file changes from which the image is built: `rebuild` builds the "
            "new image while the old container keeps serving; `ask` lets the editor ask first."
        ),
    ] = OnChange.REBUILD
    pull: Annotated[
        Pull,
        key(
            "When buildd pulls the image, or the base images of the Dockerfile: `missing` if the "
            "engine does not have them, `always` when the environment is made, or `never`."
        ),
    ] = Pull.MISSING
    mount: Annotated[
        str,
        key("The project's path in the container: `same` for the host's path, or another path."),
    ] = "same"
    user: Annotated[
        str,
        key(
            "The user who runs the commands: `host` has your user and group ids; `image` is the "
            "image's own user; `root` is root; any other name is a user of the image, who gets "
            "your ids, so that new files belong to you.",
            *("host", "image", "root"),
        ),
    ] = "host"
    caches: Annotated[
        dict[str, str | CacheTable],
        key(
            "Directories of the container that are kept when it is replaced, by name: a path, for "
            'example `gomod = "/go/pkg/mod"`, or a table.'
        ),
    ] = {}
    mounts: Annotated[
        tuple[MountTable, ...], key("More files and directories of the host for the container.")
    ] = ()
    env: Annotated[
        dict[str, str],
        key(
            "Environment variables of all commands. `${containerEnv:NAME}` is the image's variable "
            "NAME, `${localEnv:NAME}` is the host's, and `${localEnv:NAME:x}` is x if the host has "
            "no such variable."
        ),
    ] = {}
    memory: Annotated[
        int | str,
        key("The memory limit: bytes, or a size such as `512m` or `4g`; 0 means no limit."),
    ] = 0
    cpus: Annotated[
        float,
        key("The number of processors that commands may use, for example `1.5`; 0 means no limit."),
    ] = 0
    processes: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            description="The largest number of processes at the same time; 0 means no limit.",
        ),
    ] = 16384
    network: Annotated[bool, key("Whether the container has network access.")] = True
    cap_add: Annotated[
        tuple[str, ...],
        key(
            "Capabilities of root in the container, in addition to the default ones; for example "
            "`NET_ADMIN`."
        ),
    ] = ()
    gpus: Annotated[
        int | Literal["all"], key('The number of GPUs for the container, or `"all"`.')
    ] = 0
    shm_size: Annotated[
        int | str,
        key("The size of /dev/shm: bytes, or a size such as `64m`. Default: the engine's size."),
    ] = 0
    tmpfs: Annotated[
        dict[str, int | str],
        key(
            "Directories of the container that are kept in memory, with their largest size, for "
            'example `"/scratch" = "512m"`; 0 means the engine\'s default size.'
        ),
    ] = {}
    init: Annotated[
        bool, key("Whether the container has an init process, which collects orphaned processes.")
    ] = True
    sudo: Annotated[
        bool,
        key(
            "Whether the image's `sudo` works, without a password. By default no program in the "
            "container can gain privileges."
        ),
    ] = False
    ssh_agent: Annotated[
        bool,
        key("Whether the container can use your ssh agent, and so log in wherever your keys can."),
    ] = False
    on_create: Annotated[
        HookTable,
        key(
            "Commands that run in a new container before anything else: one command, or a table of "
            "commands that run one after the other. The commands of a table inside the table run "
            "at the same time."
        ),
    ] = ()
    on_start: Annotated[
        HookTable,
        key(
            "Commands that run each time the environment becomes warm, for example to start a "
            "service; written like `on-create`."
        ),
    ] = ()
    protect_git: Annotated[
        bool,
        key(
            "Whether git's hooks and configuration are read-only in the container, because git on "
            "the host obeys them. Commits work in both cases."
        ),
    ] = True
