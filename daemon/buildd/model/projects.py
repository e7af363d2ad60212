"""This module defines projects with their tasks, run images and the grants they ask for."""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from buildd.model.base import Command, Frozen
from buildd.model.diagnostics import Diagnostic
from buildd.model.environments import Environment


class OnNewer(enum.StrEnum):
    """What happens to a run that a save started when a newer save wants another run."""

    RESTART = "restart"
    QUEUE = "queue"


class Task(Frozen, frozen=True):
    """A task is a named command of a project."""

    name: str
    command: Command
    environment: str
    """The name of the environment in which the task runs."""
    parsers: tuple[str, ...] = ()
    """Names of parsers. If empty, they are chosen from the output, or none if `matchers` is set."""
    matchers: tuple[str | dict[str, Any], ...] = ()
    """The user's own patterns: errorformats, problem matchers, or names of those after a `$`."""
    on_save: tuple[str, ...] = ()
    """Gitignore-style patterns relative to the project; empty if saves do not run the task."""
    debounce: float = 0.003
    """Seconds that a run waits for further saves."""
    on_newer: OnNewer = OnNewer.RESTART
    grace: tuple[float, float] = (2.0, 2.0)
    """Seconds that a cancel waits after SIGINT, and after SIGTERM."""
    directory: str = ""
    env: dict[str, str] = {}
    select: str = ""
    """The command that runs some tests only, with `{tests}` for their names; empty for the tool's
    usual one."""
    outputs: tuple[str, ...] = ()
    """Files or directories that the task makes, relative to the project."""


class RunImage(Frozen, frozen=True):
    """A run image is an image for use outside buildd, built from what tasks have made.

    `needs` are the tasks that run first; `context` is the directory that COPY and ADD read; `tag`
    is the name that the image gets; `target` is the stage to build, empty for the last one.
    """

    name: str
    dockerfile: str
    context: str
    tag: str
    needs: tuple[str, ...] = ()
    target: str = ""
    build_args: dict[str, str] = {}


class Project(Frozen, frozen=True):
    """A project is a directory with a configuration."""

    path: str
    """The canonical path of the directory."""
    config_file: str
    """`buildd.toml`, or another tool's file that is read in its place."""
    files: tuple[str, ...]
    """All files that trust covers, `config_file` first."""
    environments: dict[str, Environment]
    tasks: dict[str, Task] = {}
    images: dict[str, RunImage] = {}
    default_environment: str = ""
    remarks: tuple[Diagnostic, ...] = ()
    """Warnings about settings of another tool's configuration that buildd does not support."""
    # The digest of a consent contains this name, so another one would end existing consents.
    host_variables: tuple[str, ...] = msgspec.field(default=(), name="given")
    """The host's environment variables whose values the configuration contains by now."""
    contents: dict[str, str] = {}
    """The SHA-256 of each of `files` as it was when the configuration was read; nothing else may be
    used of them."""


class Grant(Frozen, frozen=True):
    """A grant is a power that a configuration asks for, and that consent must name.

    `detail` says which part of the configuration asks for it.
    """

    name: str
    detail: str
