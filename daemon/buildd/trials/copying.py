"""Copies files between two trees, of which others may be changing the first. Blocks."""

from __future__ import annotations

import errno
import math
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from typing import BinaryIO

from buildd.base.beneath import FileTree
from buildd.base.safe_open import NotAFileError

_SMALL = 1 << 20
_AT_ONCE = 1 << 30


def copy_tree(source: FileTree, target: FileTree) -> None:
    """Copy all files, directories and links; what is none of these is left out. Raises OSError."""
    for path, status in source.below():
        if stat.S_ISDIR(status.st_mode):
            target.make_directory(path)
        else:
            copy_entry(source, path, status, target)


def copy_files(
    source: FileTree, paths: Iterable[str], target: FileTree, largest: float = math.inf
) -> list[str]:
    """Copy the files and links of these paths, as far as they are there; those of more than
    `largest` bytes are left for later, and given back. Raises OSError."""
    later = []
    for path in paths:
        if not (status := source.status(path)):
            continue
        if status.st_size > largest:
            later.append(path)
        else:
            copy_entry(source, path, status, target)
    return later


def copy_entry(source: FileTree, path: str, status: os.stat_result, target: FileTree) -> None:
    """Copy a file or a link; what is neither, or goes meanwhile, is left out. Raises OSError."""
    if stat.S_ISREG(status.st_mode):
        gone = suppress(FileNotFoundError, NotADirectoryError, NotAFileError)
        with gone, source.open(path) as file:
            copy_content(file, target, path)
    elif stat.S_ISLNK(status.st_mode):
        try:
            leads = source.target(path)
        except OSError:
            return  # it is no link any more
        target.link(path, leads)


def copy_content(
    file: BinaryIO, target: FileTree, path: str, permissions: int | None = None
) -> None:
    """Make a new file of an open one's content, time and, if no others are given, permissions.
    Raises OSError."""
    source = file.fileno()
    status = os.fstat(source)
    fd = target.create(path, 0o600)
    try:
        data = os.pread(source, _SMALL, 0) if status.st_size <= _SMALL else b""
        if not data or os.write(fd, data) < len(data):
            _copy_large(source, fd, status.st_size)
        # No more than that: a program that runs as its owner does so where it is.
        os.fchmod(fd, (status.st_mode if permissions is None else permissions) & 0o777)
        os.utime(fd, ns=(status.st_atime_ns, status.st_mtime_ns))
    finally:
        os.close(fd)


def _copy_large(source: int, target: int, size: int) -> None:
    """Holes stay holes: a file of a few bytes on the disk may say that it has millions."""
    place = 0
    while place < size:
        try:
            place = os.lseek(source, place, os.SEEK_DATA)
            end = os.lseek(source, place, os.SEEK_HOLE)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole follows
                break
            end = size
        _copy_range(source, target, place, end)
        place = end
    os.ftruncate(target, size)


def _copy_range(source: int, target: int, place: int, end: int) -> None:
    while place < end:
        done = _some(source, target, place, min(end - place, _AT_ONCE))
        if not done:
            return  # it has been cut meanwhile
        place += done


def _some(source: int, target: int, place: int, count: int) -> int:
    """Copy some of these bytes; how many."""
    if hasattr(os, "copy_file_range"):
        try:
            return os.copy_file_range(source, target, count, place, place)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP):
                raise
    data = os.pread(source, min(count, _SMALL), place)
    return os.pwrite(target, data, place) if data else 0
