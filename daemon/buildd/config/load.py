"""From a directory to its project: which file stands for the configuration, and what it says."""

from __future__ import annotations

import os
import tomllib

from buildd.config.foreign.devcontainer_files import DEVCONTAINER, devcontainers
from buildd.config.from_toml import read_toml
from buildd.config.key_positions import Origin, Path, dotted, nearest, positions
from buildd.config.repository import with_links
from buildd.config.text_file import read_text
from buildd.errors import ConfigError, NoProjectError
from buildd.model import Project

BUILDD_TOML = "buildd.toml"

STANDING = (BUILDD_TOML, DEVCONTAINER, "dock.yaml", "build.Dockerfile")
"""What can stand for a configuration, the strongest first."""


PATH_LIMIT = 4096
"""Bytes of a path, as Linux has it. Each directory of a path is looked into."""


def project_at(path: str) -> str:
    """The canonical directory of the nearest configuration at or above a file or directory.
    Raises NoProjectError."""
    if _is_too_long(path):
        raise NoProjectError(
            f"the path {path[:80]}… has more than {PATH_LIMIT} bytes, which is the limit",
            "Name a directory with a shorter path.",
        )
    found = find_project(path)
    if found is None:
        raise NoProjectError(
            f"there is no buildd.toml in {path} or above",
            "`buildd init` writes one from what the directory holds.",
        )
    return found


def find_project(path: str) -> str | None:
    """As `project_at`; None where there is none."""
    if _is_too_long(path):
        return None
    try:
        directory = os.path.realpath(path)
    except (OSError, ValueError):  # a NUL character
        return None
    while True:
        if standing(directory):
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def _is_too_long(path: str) -> bool:
    return len(path) > PATH_LIMIT or len(path.encode("utf-8", "surrogatepass")) > PATH_LIMIT


def check(directory: str) -> tuple[Project | None, list[ConfigError]]:
    """What the project's configuration says, and everything that is wrong with it. There is a
    Project exactly if nothing is. Executes nothing."""
    directory = os.path.realpath(directory)
    files = standing(directory)
    if not files:
        file = os.path.join(directory, BUILDD_TOML)
        error = ConfigError(
            "there is no configuration any more", "`buildd init` writes one.", file=file
        )
        return None, [error]
    file = files[0]
    if os.path.basename(file) == BUILDD_TOML:
        project, errors = read_toml(directory)
    else:
        from buildd.config.foreign import readers  # here: most projects have a buildd.toml

        project, errors = readers.to_result(readers.draft(directory, file))
    return project and with_links(project), errors


def load(directory: str) -> Project:
    """The project in a directory. Raises the first ConfigError."""
    project, errors = check(directory)
    if project is None:
        raise errors[0]
    return project


def standing(directory: str) -> list[str]:
    """The files that stand for the project's configuration, the first one first: a buildd.toml,
    else every devcontainer.json, else a dock.yaml, else a build.Dockerfile."""
    for name in STANDING:
        if name == DEVCONTAINER:
            found = devcontainers(directory)
        else:
            path = os.path.join(directory, name)
            found = [path] if os.path.isfile(path) else []
        if found:
            return found
    return []


def candidates(directory: str) -> list[str]:
    """The files that would stand for the configuration if they were there."""
    names = (*STANDING, f".{DEVCONTAINER}", f".devcontainer/{DEVCONTAINER}")
    return [os.path.join(directory, name) for name in names if name != DEVCONTAINER]


def place(project: Project, path: Path) -> Origin:
    """Where the key at `path`, as in buildd.toml, is in the project's configuration as it is now;
    its beginning where that cannot be said."""
    file = project.config_file
    try:
        if os.path.basename(file) == BUILDD_TOML:
            text = read_text(file)
            tomllib.loads(text)
            return Origin(file, dotted(path), *nearest(positions(text), path))
        from buildd.config.foreign import readers

        return readers.draft(project.path, file).origin(path)
    except (ConfigError, ValueError, RecursionError):
        return Origin(file, "", 1, 1)
