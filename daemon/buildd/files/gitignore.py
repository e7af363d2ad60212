"""This module tells which files of a tree git ignores, from its `.gitignore` files."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pathspec

from buildd.base.safe_open import open_regular

VERSION_CONTROL = {".git", ".hg", ".jj", ".svn"}
"""Directories of version control systems, which are always ignored."""

_Rules = tuple[tuple[str, pathspec.GitIgnoreSpec], ...]
"""Directories, each ended by a slash, with the rules of their `.gitignore`; later ones win."""


class Gitignore:
    """The ignore rules of the tree at `root`.

    Each `.gitignore` is read when it is first needed, and again after it has changed. Source:
    gitignore(5).
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._read: dict[str, tuple[float, pathspec.GitIgnoreSpec | None]] = {}

    def covers(self, path: str) -> bool:
        """Return whether the file is ignored."""
        parts = os.path.relpath(path, self._root).split(os.sep)
        if VERSION_CONTROL & set(parts):
            return True
        return _covered(path, self._rules(os.path.dirname(path)))

    def files(self, directory: str) -> Iterator[os.DirEntry[str]]:
        """Yield every file at or below the directory that is not ignored.

        Links to directories are yielded, but not followed.
        """
        if directory != self._root and self.covers(os.path.join(directory, "")[:-1]):
            return
        waiting = [(directory, self._rules(directory))]
        while waiting:
            folder, rules = waiting.pop()
            try:
                entries = list(os.scandir(folder))
            except OSError:
                continue  # it was removed, or we may not read it
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    if not _covered(entry.path, rules):
                        yield entry
                elif entry.name not in VERSION_CONTROL and not _covered(entry.path + os.sep, rules):
                    own = self._specification(entry.path)
                    waiting.append(
                        (entry.path, (*rules, (entry.path + os.sep, own)) if own else rules)
                    )

    def _rules(self, directory: str) -> _Rules:
        """Return the rules that apply in a directory: its own and those of its parents."""
        parts = os.path.relpath(directory, self._root).split(os.sep)
        folders = [self._root]
        for part in parts if parts != [os.curdir] else ():
            folders.append(os.path.join(folders[-1], part))
        rules = ((folder + os.sep, self._specification(folder)) for folder in folders)
        return tuple((folder, specification) for folder, specification in rules if specification)

    def _specification(self, directory: str) -> pathspec.GitIgnoreSpec | None:
        path = os.path.join(directory, ".gitignore")
        try:
            modified = os.stat(path).st_mtime
        except OSError:
            self._read.pop(directory, None)
            return None
        cached = self._read.get(directory)
        if cached is None or cached[0] != modified:
            cached = self._read[directory] = (modified, _parse(path))
        return cached[1]


def _covered(path: str, rules: _Rules) -> bool:
    is_ignored = False
    for folder, specification in rules:
        match = specification.check_file(path[len(folder) :]).include
        is_ignored = is_ignored if match is None else match
    return is_ignored


def _parse(path: str) -> pathspec.GitIgnoreSpec | None:
    try:
        with open_regular(path) as file:
            lines = file.read().decode("utf-8", "surrogateescape").splitlines()
        return pathspec.GitIgnoreSpec.from_lines(lines)
    except (OSError, ValueError):
        return None
