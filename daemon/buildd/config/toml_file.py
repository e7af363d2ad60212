"""This module defines the keys of buildd.toml, with their types and descriptions.

The JSON Schema for editors is generated from it: run `python -m buildd.config.schema` after a
change.
"""

from __future__ import annotations

from typing import Annotated, Any

from buildd.config.environment_keys import EnvironmentTable, Table, key
from buildd.model import Command, OnNewer


class TaskTable(Table, frozen=True):
    """A named command of the project."""

    run: Annotated[
        Command,
        key("The command: a string for the shell, or a list of arguments without a shell."),
    ]
    environment: Annotated[
        str, key("The environment in which the task runs. Default: `default-environment`.")
    ] = ""
    parsers: Annotated[
        tuple[str, ...],
        key(
            "The parsers that read the output, named after their tools. Default: chosen from the "
            "output."
        ),
    ] = ()
    errorformat: Annotated[
        str | tuple[str, ...],
        key("How to read the output, as in Vim's 'errorformat'. It replaces the parsers."),
    ] = ()
    problem_matchers: Annotated[
        tuple[str | dict[str, Any], ...],
        key(
            "How to read the output, as VS Code's problem matchers: objects, names such as `$tsc`, "
            "or paths of a tasks.json whose task with the same label has matchers. They replace "
            "the parsers."
        ),
    ] = ()
    on_save: Annotated[
        bool | tuple[str, ...],
        key(
            "Whether saving a file runs the task: `true` for every file, or patterns such as "
            '`["**/*.go"]`.'
        ),
    ] = False
    debounce: Annotated[
        str | float,
        key('How long to wait for more saves: `"150ms"`, `"2s"`, or a number of seconds.'),
    ] = 0.003
    on_newer: Annotated[
        OnNewer,
        key(
            "What happens to a run that a save started when a newer save comes: `restart` cancels "
            "it, `queue` waits until it ends. Runs that you request are never cancelled."
        ),
    ] = OnNewer.RESTART
    interrupt_grace: Annotated[
        str | float,
        key("How long a cancel waits after SIGINT before it sends SIGTERM."),
    ] = 2.0
    terminate_grace: Annotated[
        str | float,
        key("How long a cancel waits after SIGTERM before it sends SIGKILL."),
    ] = 2.0
    outputs: Annotated[
        tuple[str, ...],
        key(
            "Files or directories of the project that the task makes, for example `build/app`. "
            "`buildd verify` compares them with those of a clean build."
        ),
    ] = ()
    select: Annotated[
        str,
        key(
            "For a task that runs tests: the command that runs only some of them, with `{tests}` "
            "for their names. Most test tools do not need it."
        ),
    ] = ""
    directory: Annotated[
        str,
        key(
            "The directory in which the command starts, relative to the project. Default: the "
            "project."
        ),
    ] = ""
    env: Annotated[dict[str, str], key("Environment variables of this task.")] = {}


class ImageTable(Table, frozen=True):
    """An image that is built from what tasks have made, and used outside buildd."""

    dockerfile: Annotated[str, key("The Dockerfile of the image.")]
    context: Annotated[
        str,
        key(
            "The directory whose files COPY and ADD in the Dockerfile can use. Default: the "
            "project."
        ),
    ] = "."
    target: Annotated[str, key("The stage of the Dockerfile to build. Default: the last one.")] = ""
    build_args: Annotated[
        dict[str, str],
        key("Values for ARG in the Dockerfile. They remain readable in the image."),
    ] = {}
    needs: Annotated[
        tuple[str, ...],
        key("Tasks that run first, each in its environment. If one fails, the image is not built."),
    ] = ()
    tag: Annotated[
        str,
        key(
            "The name of the image. Default: the names of the project's directory and of this "
            "table, for example `hello-run`."
        ),
    ] = ""


class BuilddToml(Table, frozen=True):
    """The configuration of a project: its environments, tasks and images."""

    environments: Annotated[
        dict[str, EnvironmentTable], key("The environments in which commands run, by name.")
    ] = {}
    tasks: Annotated[dict[str, TaskTable], key("The project's commands, by name.")] = {}
    default_environment: Annotated[
        str,
        key(
            "The environment of commands and tasks that name none. Default: the only environment, "
            "or the one named `build`."
        ),
    ] = ""
    images: Annotated[
        dict[str, ImageTable], key("The images that are built from tasks' results, by name.")
    ] = {}
