"""Files below a directory that somebody else may change at the same time: no link leads out of it.

A path is walked one component at a time, each opened in the directory before it and never through
a symbolic link. Whatever is exchanged meanwhile, what is opened lies below the directory. Standard
library only; everything here blocks, but waits for no named pipe.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import BufferedReader
from typing import Self

from buildd.base.containment import is_below
from buildd.base.open_directory import DIRECTORY, MOST_LINKS, named, open_directory
from buildd.base.safe_open import NotAFileError

DEEPEST = 256
"""Directories that one may lie in another: each costs a descriptor."""

_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC

Entry = tuple[str, os.stat_result]
"""A name or a path, and what kind of file it is; links are not followed."""


class FileTree:
    """The files below a directory, by paths relative to it. For one thread at a time.

    Its methods raise OSError with the absolute path: NotADirectoryError where a link, or anything
    else that is no directory, is on the way.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._chain: list[tuple[str, int]] = [("", open_directory(root))]
        """The directories that lead to the one that was used last, each with its descriptor."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the descriptors back."""
        while self._chain:
            os.close(self._chain.pop()[1])

    def absolute(self, path: str) -> str:
        """The absolute path of a file of the tree."""
        return os.path.join(self.root, path) if path else self.root

    # --- reading

    def status(self, path: str) -> os.stat_result | None:
        """What is there, links not followed; None where nothing is, or only by way of a link."""
        try:
            directory, name = self._place(path)
            return os.stat(name, dir_fd=directory, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def entries(self, path: str = "") -> list[Entry]:
        """What is directly in a directory, sorted by name; what goes meanwhile is left out."""
        directory = self._directory(_parts(path))
        with os.scandir(directory) as scan:
            names = sorted(entry.name for entry in scan)
        found = []
        for name in names:
            with suppress(FileNotFoundError):
                found.append((name, os.stat(name, dir_fd=directory, follow_symlinks=False)))
        return found

    def below(self, path: str = "") -> Iterator[Entry]:
        """All that is in a directory and below, each directory before what is in it.

        What cannot be looked into is empty. Links are named, not followed.
        """
        waiting = [path]
        while waiting:
            folder = waiting.pop()
            try:
                entries = self.entries(folder)
            except OSError as error:
                if error.errno == errno.ENAMETOOLONG:
                    raise
                continue
            inner = []
            for name, status in entries:
                yield (inside := join(folder, name)), status
                if stat.S_ISDIR(status.st_mode):
                    inner.append(inside)
            waiting += reversed(inner)

    def open(self, path: str) -> BufferedReader:
        """Open a regular file for reading. Raises NotAFileError where something else is there."""
        directory, name = self._place(path)
        absolute = self.absolute(path)
        try:
            fd = os.open(name, os.O_RDONLY | os.O_NONBLOCK | _FLAGS, dir_fd=directory)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
                raise NotAFileError(absolute) from error
            raise named(error, absolute) from error
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise NotAFileError(absolute)
            return os.fdopen(fd, "rb")
        except BaseException:
            os.close(fd)
            raise

    def read(self, path: str, limit: int) -> bytes | None:
        """The content of a regular file.

        None where there is none that can be read, or a longer one than `limit` bytes.
        """
        try:
            with self.open(path) as file:
                content = file.read(limit + 1)
        except OSError:
            return None
        return content if len(content) <= limit else None

    def target(self, path: str) -> str:
        """Where a symbolic link says that it leads."""
        directory, name = self._place(path)
        return os.readlink(name, dir_fd=directory)

    def resolved(self, path: str) -> str | None:
        """The path without links, as far as these stay in the tree; None where one leads out of it.

        The last component may be a link.
        """
        waiting = list(reversed(path.split("/")))
        found: list[str] = []
        links = 0
        while waiting:
            part = waiting.pop()
            if part in ("", os.curdir):
                continue
            if part == os.pardir:
                if not found:
                    return None
                found.pop()
                continue
            here = "/".join((*found, part))
            status = self.status(here) if waiting else None
            if status is None or not stat.S_ISLNK(status.st_mode):
                found.append(part)
                continue
            links += 1
            target = self.target(here)
            if target.startswith("/"):
                if not is_below(target, self.root):
                    return None
                target, found = os.path.relpath(target, self.root), []
            if links > MOST_LINKS:
                return None
            waiting += reversed(target.split("/"))
        return "/".join(found)

    # --- writing

    def make_directory(self, path: str) -> None:
        """Have a directory there, and those above it; one that is there stays."""
        self._directory(_parts(path), make=True)

    def create(self, path: str, mode: int = 0o666) -> int:
        """A descriptor that writes a new file, whose directory is made if missing.

        Raises FileExistsError.
        """
        directory, name = self._place(path, make=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS
        try:
            return os.open(name, flags, mode, dir_fd=directory)
        except OSError as error:
            raise named(error, self.absolute(path)) from error

    def link(self, path: str, target: str) -> None:
        """Make a symbolic link, in a directory that is made if missing."""
        directory, name = self._place(path, make=True)
        os.symlink(target, name, dir_fd=directory)

    def hard_link(self, path: str, source: FileTree, other: str) -> bool:
        """Give the regular file `other` of another tree a second name here; return if it worked.

        It does not if that is no regular file, or if the system does not allow it.
        """
        from_directory, from_name = source._place(other)
        directory, name = self._place(path, make=True)
        try:
            os.link(
                from_name,
                name,
                src_dir_fd=from_directory,
                dst_dir_fd=directory,
                follow_symlinks=False,
            )
        except OSError:
            return False
        if stat.S_ISREG(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
            return True
        os.unlink(name, dir_fd=directory)
        return False

    def remove(self, path: str) -> None:
        """Remove a file, or a link itself; not a directory."""
        directory, name = self._place(path)
        os.unlink(name, dir_fd=directory)

    def rename(self, path: str, name: str) -> None:
        """Give a file or a directory another name in the directory that it is in."""
        directory, before = self._place(path)
        os.rename(before, name, src_dir_fd=directory, dst_dir_fd=directory)

    # --- the way to a file

    def _place(self, path: str, *, make: bool = False) -> tuple[int, str]:
        """The directory that a file is in, and its name there."""
        *parts, name = _parts(path) or [os.curdir]
        return self._directory(parts, make=make), name

    def _directory(self, parts: Sequence[str], *, make: bool = False) -> int:
        """The descriptor of a directory; the tree's own, to be used before the next call."""
        if len(parts) > DEEPEST:
            raise OSError(
                errno.ENAMETOOLONG,
                f"it lies in more than {DEEPEST} directories",
                self.absolute("/".join(parts)),
            )
        same = 0
        for (name, _), part in zip(self._chain[1:], parts, strict=False):
            if name != part:
                break
            same += 1
        while len(self._chain) > same + 1:
            os.close(self._chain.pop()[1])
        for number, part in enumerate(parts[same:], same + 1):
            above = self._chain[-1][1]
            try:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(part, dir_fd=above)
                self._chain.append((part, os.open(part, DIRECTORY, dir_fd=above)))
            except OSError as error:
                raise named(error, self.absolute("/".join(parts[:number]))) from error
        return self._chain[-1][1]


def join(directory: str, name: str) -> str:
    """The path of a file in a directory of a tree, whose own path is empty."""
    return f"{directory}/{name}" if directory else name


def _parts(path: str) -> list[str]:
    """The components of a path that stays in its tree."""
    parts = path.split("/") if path else []
    if any(part in ("", os.curdir, os.pardir) or "\0" in part for part in parts):
        raise OSError(errno.EINVAL, "it is no path in a directory", path)
    return parts
