"""buildd.toml as it is written: the keys, their types, and what they mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from buildd.model import Command, EngineName, OnChange, OnNewer, Pull


def _says(description: str, *examples: str) -> msgspec.Meta:
    """`examples` are what editors propose."""
    return msgspec.Meta(description=description, examples=list(examples) or None)


class _Table(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """A table of the file. Unknown keys are errors."""


HookTable = Command | dict[str, Command | dict[str, Command]]


class MountTable(_Table, frozen=True):
    """A directory of the host that the environment sees."""

    source: Annotated[str, _says("The directory on the host; relative to the project, or `~/…`.")]
    target: Annotated[str, _says("Where it is in the container; absolute.")]
    read_only: Annotated[bool, _says("The environment cannot write to it.")] = False


class CacheTable(_Table, frozen=True):
    """A directory of the container that outlives it."""

    path: Annotated[str, _says("Where it is in the container; absolute.")]
    shared: Annotated[
        bool, _says("It is one with that of every other project that declares it so.")
    ] = False


class EnvironmentTable(_Table, frozen=True):
    """Where commands run: an image or a Dockerfile, plus mounts, caches, user, limits."""

    engine: Annotated[
        EngineName | msgspec.UnsetType,
        _says(
            "`docker` (what an image or a Dockerfile means), `podman`, or `host`: commands run on "
            "this machine itself, without a container."
        ),
    ] = msgspec.UNSET
    image: Annotated[str, _says("The image, as `golang:1.22`; pulled if it is not there.")] = ""
    dockerfile: Annotated[
        str, _says("The Dockerfile from which the image is built, once for each change of it.")
    ] = ""
    context: Annotated[
        str,
        _says("The directory that COPY and ADD of the Dockerfile see. By default none is sent."),
    ] = ""
    target: Annotated[str, _says("The stage of the Dockerfile to build. Default: the last.")] = ""
    build_args: Annotated[
        dict[str, str], _says("Values for the Dockerfile's ARG. They stay readable in the image.")
    ] = {}
    secrets: Annotated[
        dict[str, str],
        _says(
            "Files that `RUN --mount=type=secret,id=NAME` sees and the image does not keep, by "
            "that name; relative to the project, or `~/…`."
        ),
    ] = {}
    rebuild_on: Annotated[
        tuple[str, ...],
        _says(
            "Files whose change rebuilds the image, beside the Dockerfile and what it copies from "
            "the context."
        ),
    ] = ()
    on_change: Annotated[
        OnChange,
        _says(
            "What a change of a file that the image is built from does: `rebuild` builds it while "
            "the old container serves, `ask` has the editor ask first."
        ),
    ] = OnChange.REBUILD
    pull: Annotated[
        Pull,
        _says(
            "When the image, or what the Dockerfile begins from, is fetched: if it is `missing`, "
            "`always` when the environment is made, or `never`."
        ),
    ] = Pull.MISSING
    mount: Annotated[
        str,
        _says("Where the project is in the container: `same` (as on the host), or a path."),
    ] = "same"
    user: Annotated[
        str,
        _says(
            "Who runs the commands: `host`, the user of the host; `image`, the image's own user; "
            "`root`; or a user of the image by name, who is given the host user's ids, so that "
            "what it writes is yours.",
            *("host", "image", "root"),
        ),
    ] = "host"
    caches: Annotated[
        dict[str, str | CacheTable],
        _says(
            "Directories of the container that outlive it, by a name: a path, as "
            '`gomod = "/go/pkg/mod"`, or a table that may share it with other projects.'
        ),
    ] = {}
    mounts: Annotated[tuple[MountTable, ...], _says("More directories of the host.")] = ()
    env: Annotated[
        dict[str, str],
        _says(
            "Environment variables of every command. `${containerEnv:NAME}` stands for what the "
            "image has, `${localEnv:NAME}` for what this machine has, `${localEnv:NAME:x}` for x "
            "where it has none."
        ),
    ] = {}
    memory: Annotated[
        int | str, _says("The most memory that the environment may use: bytes, or `512m`, `4g`.")
    ] = 0
    cpus: Annotated[
        float, _says("How many processors' time it may use, as `1.5`; 0 for no limit.")
    ] = 0
    processes: Annotated[
        int,
        msgspec.Meta(
            ge=0, description="The most processes that the environment may have; 0 for no limit."
        ),
    ] = 16384
    network: Annotated[bool, _says("Whether the environment has a network.")] = True
    cap_add: Annotated[
        tuple[str, ...],
        _says("Capabilities that root has in it beside the usual ones, as `NET_ADMIN`."),
    ] = ()
    gpus: Annotated[
        int | Literal["all"], _says('How many of the graphics processors it is given, or `"all"`.')
    ] = 0
    shm_size: Annotated[
        int | str, _says("The size of its /dev/shm: bytes, or `64m`. Default: the engine's own.")
    ] = 0
    tmpfs: Annotated[
        dict[str, int | str],
        _says(
            "Directories of the container that are kept in memory, with the most that each may "
            'hold: `"/scratch" = "512m"`; 0 for the engine\'s own limit.'
        ),
    ] = {}
    init: Annotated[
        bool, _says("Whether its first process collects those that others have left behind.")
    ] = True
    sudo: Annotated[
        bool,
        _says(
            "Whether the image's own `sudo` works, without a password. Else nothing in the "
            "container can gain privileges."
        ),
    ] = False
    ssh_agent: Annotated[
        bool, _says("Whether your ssh agent may be used in it: all that your keys open.")
    ] = False
    on_create: Annotated[
        HookTable,
        _says(
            "What to run inside once a container was made, before anything else: a command, or a "
            "table of several, which run one after the other; those of a table in it run at the "
            "same time."
        ),
    ] = ()
    on_start: Annotated[
        HookTable,
        _says("The same, each time the environment becomes warm: as to start a service."),
    ] = ()
    protect_git: Annotated[
        bool,
        _says(
            "The environment cannot write git's hooks and configuration, which git on this machine "
            "obeys; it can commit."
        ),
    ] = True


class TaskTable(_Table, frozen=True):
    """A named command of the project."""

    run: Annotated[
        Command,
        _says("The command: a string goes to the shell, a list of arguments does not."),
    ]
    environment: Annotated[
        str, _says("Where it runs. Default: the only environment, or the one named `build`.")
    ] = ""
    parsers: Annotated[
        tuple[str, ...], _says("Which tools' output to read. Default: chosen from the output.")
    ] = ()
    errorformat: Annotated[
        str | tuple[str, ...],
        _says("How to read the output: Vim's 'errorformat', instead of the tools' own parsers."),
    ] = ()
    problem_matchers: Annotated[
        tuple[str | dict[str, Any], ...],
        _says(
            "How to read the output: VS Code's problem matchers, each an object, a name as "
            "`$tsc`, or a tasks.json, whose task of the same label has them."
        ),
    ] = ()
    on_save: Annotated[
        bool | tuple[str, ...],
        _says('Run when a file is saved: any (`true`), or those that fit (`["**/*.go"]`).'),
    ] = False
    debounce: Annotated[
        str | float, _says('How long to wait for more saves: `"150ms"`, `"2s"`, or seconds.')
    ] = 0.003
    on_newer: Annotated[
        OnNewer,
        _says(
            "What becomes of a run that a save started when a newer one is asked for: `restart` "
            "cancels it, `queue` lets it end first. What a person asked for always ends."
        ),
    ] = OnNewer.RESTART
    interrupt_grace: Annotated[
        str | float,
        _says("How long a cancel waits after SIGINT, before it sends SIGTERM."),
    ] = 2.0
    terminate_grace: Annotated[
        str | float,
        _says("How long a cancel waits after SIGTERM, before it sends SIGKILL."),
    ] = 2.0
    outputs: Annotated[
        tuple[str, ...],
        _says(
            "Files or directories of the project that it makes, as `build/app`: `buildd verify` "
            "compares their contents with a clean run's."
        ),
    ] = ()
    select: Annotated[
        str,
        _says(
            "For a task that runs tests: the command that runs some of them only, with `{tests}` "
            "where their names go. Most tools need none."
        ),
    ] = ""
    directory: Annotated[str, _says("Where it starts; relative to the project.")] = ""
    env: Annotated[dict[str, str], _says("Environment variables of this task.")] = {}


class ImageTable(_Table, frozen=True):
    """An image that is built from what tasks have made."""

    dockerfile: Annotated[str, _says("Its Dockerfile.")]
    context: Annotated[
        str, _says("The directory that its COPY and ADD see. Default: the project.")
    ] = "."
    target: Annotated[str, _says("The stage of the Dockerfile to build. Default: the last.")] = ""
    build_args: Annotated[
        dict[str, str], _says("Values for the Dockerfile's ARG. They stay readable in the image.")
    ] = {}
    needs: Annotated[
        tuple[str, ...],
        _says("Tasks that run first, each in its environment; the first that fails is the last."),
    ] = ()
    tag: Annotated[
        str, _says("What it is called. Default: the project's directory and the name, `hello-run`.")
    ] = ""


class BuilddToml(_Table, frozen=True):
    """The configuration of a project: where its commands run, and which there are."""

    environments: Annotated[dict[str, EnvironmentTable], _says("Where commands run, by name.")] = {}
    tasks: Annotated[dict[str, TaskTable], _says("The project's commands, by name.")] = {}
    default_environment: Annotated[
        str,
        _says(
            "The environment of commands and tasks that name none. Default: the only one, or the "
            "one named `build`."
        ),
    ] = ""
    images: Annotated[dict[str, ImageTable], _says("Images built from artefacts, by name.")] = {}
