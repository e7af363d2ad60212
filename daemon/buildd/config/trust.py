"""Trust: the user's recorded consent to exactly this configuration of this project.

The record lives in the state directory, outside every project: no project can grant itself trust.
Every function that reads or writes it takes `state`, that directory, for use apart from the user's.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import stat
import time
from collections.abc import Iterator

import msgspec

from buildd.config.summary import summary as summary
from buildd.errors import BuilddError
from buildd.model import Frozen, Project
from buildd.paths import state_dir

log = logging.getLogger(__name__)

VERSION = 1
"""Of the record, and of what a digest covers."""


class Consent(Frozen, frozen=True):
    """To which configuration, and when (seconds since the epoch)."""

    digest: str
    granted: float


class Record(Frozen, frozen=True, omit_defaults=False):
    """The file: consents by the project's canonical path (lone surrogates escaped)."""

    version: int = VERSION
    consents: dict[str, Consent] = {}


def digest(project: Project) -> str:
    """Names exactly this configuration: the project's path, path and content of every file that
    it refers to, and what was read from them.

    The last, because a file may have changed since it was read: what is trusted is what will run.
    """
    parts: list[object] = [VERSION, msgspec.to_builtins(project)]
    parts += [[path, _content(path)] for path in project.files]
    return hashlib.sha256(json.dumps([project.path, *parts]).encode("ascii")).hexdigest()


def is_trusted(project: Project, *, state: str | None = None) -> bool:
    """Whether the user has consented to this configuration, and the files still say it."""
    consent = _read(record_path(state)).consents.get(_key(project.path))
    return consent is not None and consent.digest == digest(project)


def grant(project: Project, shown: str, *, state: str | None = None) -> None:
    """Record consent to the configuration with the digest `shown`. Raises BuilddError if it has
    another digest by now, or if the record cannot be written."""
    if digest(project) != shown:
        raise BuilddError(
            f"the configuration of {project.path} has changed since it was shown",
            "Look at it again with `buildd trust`.",
        )
    with _changing(state) as consents:
        consents[_key(project.path)] = Consent(digest=shown, granted=time.time())


def revoke(path: str, *, state: str | None = None) -> bool:
    """Take back the consent for the project at the canonical `path`; whether there was one.
    Raises BuilddError if the record cannot be written."""
    with _changing(state) as consents:
        return consents.pop(_key(path), None) is not None


def record_path(state: str | None = None) -> str:
    """Where consents are recorded."""
    return os.path.join(state or state_dir(), "trust.json")


def _content(path: str) -> str:
    """The hash of a regular file's content, or why there is none."""
    try:
        # Not to wait for ever for a writer, where a named pipe has taken a file's place.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                return "not a file"
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return f"unreadable {error.errno}"


def _key(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def _read(path: str) -> Record:
    try:
        with open(path, "rb") as file:
            record = msgspec.json.decode(file.read(), type=Record)
    except FileNotFoundError:
        return Record()
    except (OSError, ValueError, RecursionError) as error:
        # Without a readable record nothing is trusted, and the next consent writes a new one.
        log.warning("%s cannot be read, so that nothing is trusted: %s", path, error)
        return Record()
    return record if record.version == VERSION else Record()


@contextlib.contextmanager
def _changing(state: str | None) -> Iterator[dict[str, Consent]]:
    """The consents, to be changed in place; written at the end if they were. One at a time."""
    path = record_path(state)
    try:
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before = _read(path).consents
            consents = dict(before)
            yield consents
            if consents != before:
                _write(path, Record(consents=consents))
        finally:
            os.close(lock)
    except OSError as error:
        raise BuilddError(
            f"the consent cannot be recorded in {path}: {error.strerror}",
            "Make room, or set BUILDD_STATE_DIR to a directory that you can write.",
        ) from error


def _write(path: str, record: Record) -> None:
    """Replace the file at `path`, so that whenever we die it is the old one or the new one."""
    new = f"{path}.new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(new)  # of one who died here; we hold the lock
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(msgspec.json.encode(record))
        file.flush()
        os.fsync(fd)
    os.replace(new, path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
