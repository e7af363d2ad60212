"""This module reads and writes the record of consents, one file in the state directory.

Every function takes that directory as `state`; the default is the user's state directory.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator

import msgspec

from buildd.base.atomic_write import remove_unfinished, replace_file
from buildd.base.failpoint import CONSENT_WRITTEN
from buildd.base.file_lock import locked
from buildd.base.json_file import read_json
from buildd.errors import BuilddError
from buildd.model import Frozen
from buildd.paths import state_dir

log = logging.getLogger(__name__)

VERSION = 1
"""Version of the record. New fields have defaults."""


class ConsentedFile(Frozen, frozen=True):
    """A file as it was when the user consented.

    `text` is its content, or None if that is long or not UTF-8.
    """

    digest: str
    text: str | None = None


class Consent(Frozen, frozen=True):
    """A consent to one configuration."""

    digest: str
    """The digest of the configuration."""
    granted: float
    """When the user consented, in seconds since the epoch."""
    lines: tuple[str, ...] = ()
    """The summary that the user saw."""
    files: dict[str, ConsentedFile] = {}
    """The files of the configuration, by path."""


class Record(Frozen, frozen=True, omit_defaults=False):
    """The contents of the file: consents by the project's `key`."""

    version: int = VERSION
    consents: dict[str, Consent] = {}


def record_path(state: str | None = None) -> str:
    """Return the path of the record."""
    return os.path.join(state or state_dir(), "trust.json")


def consent(project: str, *, state: str | None = None) -> Consent | None:
    """Return the newest consent for the project at a canonical path, or None."""
    return _read(record_path(state)).consents.get(key(project))


def projects(*, state: str | None = None) -> list[str]:
    """Return the keys of all projects with a consent."""
    return list(_read(record_path(state)).consents)


def put(project: str, new: Consent, *, state: str | None = None) -> None:
    """Record a consent in place of an older one.

    Raises BuilddError if the record cannot be written.
    """
    with _changing(state) as consents:
        consents[key(project)] = new


def remove(project: str, *, state: str | None = None) -> bool:
    """Remove a project's consent; return whether there was one.

    Raises BuilddError if the record cannot be written.
    """
    with _changing(state) as consents:
        return consents.pop(key(project), None) is not None


def key(path: str) -> str:
    """Return the path with lone surrogates escaped, because JSON cannot contain them."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def _read(path: str) -> Record:
    try:
        record = read_json(path, Record)
    except FileNotFoundError:
        return Record()
    except (OSError, ValueError) as error:
        # Without a readable record nothing is trusted, and the next consent writes a new record.
        log.warning("cannot read %s, so no project is trusted: %s", path, error)
        return Record()
    return record if record.version == VERSION else Record()


@contextlib.contextmanager
def _changing(state: str | None) -> Iterator[dict[str, Consent]]:
    """Yield the consents to be changed, and write them if they were; only one process at a time."""
    path = record_path(state)
    try:
        with locked(f"{path}.lock"):
            before = _read(path).consents
            consents = dict(before)
            yield consents
            if consents != before:
                remove_unfinished(path)
                data = msgspec.json.encode(Record(consents=consents))
                replace_file(path, data, durable=True, failpoint=CONSENT_WRITTEN)
    except OSError as error:
        raise BuilddError(
            f"cannot record the consent in {path}: {error.strerror}",
            "Free some disk space, or set BUILDD_STATE_DIR to a directory that you can write to.",
        ) from error
