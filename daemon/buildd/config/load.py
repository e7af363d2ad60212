"""From a directory to its project: which file stands for the configuration, and what it says."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable

from buildd.config.from_toml import read_toml
from buildd.config.positions import Path, Position, nearest, positions
from buildd.config.repository import with_links
from buildd.errors import ConfigError
from buildd.model import EngineName, Environment, Project

Reader = Callable[[str], tuple[Project | None, list[ConfigError]]]


def find_project(path: str) -> str | None:
    """The canonical directory of the nearest configuration at or above a file or directory."""
    try:
        directory = os.path.realpath(path)
    except (OSError, ValueError):  # a NUL character
        return None
    while True:
        if _configuration_file(directory):
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def check(directory: str) -> tuple[Project | None, list[ConfigError]]:
    """What the project's configuration says, and everything that is wrong with it. There is a
    Project exactly if nothing is. Executes nothing."""
    directory = os.path.realpath(directory)
    name = _configuration_file(directory)
    if name is None:
        file = os.path.join(directory, "buildd.toml")
        error = ConfigError(
            "there is no configuration any more", "`buildd init` writes one.", file=file
        )
        return None, [error]
    project, errors = READERS[name](directory)
    return project and with_links(project), errors


def load(directory: str) -> Project:
    """The project in a directory. Raises the first ConfigError."""
    project, errors = check(directory)
    if project is None:
        raise errors[0]
    return project


def position(project: Project, path: Path) -> Position:
    """Where the key at `path`, as in buildd.toml, is in the project's configuration as it is now;
    its beginning where that cannot be said."""
    try:
        with open(project.config_file, encoding="utf-8-sig", newline="") as file:
            text = file.read().replace("\r\n", "\n")
        tomllib.loads(text)
    except (OSError, ValueError, RecursionError):
        return (1, 1)
    return nearest(positions(text), path)


def _configuration_file(directory: str) -> str | None:
    for name in READERS:
        if os.path.isfile(os.path.join(directory, name)):
            return name
    return None


def _read_lone_dockerfile(directory: str) -> tuple[Project | None, list[ConfigError]]:
    file = os.path.join(directory, "build.Dockerfile")
    environment = Environment(
        name="build", engine=EngineName.DOCKER, dockerfile=file, project_target=directory
    )
    project = Project(
        path=directory,
        config_file=file,
        files=(file,),
        environments={"build": environment},
        default_environment="build",
    )
    return project, []


READERS: dict[str, Reader] = {
    "buildd.toml": read_toml,
    "build.Dockerfile": _read_lone_dockerfile,
}
"""What can stand for a configuration, the strongest first."""
