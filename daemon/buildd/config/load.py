"""This module finds the configuration of a directory and loads its project."""

from __future__ import annotations

import os
import tomllib

import msgspec

from buildd.base.printable import printable
from buildd.config.foreign.devcontainer_files import DEVCONTAINER, devcontainers
from buildd.config.from_toml import read_toml
from buildd.config.key_positions import Origin, Path, dotted, nearest, positions
from buildd.config.repository import with_git_links
from buildd.config.text_file import read_text
from buildd.config.trust import contents
from buildd.errors import ConfigError, NoProjectError, UnsteadyError
from buildd.model import Project
from buildd.paths import require_utf8

BUILDD_TOML = "buildd.toml"

FILE_NAMES = (BUILDD_TOML, DEVCONTAINER, "dock.yaml", "build.Dockerfile")
"""The names of configuration files, in the order of precedence."""


def project_at(path: str) -> str:
    """Return the canonical directory of the nearest configuration at or above a path.

    Raises NoProjectError, and BuilddError if the path is not valid UTF-8.
    """
    found = find_project(path)
    if found is None:
        raise NoProjectError(
            f"there is no buildd.toml in {path} or above it",
            "Run `buildd init` to write one for what the directory contains.",
        )
    return require_utf8(found)


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
    try:
        return _check(directory)
    except OSError as error:
        # As from `realpath`, where something is a link when it looks and none when it reads.
        message = f"{printable(str(error.filename))} changes while it is read"
        file = os.path.join(directory, BUILDD_TOML)
        return None, [UnsteadyError(message, "Look at what is at work there.", file=file)]


def _check(directory: str) -> tuple[Project | None, list[ConfigError]]:
    files = configuration_files(directory)
    if not files:
        file = os.path.join(directory, BUILDD_TOML)
        error = ConfigError(
            "there is no configuration any more", "Run `buildd init` to write one.", file=file
        )
        return None, [error]
    file = files[0]
    if os.path.basename(file) == BUILDD_TOML:
        project, errors = read_toml(directory)
    else:
        # Imported here, because most projects have a buildd.toml.
        from buildd.config.foreign import readers

        project, errors = readers.to_result(readers.read_draft(directory, file))
    return project and _with_contents(with_git_links(project)), errors


def load(directory: str) -> Project:
    """Return the project in a directory. Raises the first ConfigError."""
    project, errors = check(directory)
    if project is None:
        raise errors[0]
    return project


def _with_contents(project: Project) -> Project:
    return msgspec.structs.replace(project, contents=contents.digests(project.files))


def configuration_files(directory: str) -> list[str]:
    """Return the files that are read as the project's configuration, the main one first.

    That is buildd.toml, else every devcontainer.json, else dock.yaml, else build.Dockerfile.
    """
    for name in FILE_NAMES:
        if name == DEVCONTAINER:
            found = devcontainers(directory)
        else:
            path = os.path.join(directory, name)
            found = [path] if os.path.isfile(path) else []
        if found:
            return found
    return []


def possible_files(directory: str) -> list[str]:
    """Return the paths of all files that could become the project's configuration."""
    names = (*FILE_NAMES, f".{DEVCONTAINER}", f".devcontainer/{DEVCONTAINER}")
    return [os.path.join(directory, name) for name in names if name != DEVCONTAINER]


def key_origin(project: Project, path: Path) -> Origin:
    """Return where a key of buildd.toml comes from in the project's current configuration.

    If that is unknown, it is the beginning of the file.
    """
    file = project.config_file
    try:
        if os.path.basename(file) == BUILDD_TOML:
            text = read_text(file)
            tomllib.loads(text)
            return Origin(file, dotted(path), *nearest(positions(text), path))
        from buildd.config.foreign import readers

        return readers.read_draft(project.path, file).origin(path)
    except (ConfigError, ValueError, RecursionError):
        return Origin(file, "", 1, 1)
