"""Remembers the files of a directory tree, and finds those that have changed since.

What git ignores is left out. Events of the file system may be lost; a snapshot finds every change.
Two threads must not use one at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from buildd.files.gitignore import Gitignore

FileStamp = tuple[int, int, int]
"""A file's inode, its modification time in nanoseconds, and its size in bytes."""


class TreeSnapshot:
    """Remembers the tree at `root`. It is empty until the first `scan`."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._ignored = Gitignore(root)
        self._known: dict[str, FileStamp] = {}

    def scan(self, directory: str) -> list[str]:
        """Read a directory of the tree again, and return its files that are new, gone or changed.

        The directory need not exist.
        """
        inside = directory.rstrip(os.sep) + os.sep
        before = {path: stamp for path, stamp in self._known.items() if path.startswith(inside)}
        now = dict(self._files(directory)) if os.path.isdir(directory) else {}
        for path in before.keys() - now.keys():
            del self._known[path]
        self._known |= now
        gone = [path for path in before if path not in now]
        return gone + [path for path, stamp in now.items() if before.get(path) != stamp]

    def is_changed(self, file: str) -> bool:
        """Return whether a file is new, gone or changed."""
        before = self._known.get(file)
        return self.includes(file) and self._known.get(file) != before

    def includes(self, file: str) -> bool:
        """Return whether a file is one of the tree's, or was one until now; remember how it is."""
        if self._ignored.covers(file):
            return False
        try:
            self._known[file] = _stamp(os.stat(file))
        except OSError:
            return self._known.pop(file, None) is not None
        return True

    def holds(self, file: str) -> bool:
        """Return whether the file existed when it was last checked."""
        return file in self._known

    def _files(self, directory: str) -> Iterator[tuple[str, FileStamp]]:
        for entry in self._ignored.files(directory):
            try:
                yield entry.path, _stamp(entry.stat())
            except OSError:
                continue  # deleted meanwhile, or a link to nothing


def _stamp(found: os.stat_result) -> FileStamp:
    return found.st_ino, found.st_mtime_ns, found.st_size
