"""Files opened by their canonical path alone: no symbolic link is followed on the way.

What was looked at by a path may be led elsewhere by a link when the path is used. Whoever opens a
file so gets what the path said, or nothing. Standard library only.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress


def open_exactly(path: str, flags: int = os.O_PATH) -> int:
    """Open what is at a canonical path, and return its descriptor.

    Raises OSError with ELOOP if any part of the path is a symbolic link, or another OSError.
    """
    parts = path.split("/")
    if parts[0] or any(part in (".", "..") for part in parts):
        raise ValueError(f"not a canonical path: {path}")
    names = [part for part in parts if part]
    directory = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for place, name in enumerate(names, 1):
            ours = flags if place == len(names) else os.O_PATH
            found = _open_in(directory, name, ours, path)
            os.close(directory)
            directory = found
    except BaseException:
        os.close(directory)
        raise
    return directory


def _open_in(directory: int, name: str, flags: int, path: str) -> int:
    found = os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
    # Of links, O_PATH opens the link itself.
    if flags & os.O_PATH and stat.S_ISLNK(os.fstat(found).st_mode):
        os.close(found)
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    return found


def make_below(directory: str, path: str, *, is_file: bool) -> None:
    """Make an empty file or a directory below a canonical directory, with what is above it.

    What exists stays. Raises OSError if it cannot be made, for example because part of the path is
    a symbolic link.
    """
    *names, last = os.path.relpath(path, directory).split("/")
    above = open_exactly(directory)
    try:
        for name in names:
            _make_directory(above, name)
            below = _open_in(above, name, os.O_PATH | os.O_DIRECTORY, path)
            os.close(above)
            above = below
        if not is_file:
            _make_directory(above, last)
            return
        with suppress(FileExistsError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            os.close(os.open(last, flags, 0o644, dir_fd=above))
    finally:
        os.close(above)


def _make_directory(above: int, name: str) -> None:
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=above)
