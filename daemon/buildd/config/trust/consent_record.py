"""The record of consents: one file in the state directory, outside every project.

Every function takes `state`, that directory, for use apart from the user's.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from collections.abc import Iterator

import msgspec

from buildd.base.failpoint import CONSENT_WRITTEN, passing
from buildd.base.safe_open import PASSING
from buildd.errors import BuilddError, UnsteadyError
from buildd.model import Frozen
from buildd.paths import state_dir

log = logging.getLogger(__name__)

VERSION = 1
"""Of the record. Fields that come to it have defaults."""


class ConsentedFile(Frozen, frozen=True):
    """A file that a consent covers, as it was. `text` is its content, None where that is long or
    no text."""

    digest: str
    text: str | None = None


class Consent(Frozen, frozen=True):
    """To which configuration, and when (seconds since the epoch); what it did then, as it was
    shown, and what it was read from, by path."""

    digest: str
    granted: float
    lines: tuple[str, ...] = ()
    files: dict[str, ConsentedFile] = {}


class Record(Frozen, frozen=True, omit_defaults=False):
    """The file: consents by the project's canonical path (lone surrogates escaped)."""

    version: int = VERSION
    consents: dict[str, Consent] = {}


def record_path(state: str | None = None) -> str:
    """Where consents are recorded."""
    return os.path.join(state or state_dir(), "trust.json")


def consent(project: str, *, state: str | None = None) -> Consent | None:
    """The newest for the project at this canonical path."""
    return _read(record_path(state)).consents.get(key(project))


def projects(*, state: str | None = None) -> list[str]:
    """Every project with a consent, as `key` names it."""
    return list(_read(record_path(state)).consents)


def put(project: str, new: Consent, *, state: str | None = None) -> None:
    """Record it in place of an older one. Raises BuilddError if that cannot be done."""
    with _changing(state) as consents:
        consents[key(project)] = new


def remove(project: str, *, state: str | None = None) -> bool:
    """Whether there was one. Raises BuilddError if the record cannot be written."""
    with _changing(state) as consents:
        return consents.pop(key(project), None) is not None


def key(path: str) -> str:
    """The path as the record names it: JSON holds no lone surrogates."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def _read(path: str) -> Record:
    try:
        with open(path, "rb") as file:
            record = msgspec.json.decode(file.read(), type=Record)
    except FileNotFoundError:
        return Record()
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, OSError) and error.errno in PASSING:
            # Nothing is known of it, so that nothing may be written in its place.
            message = f"it cannot be read: {error.strerror}"
            raise UnsteadyError(message, "Try again.", file=path) from error
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
    passing(CONSENT_WRITTEN)
    os.replace(new, path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
