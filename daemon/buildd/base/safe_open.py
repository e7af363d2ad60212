"""This module opens files of a project, and refuses what is not a regular file.

It uses the standard library only, because the terminal client imports it.
"""

from __future__ import annotations

import os
import stat
from typing import BinaryIO


class NotAFileError(OSError):
    """A path that should be a regular file is a named pipe, a device or a directory."""


def open_regular(path: str) -> BinaryIO:
    """Open a regular file for reading, without ever blocking.

    A named pipe in a file's place would otherwise block until somebody writes to it. Raises
    NotAFileError if it is not a regular file, OSError if it cannot be opened.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise NotAFileError(None, "it is not a regular file", path)
        return os.fdopen(fd, "rb")
    except BaseException:
        os.close(fd)
        raise
