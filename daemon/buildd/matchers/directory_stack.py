"""Tracks the directories that a log names by `%D` and `%X`, as Vim does."""

from __future__ import annotations

import posixpath

from buildd.matchers.base import Exists


class DirectoryStack:
    """Holds the directories that were entered and not left.

    Without `exists`, every name counts as existing.
    """

    def __init__(self, exists: Exists | None) -> None:
        self._exists = exists
        self._entered: list[str] = []

    @property
    def top(self) -> str | None:
        """Returns the directory that the output is in, or None if no line has named one."""
        return self._entered[-1] if self._entered else None

    def push(self, name: str) -> bool:
        """Enters a directory, and returns whether there is a name.

        A relative directory is below the newest entered one that contains it; those entered after
        that one count as left.
        """
        if not name:
            return False
        if self._entered and not posixpath.isabs(name):
            kept = list(self._entered)
            while kept and not self._is_there(posixpath.join(kept[-1], name)):
                kept.pop()
            self._entered = kept
            name = posixpath.join(kept[-1], name) if kept else name
        self._entered.append(name)
        return True

    def pop(self) -> None:
        """Leaves the newest directory."""
        if self._entered:
            self._entered.pop()

    def locate(self, file: str) -> str:
        """Returns the path of a file that is named in the top directory."""
        if posixpath.isabs(file):
            return file
        path = posixpath.join(self._entered[-1], file)
        if self._is_there(path):
            return path
        # It is in one of the others; those between were left without notice.
        top = self._entered.pop()
        while self._entered and not self._is_there(posixpath.join(self._entered[-1], file)):
            self._entered.pop()
        directory = self._entered[-1] if self._entered else ""
        self._entered.append(top)
        return posixpath.join(directory, file)

    def _is_there(self, path: str) -> bool:
        return self._exists is None or self._exists(path)
