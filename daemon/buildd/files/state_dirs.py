"""This module finds each project's directories in the state and the runtime directory."""

from __future__ import annotations

import logging
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress

from buildd.base.atomic_write import create_file
from buildd.errors import BuilddError
from buildd.model import EngineName
from buildd.paths import private_dir, runtime_dir, short_hash, state_dir

log = logging.getLogger(__name__)

_ID = re.compile(r"[0-9a-f]{16}")


def owner() -> str:
    """Return an id of this user and state directory, unique among all that share an engine."""
    return f"{os.getuid()}-{_state_id()}"


def state_of(project: str) -> str:
    """Return the project's state directory, made if missing.

    The file `path` in it holds the project's path. Raises BuilddError if it cannot be made.
    """
    path = private_dir(_path_of(project))
    name = os.path.join(path, "path")
    if not os.path.exists(name):
        with suppress(OSError):  # the disk may be full; the next call writes it
            _write(name, os.fsencode(project))
    return path


def note_engine(project: str, engine: str) -> None:
    """Record that the project has had environments in this engine."""
    name = os.path.join(private_dir(os.path.join(state_of(project), "engines")), engine)
    with suppress(OSError), open(name, "ab"):
        pass


def engines_of(project: str) -> list[EngineName]:
    """Return the engines in which the project has had environments."""
    try:
        names = os.listdir(os.path.join(_path_of(project), "engines"))
    except OSError:
        return []
    return [name for name in EngineName if name in names]


def note_mounts(project: str, environment: str, sources: Iterable[str]) -> None:
    """Remember what of this machine the environment's container may write."""
    directory = private_dir(os.path.join(state_of(project), "mounts"))
    new = os.path.join(directory, f".{environment}")
    try:
        with open(new, "wb") as file:
            file.write(b"\0".join(map(os.fsencode, sources)))
        os.replace(new, os.path.join(directory, environment))
    except OSError as error:
        raise BuilddError(
            f"{new} cannot be written: {error.strerror}",
            "Make room, or set BUILDD_STATE_DIR to a directory that you can write.",
        ) from error


def noted_mounts() -> Iterator[tuple[str, str]]:
    """Each project that was noted so, with each directory or file."""
    for project in known_projects():
        directory = os.path.join(_path_of(project), "mounts")
        try:
            names = os.listdir(directory)
        except OSError:
            continue
        for name in names:
            with suppress(OSError), open(os.path.join(directory, name), "rb") as file:
                for source in filter(None, file.read().split(b"\0")):
                    yield project, os.fsdecode(source)


def directories_of(project: str) -> tuple[str, str]:
    """Return all directories of a project, which may not exist: the state and the pipes."""
    return _path_of(project), pipes_of(project)


def runs_of(project: str) -> str:
    """Return the directory of the records and outputs of a project's runs."""
    return os.path.join(_path_of(project), "runs")


def make_runs_of(project: str) -> None:
    """Make the directory of the project's runs if it is missing.

    A failure is logged only, because a project can still be built on a full disk.
    """
    try:
        private_dir(os.path.join(state_of(project), "runs"))
    except BuilddError as error:
        log.error("the runs of %s cannot be stored: %s", project, error)


def pipes_of(project: str) -> str:
    """Return the directory that holds the run directories of a project's environments.

    It may not exist.
    """
    parent = private_dir(os.path.join(runtime_dir(), "env"))
    return os.path.join(parent, short_hash(project))


def known_projects() -> Iterator[str]:
    """Yield the paths of all projects that have a state directory."""
    for name in os.listdir(_projects()):
        try:
            with open(os.path.join(_projects(), name, "path"), "rb") as file:
                yield os.fsdecode(file.read())
        except OSError:
            continue  # it is being made or removed just now


def _path_of(project: str) -> str:
    return os.path.join(_projects(), short_hash(project))


def _projects() -> str:
    return private_dir(os.path.join(state_dir(), "projects"))


def _state_id() -> str:
    """Return the random id of this state directory, made at the first call."""
    name = os.path.join(state_dir(), "id")
    try:
        if not os.path.exists(name):
            create_file(name, secrets.token_hex(8).encode())
        with open(name, encoding="ascii", errors="replace") as file:
            content = file.read().strip()
    except OSError as error:
        raise BuilddError(
            f"cannot write or read {name}: {error.strerror}",
            "Free some disk space, or set BUILDD_STATE_DIR to a directory that you can write to.",
        ) from error
    if not _ID.fullmatch(content):
        raise BuilddError(
            f"{name} does not contain 16 hexadecimal digits",
            "Remove it: buildd writes a new one, and creates new containers and caches.",
        )
    return content


def _write(name: str, content: bytes) -> None:
    """Write a file atomically; if another process has made it meanwhile, that one stays."""
    new = f"{name}.{secrets.token_hex(4)}"
    try:
        with open(new, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(new, name)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(new)
