"""Projects: their tasks and run images, and what consent to them must name."""

from __future__ import annotations

import enum
from typing import Any

from buildd.model.base import Command, Frozen
from buildd.model.diagnostics import Diagnostic
from buildd.model.environments import Environment


class OnNewer(enum.StrEnum):
    """What a run that a save started does when a newer one is asked for."""

    RESTART = "restart"
    QUEUE = "queue"


class Task(Frozen, frozen=True):
    """A named command. `command` is a string for the shell, or a tuple of arguments without one.

    `on_save` holds gitignore-style patterns relative to the project (`("**",)` for every file),
    empty for never. `debounce` is in seconds. `matchers` are the user's own patterns: errorformats,
    and problem matchers as objects or as names behind a `$`. `parsers` empty means: chosen from the
    output, or none where there are matchers.
    `on_newer` is what becomes of a run that nobody asked for but a save, when a newer one comes.
    `grace` is the seconds that a cancel leaves after SIGINT, and after SIGTERM. `select` is the
    command for some tests only, with `{tests}` for their names; empty for the tool's own way.
    `outputs` are files or directories that it makes, relative to the project.
    """

    name: str
    command: Command
    environment: str
    parsers: tuple[str, ...] = ()
    matchers: tuple[str | dict[str, Any], ...] = ()
    on_save: tuple[str, ...] = ()
    debounce: float = 0.003
    on_newer: OnNewer = OnNewer.RESTART
    grace: tuple[float, float] = (2.0, 2.0)
    directory: str = ""
    env: dict[str, str] = {}
    select: str = ""
    outputs: tuple[str, ...] = ()


class RunImage(Frozen, frozen=True):
    """An image that is built from what the tasks `needs` have made, and then called `tag`."""

    name: str
    dockerfile: str
    context: str
    tag: str
    needs: tuple[str, ...] = ()
    target: str = ""
    build_args: dict[str, str] = {}


class Project(Frozen, frozen=True):
    """A directory with a configuration.

    `path` is canonical; `config_file` is what stands for the configuration; `files` are all files
    whose content trust covers, `config_file` first. `contents` has the digest of each as it was
    when the configuration was read (see `config/trust/contents.py`): nothing else may be used of
    it. `remarks` are about what another tool's configuration asks for and cannot have; `given` are
    the variables of this machine whose values were filled in from there.
    """

    path: str
    config_file: str
    files: tuple[str, ...]
    environments: dict[str, Environment]
    tasks: dict[str, Task] = {}
    images: dict[str, RunImage] = {}
    default_environment: str = ""
    remarks: tuple[Diagnostic, ...] = ()
    given: tuple[str, ...] = ()
    contents: dict[str, str] = {}


class Grant(Frozen, frozen=True):
    """What a configuration asks for that consent must name. `detail` says what wants it."""

    name: str
    detail: str
