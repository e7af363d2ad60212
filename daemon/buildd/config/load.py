"""This module finds the configuration of a directory and loads its project."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable

from buildd.config.foreign import readers
from buildd.config.foreign.draft import Draft, Origin
from buildd.config.from_toml import read_toml
from buildd.config.key_positions import Path, dotted, nearest, positions
from buildd.config.repository import with_git_links
from buildd.config.text_file import read_text
from buildd.errors import ConfigError
from buildd.model import Project

Reader = Callable[[str], tuple[Project | None, list[ConfigError]]]
"""Reads one kind of configuration in a directory; returns a project, or errors."""


def find_project(path: str) -> str | None:
    """Return the canonical directory of the nearest configuration at or above a path, or None."""
    try:
        directory = os.path.realpath(path)
    except (OSError, ValueError):  # a NUL character
        return None
    while True:
        if configuration_files(directory):
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def check(directory: str) -> tuple[Project | None, list[ConfigError]]:
    """Read the project's configuration; return a project, or None and all errors.

    It executes nothing.
    """
    directory = os.path.realpath(directory)
    files = configuration_files(directory)
    if not files:
        file = os.path.join(directory, "buildd.toml")
        error = ConfigError(
            "there is no configuration any more", "Run `buildd init` to write one.", file=file
        )
        return None, [error]
    project, errors = _reader(files[0])(directory)
    return project and with_git_links(project), errors


def load(directory: str) -> Project:
    """Return the project in a directory. Raises the first ConfigError."""
    project, errors = check(directory)
    if project is None:
        raise errors[0]
    return project


def configuration_files(directory: str) -> list[str]:
    """Return the files that are read as the project's configuration, the main one first.

    That is buildd.toml, else every devcontainer.json, else dock.yaml, else build.Dockerfile.
    """
    for name in READERS:
        if name == DEVCONTAINER:
            found = readers.devcontainers(directory)
        else:
            path = os.path.join(directory, name)
            found = [path] if os.path.isfile(path) else []
        if found:
            return found
    return []


def possible_files(directory: str) -> list[str]:
    """Return the paths of all files that could become the project's configuration."""
    names = (*READERS, f".{DEVCONTAINER}", f".devcontainer/{DEVCONTAINER}")
    return [os.path.join(directory, name) for name in names if name != DEVCONTAINER]


def key_origin(project: Project, path: Path) -> Origin:
    """Return where a key of buildd.toml comes from in the project's current configuration.

    If that is unknown, it is the beginning of the file.
    """
    file = project.config_file
    try:
        if os.path.basename(file) == "buildd.toml":
            text = read_text(file)
            tomllib.loads(text)
            return Origin(file, dotted(path), *nearest(positions(text), path))
        return _draft(project.path, file).origin(path)
    except (ConfigError, ValueError, RecursionError):
        return Origin(file, "", 1, 1)


def _draft(directory: str, file: str) -> Draft:
    if os.path.basename(file) == "dock.yaml":
        return readers.dock_draft(directory, file)
    if file.endswith(DEVCONTAINER):
        return readers.devcontainer_draft(directory, readers.devcontainers(directory))
    return readers.dockerfile_draft(directory, file)


def _reader(file: str) -> Reader:
    name = os.path.basename(file)
    return READERS[DEVCONTAINER if name.endswith(DEVCONTAINER) else name]


DEVCONTAINER = "devcontainer.json"

READERS: dict[str, Reader] = {
    "buildd.toml": read_toml,
    DEVCONTAINER: readers.read_devcontainers,
    "dock.yaml": readers.read_dock_yaml,
    "build.Dockerfile": readers.read_dockerfile,
}
"""The kinds of configuration, in the order of precedence."""
