"""Files that somebody else may have put there, such as those of a project, which may be anything.

Only regular files are read, none is waited for, and no more of one is read than a limit. Standard
library only.
"""

from __future__ import annotations

import os
import stat
from io import BufferedReader

_READING = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class NotAFileError(OSError):
    """Something else has taken a file's place: a named pipe, a device, a directory."""


class FileTooLargeError(OSError):
    """A file has more bytes than its reader takes."""


def open_regular(path: str) -> BufferedReader:
    """Open a regular file for reading; links are followed. Raises OSError.

    Nothing else is opened: a named pipe would have us wait for a writer, and some devices do
    something when they are opened.
    """
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(place).st_mode):
            raise NotAFileError(None, "it is not a regular file", path)
        # Exactly what was looked at, whatever has taken its place meanwhile.
        return open(path, "rb", opener=lambda path, _: _reopened(place, path))
    finally:
        os.close(place)


def read_regular(path: str, limit: int) -> bytes:
    """Return the content of a regular file; links are followed.

    Raises FileTooLargeError if it has more bytes than `limit`, or another OSError.
    """
    with open_regular(path) as file:
        # First of all: a file with nothing but a hole may have any size.
        content = file.read(limit + 1) if os.fstat(file.fileno()).st_size <= limit else None
    if content is None or len(content) > limit:
        raise FileTooLargeError(None, f"it is larger than {_shown(limit)}", path)
    return content


def may_be_opened(path: str, limit: int) -> bool:
    """Return whether a program may open the path that knows nothing of what is said here.

    It must be a regular file of at most `limit` bytes, a directory, or nothing.
    """
    try:
        found = os.stat(path)
    except OSError:
        return True
    return stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_size <= limit)


def _reopened(place: int, path: str) -> int:
    try:
        return os.open(f"/proc/self/fd/{place}", _READING)
    except OSError as error:
        error.filename = path
        raise


def _shown(size: int) -> str:
    return f"{size >> 20} MiB" if size >= 1 << 20 else f"{size >> 10} KiB"
