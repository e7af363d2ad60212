"""What git would not look at: by the `.gitignore` files of a tree, and git's own directory."""

from __future__ import annotations

import os

import pathspec

from buildd.regular import open_regular

CONTROL = {".git", ".hg", ".jj", ".svn"}
"""Directories of version control itself."""


class Ignored:
    """Of the tree at `root`. Reads each `.gitignore` when it is first needed, and again when it has
    changed."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._read: dict[str, tuple[float, pathspec.GitIgnoreSpec | None]] = {}

    def covers(self, path: str) -> bool:
        """Whether the file is ignored."""
        parts = os.path.relpath(path, self._root).split(os.sep)
        if CONTROL & set(parts):
            return True
        verdict = False
        # The nearer file has the last word.
        for depth in range(len(parts)):
            specification = self._specification(os.path.join(self._root, *parts[:depth]))
            if specification:
                found = specification.check_file("/".join(parts[depth:])).include
                verdict = verdict if found is None else found
        return verdict

    def _specification(self, directory: str) -> pathspec.GitIgnoreSpec | None:
        path = os.path.join(directory, ".gitignore")
        try:
            written = os.stat(path).st_mtime
        except OSError:
            self._read.pop(directory, None)
            return None
        known = self._read.get(directory)
        if known is None or known[0] != written:
            known = self._read[directory] = (written, _parse(path))
        return known[1]


def _parse(path: str) -> pathspec.GitIgnoreSpec | None:
    try:
        with open_regular(path) as file:
            lines = file.read().decode("utf-8", "surrogateescape").splitlines()
        return pathspec.GitIgnoreSpec.from_lines(lines)
    except (OSError, ValueError):
        return None
