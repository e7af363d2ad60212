"""Where each project's own files are, in the state and the runtime directory; whose they are."""

from __future__ import annotations

import logging
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress

from buildd.errors import BuilddError
from buildd.model import EngineName
from buildd.paths import private_dir, runtime_dir, short_hash, state_dir

log = logging.getLogger(__name__)

_ID = re.compile(r"[0-9a-f]{16}")


def owner() -> str:
    """Names this user and this state directory among all that may share an engine."""
    return f"{os.getuid()}-{_state_id()}"


def state_of(project: str) -> str:
    """What outlives the daemon of one project; made if missing, and says whose it is."""
    path = private_dir(_path_of(project))
    name = os.path.join(path, "path")
    if not os.path.exists(name):
        with suppress(OSError):  # a full disk: it is written the next time
            _write(name, os.fsencode(project))
    return path


def note_engine(project: str, engine: str) -> None:
    """Remember that the project has had environments in this engine."""
    name = os.path.join(private_dir(os.path.join(state_of(project), "engines")), engine)
    with suppress(OSError), open(name, "ab"):
        pass


def engines_of(project: str) -> list[EngineName]:
    """Those that were noted."""
    try:
        names = os.listdir(os.path.join(_path_of(project), "engines"))
    except OSError:
        return []
    return [name for name in EngineName if name in names]


def note_mounts(project: str, environment: str, sources: Iterable[str]) -> None:
    """Remember what of this machine the environment's container may write; on a full disk it may
    not be remembered, and one can still build."""
    try:
        directory = private_dir(os.path.join(state_of(project), "mounts"))
        new = os.path.join(directory, f".{environment}")
        with open(new, "wb") as file:
            file.write(b"\0".join(map(os.fsencode, sources)))
        os.replace(new, os.path.join(directory, environment))
    except (BuilddError, OSError) as error:
        log.error("the mounts of %s in %s cannot be noted: %s", environment, project, error)


def noted_mounts() -> Iterator[tuple[str, str]]:
    """Each project that was noted so, with each directory or file."""
    for project in known():
        directory = os.path.join(_path_of(project), "mounts")
        try:
            names = os.listdir(directory)
        except OSError:
            continue
        for name in names:
            with suppress(OSError), open(os.path.join(directory, name), "rb") as file:
                for source in filter(None, file.read().split(b"\0")):
                    yield project, os.fsdecode(source)


def kept_of(project: str) -> tuple[str, str]:
    """All that is kept of it: two directories, which may not be there."""
    return _path_of(project), pipes_of(project)


def runs_of(project: str) -> str:
    """Where the records and outputs of its runs are, once `make_runs_of` was called."""
    return os.path.join(_path_of(project), "runs")


def make_runs_of(project: str) -> None:
    """Make that directory if it is missing; on a full disk it may not be there, and one can still
    build."""
    try:
        private_dir(os.path.join(state_of(project), "runs"))
    except BuilddError as error:
        log.error("the runs of %s cannot be stored: %s", project, error)


def pipes_of(project: str) -> str:
    """Above the run directories of its environments; perhaps not there."""
    parent = private_dir(os.path.join(runtime_dir(), "env"))
    return os.path.join(parent, short_hash(project))


def known() -> Iterator[str]:
    """The paths of the projects of which anything is kept."""
    for name in os.listdir(_projects()):
        try:
            with open(os.path.join(_projects(), name, "path"), "rb") as file:
                yield os.fsdecode(file.read())
        except OSError:
            continue  # one that is just being made or removed


def _path_of(project: str) -> str:
    return os.path.join(_projects(), short_hash(project))


def _projects() -> str:
    return private_dir(os.path.join(state_dir(), "projects"))


def _state_id() -> str:
    """What tells this state directory from every other: made once, at random."""
    name = os.path.join(state_dir(), "id")
    try:
        if not os.path.exists(name):
            _write(name, secrets.token_hex(8).encode())
        with open(name, encoding="ascii", errors="replace") as file:
            content = file.read().strip()
    except OSError as error:
        raise BuilddError(
            f"{name} cannot be written and read: {error.strerror}",
            "Make room, or set BUILDD_STATE_DIR to a directory that you can write.",
        ) from error
    if not _ID.fullmatch(content):
        raise BuilddError(
            f"{name} does not hold 16 hexadecimal digits",
            "Remove it: buildd writes a new one, and makes its containers and caches anew.",
        )
    return content


def _write(name: str, content: bytes) -> None:
    """Write a file that is there whole or not at all; where another was quicker, his stays."""
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
