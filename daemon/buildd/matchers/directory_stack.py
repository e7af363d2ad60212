"""The directories that a log tells of by `%D` and `%X`, as Vim keeps them. Pure."""

from __future__ import annotations

import posixpath

from buildd.matchers.base import Exists


class DirectoryStack:
    """Where nobody can tell what `exists`, all that is named does."""

    def __init__(self, exists: Exists | None) -> None:
        self._exists = exists
        self._entered: list[str] = []

    @property
    def top(self) -> str | None:
        """The directory that the output is in; None if nothing tells."""
        return self._entered[-1] if self._entered else None

    def push(self, name: str) -> bool:
        """Enter a directory: a relative one is in the newest of those entered that has it, and
        what was entered since then must have been left. Whether there is a name."""
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
        if self._entered:
            self._entered.pop()

    def locate(self, file: str) -> str:
        """The path of a file that is named while in the top directory."""
        if posixpath.isabs(file):
            return file
        path = posixpath.join(self._entered[-1], file)
        if self._is_there(path):
            return path
        # In one of the others; those between have been left without a word.
        top = self._entered.pop()
        while self._entered and not self._is_there(posixpath.join(self._entered[-1], file)):
            self._entered.pop()
        directory = self._entered[-1] if self._entered else ""
        self._entered.append(top)
        return posixpath.join(directory, file)

    def _is_there(self, path: str) -> bool:
        return self._exists is None or self._exists(path)
