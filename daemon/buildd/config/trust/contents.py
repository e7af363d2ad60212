"""What the files hold that consent covers: read once, named by a digest, and never waited for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from buildd.base.safe_open import PASSING, NotAFileError, open_regular
from buildd.config.trust.consent_record import ConsentedFile
from buildd.errors import UnsteadyError

LIMIT = 64 << 20
"""Bytes of one file. A greater file has no digest, so that nothing that holds it is ever used."""

TOO_GREAT = f"greater than {LIMIT >> 20} MiB"

KEPT_TEXT = 256 << 10
"""Bytes of a file that a consent remembers, so that its change can be shown: no configuration is
greater."""

CHUNK = 1 << 20


def read(paths: Iterable[str]) -> dict[str, ConsentedFile]:
    """What each file holds now. Raises UnsteadyError where that cannot be told just now. Reads
    them all; call it in a thread."""
    return {path: _read(path) for path in paths}


def digests(paths: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of what each file holds now, in hexadecimal digits; in words, why it has none:
    no file holds what has these words for a digest."""
    return {path: content.digest for path, content in read(paths).items()}


def _read(path: str) -> ConsentedFile:
    digest = hashlib.sha256()
    kept: bytes | None = b""
    size = 0
    try:
        with open_regular(path) as file:
            while data := file.read(CHUNK):
                digest.update(data)
                size += len(data)
                if size > LIMIT:
                    return ConsentedFile(digest=TOO_GREAT)
                kept = kept + data if kept is not None and size <= KEPT_TEXT else None
    except NotAFileError:
        return ConsentedFile(digest="not a file")
    except FileNotFoundError:
        return ConsentedFile(digest="missing")
    except OSError as error:
        if error.errno in PASSING:
            message = f"it cannot be read: {error.strerror}"
            raise UnsteadyError(message, "Try again.", file=path) from error
        return ConsentedFile(digest=f"unreadable {error.errno}")
    try:
        text = None if kept is None else kept.decode()
    except UnicodeDecodeError:
        text = None
    return ConsentedFile(digest=digest.hexdigest(), text=text)
