"""This module reads the text of a configuration file, which is not trusted yet."""

from __future__ import annotations

import errno

from buildd.base.safe_open import read_regular
from buildd.errors import ConfigError, UnsteadyError

SCARCITY = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
"""Errors that say something about the machine and nothing about the file: the next try may work."""

LIMIT = 256 << 10
"""Largest size of a configuration file in bytes."""


def read_text(file: str) -> str:
    """Return the file's text with LF line ends.

    Raises ConfigError if it cannot be read, is larger than LIMIT, or is not UTF-8.
    """
    try:
        content = read_regular(file, LIMIT + 1)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        if error.errno in SCARCITY:
            raise UnsteadyError(message, "Try again later.", file=file) from error
        raise ConfigError(message, "Check its permissions.", file=file) from error
    if len(content) > LIMIT:
        raise ConfigError(
            "the file is larger than 256 KiB", "Remove what buildd does not need.", file=file
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line_start = before.rfind(b"\n") + 1
        raise ConfigError(
            f"the file is not UTF-8: the byte 0x{content[error.start]:02x} is not valid here",
            "Save it with the encoding UTF-8.",
            file=file,
            line=before.count(b"\n") + 1,
            column=len(before[line_start:].decode("utf-8-sig", "replace")) + 1,
        ) from error
    return text.replace("\r\n", "\n")
