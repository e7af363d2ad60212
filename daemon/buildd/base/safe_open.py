"""Files of a project, which may be anything: only regular ones are read.

Standard library only.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import BinaryIO

PASSING = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EIO))
"""Why a file cannot be opened or read just now, which says nothing of the file."""


class NotAFileError(OSError):
    """Something else has taken a file's place: a named pipe, a device, a directory."""


def open_regular(path: str) -> BinaryIO:
    """Open a regular file for reading, without ever waiting for it: a named pipe would have us
    wait for a writer. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise NotAFileError(None, "it is not a regular file", path)
        return os.fdopen(fd, "rb")
    except BaseException:
        os.close(fd)
        raise
