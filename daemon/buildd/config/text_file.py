"""The text of a configuration file, whoever wrote it."""

from __future__ import annotations

from buildd.base.safe_open import PASSING, open_regular
from buildd.errors import ConfigError, UnsteadyError

LIMIT = 256 << 10
"""Bytes of a configuration file; a greater file is none."""


def read_text(file: str, limit: int = LIMIT) -> str:
    """The text, with LF line ends. Raises ConfigError."""
    try:
        with open_regular(file) as opened:
            content = opened.read(limit + 1)
    except OSError as error:
        message = f"it cannot be read: {error.strerror}"
        if error.errno in PASSING:
            raise UnsteadyError(message, "Try again.", file=file) from error
        raise ConfigError(message, "Look at its permissions.", file=file) from error
    if len(content) > limit:
        raise ConfigError(
            f"it is greater than {limit >> 10} KiB", "Keep to what buildd needs.", file=file
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line_start = before.rfind(b"\n") + 1
        raise ConfigError(
            f"it is not UTF-8: the byte 0x{content[error.start]:02x} is no part of a character",
            "Save it with the encoding UTF-8.",
            file=file,
            line=before.count(b"\n") + 1,
            column=len(before[line_start:].decode("utf-8-sig", "replace")) + 1,
        ) from error
    return text.replace("\r\n", "\n")
