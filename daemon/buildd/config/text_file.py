"""The text of a configuration file, whoever wrote it."""

from __future__ import annotations

from buildd.base.safe_open import read_regular
from buildd.errors import ConfigError

LIMIT = 256 << 10
"""Bytes of a configuration file; a greater file is none."""


def read_text(file: str) -> str:
    """The text, with LF line ends. Raises ConfigError."""
    try:
        content = read_regular(file, LIMIT + 1)
    except OSError as error:
        raise ConfigError(
            f"it cannot be read: {error.strerror}", "Look at its permissions.", file=file
        ) from error
    if len(content) > LIMIT:
        raise ConfigError("it is greater than 256 KiB", "Keep to what buildd needs.", file=file)
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
