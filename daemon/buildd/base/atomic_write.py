"""Files that are there whole or not at all, at whatever instant their writer is killed.

A file is written beside its place and put there by renaming: a link that stands in its place is
replaced, and never followed. Standard library only.
"""

from __future__ import annotations

import glob
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from buildd.base.failpoint import hit_failpoint

_NAME_LENGTH = 40
"""Characters of the file's name that its unfinished copy begins with: a name has 255 bytes."""


def replace_file(
    path: str,
    data: bytes,
    *,
    mode: int = 0o600,
    durable: bool = False,
    failpoint: str = "",
    directory: int | None = None,
) -> None:
    """Write the file, or replace it by a new one. Blocks.

    `mode` is that of the new file, less the umask. A durable file outlives a loss of power.
    `failpoint` is passed once all is written and the file does not have its name yet. `directory`
    is a descriptor: `path` is relative to it. Raises OSError that names `path`; then the file is
    what it was.
    """
    with _unfinished(path, data, mode=mode, durable=durable, directory=directory) as new:
        if failpoint:
            hit_failpoint(failpoint)
        os.replace(new, path, src_dir_fd=directory, dst_dir_fd=directory)
        if durable:
            _sync_directory(os.path.dirname(path), directory)


def create_file(path: str, data: bytes, *, mode: int = 0o600) -> None:
    """Write a durable file unless there is one, which then stays.

    Any number of writers may try at once; none gets an error for it. Blocks. Raises OSError that
    names `path`.
    """
    with _unfinished(path, data, mode=mode, durable=True) as new:
        with suppress(FileExistsError):
            os.link(new, path)
        os.unlink(new)
        _sync_directory(os.path.dirname(path))


def remove_unfinished(path: str) -> None:
    """Remove the unfinished copies that killed writers of this file left behind.

    Only for the holder of a lock that keeps other writers away.
    """
    for name in glob.glob(f"{glob.escape(_beside(path))}.*.new"):
        with suppress(FileNotFoundError):
            os.unlink(name)


@contextmanager
def _unfinished(
    path: str, data: bytes, *, mode: int, durable: bool, directory: int | None = None
) -> Iterator[str]:
    """A new file with this content in the directory of `path`, removed if it is left there."""
    new = f"{_beside(path)}.{secrets.token_hex(4)}.new"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        fd = os.open(new, flags, mode, dir_fd=directory)
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(data)
                file.flush()
                if durable:
                    os.fsync(fd)
            yield new
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(new, dir_fd=directory)
            raise
    except OSError as error:
        error.filename, error.filename2 = path, None
        raise


def _beside(path: str) -> str:
    directory, name = os.path.split(path)
    return os.path.join(directory, name[:_NAME_LENGTH])


def _sync_directory(path: str, directory: int | None = None) -> None:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    fd = os.open(path or os.curdir, flags, dir_fd=directory)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
