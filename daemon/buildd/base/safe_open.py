"""Files of a project, which may be anything: only regular ones are read.

Standard library only.
"""

from __future__ import annotations

import os
import stat
from io import BufferedReader


class NotAFileError(OSError):
    """Something else has taken a file's place: a named pipe, a device, a directory."""

    def __init__(self, path: str) -> None:
        super().__init__(None, "it is not a regular file", path)


def open_regular(path: str) -> BufferedReader:
    """Open a regular file for reading, without ever blocking.

    A named pipe in a file's place would otherwise block until somebody writes to it. Links are
    followed. Raises NotAFileError if it is not a regular file, OSError if it cannot be opened.
    """
    try:
        file = open(path, "rb", opener=_open)  # noqa: SIM115 (the caller closes it)
    except IsADirectoryError as error:
        raise NotAFileError(path) from error
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise NotAFileError(path)
    return file


def read_regular(path: str, limit: int) -> bytes:
    """The first bytes of a regular file, at most `limit` of them. Raises OSError."""
    with open_regular(path) as file:
        return file.read(limit)


def read_end(path: str, limit: int) -> bytes:
    """The last bytes of a regular file, at most `limit` of them. Raises OSError."""
    with open_regular(path) as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - limit))
        return file.read(limit)


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
