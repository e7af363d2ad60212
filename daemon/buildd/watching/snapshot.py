"""The files of a tree as they were last seen, but for what git ignores: what has changed since.

News of changes are hints, and may be lost; this is the truth. Not for two threads at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from buildd.base.containment import relative_to
from buildd.files.gitignore import Gitignore

FileStamp = tuple[int, int, int]
"""Of a file: its inode, its time in nanoseconds, its size."""


class TreeSnapshot:
    """The tree at `root`. It is empty until the first `scan`."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._ignored = Gitignore(root)
        self._known: dict[str, FileStamp] = {}

    def scan(self, directory: str) -> list[str]:
        """Go through a directory of the tree, whether it is there or not: the files in it that are
        new, gone, or other than they were."""
        before = {path: one for path, one in self._known.items() if relative_to(path, directory)}
        now = dict(self._files(directory)) if os.path.isdir(directory) else {}
        for path in before.keys() - now.keys():
            del self._known[path]
        self._known |= now
        gone = [path for path in before if path not in now]
        return gone + [path for path, one in now.items() if before.get(path) != one]

    def is_changed(self, file: str) -> bool:
        """Whether one file is new, gone, or other than it was."""
        before = self._known.get(file)
        return self.is_of_it(file) and self._known.get(file) != before

    def is_of_it(self, file: str) -> bool:
        """Whether it is one of the tree's files, or was until now; it counts as seen."""
        if self._ignored.covers(file):
            return False
        try:
            self._known[file] = _identity(os.stat(file))
        except OSError:
            return self._known.pop(file, None) is not None
        return True

    def holds(self, file: str) -> bool:
        """Whether it was there when it was last seen."""
        return file in self._known

    def _files(self, directory: str) -> Iterator[tuple[str, FileStamp]]:
        for entry in self._ignored.others(directory):
            try:
                yield entry.path, _identity(entry.stat())
            except OSError:
                continue  # it has gone, or is a link to nothing


def _identity(found: os.stat_result) -> FileStamp:
    return found.st_ino, found.st_mtime_ns, found.st_size
