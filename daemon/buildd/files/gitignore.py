"""What git would not look at: by the `.gitignore` files of a tree, and git's own directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from buildd.base.safe_open import open_regular

if TYPE_CHECKING:
    import pathspec

CONTROL = {".git", ".hg", ".jj", ".svn"}
"""Directories of version control itself."""

Rules = tuple[tuple[str, "pathspec.GitIgnoreSpec"], ...]
"""Each with the directory that it is for, ended by a slash; the nearer have the last word."""


class Gitignore:
    """Of the tree at `root`. Reads each `.gitignore` when it is first needed, and again when it has
    changed."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._read: dict[str, tuple[float, pathspec.GitIgnoreSpec | None]] = {}

    def covers(self, path: str) -> bool:
        """Whether the file is ignored."""
        parts = os.path.relpath(path, self._root).split(os.sep)
        return bool(CONTROL & set(parts)) or is_covered(path, self._rules(os.path.dirname(path)))

    def others(self, directory: str) -> Iterator[os.DirEntry[str]]:
        """Every file in the directory and below that is not ignored; no link to a directory is
        followed."""
        if directory != self._root and self.covers(os.path.join(directory, "")[:-1]):
            return
        waiting = [(directory, self._rules(directory))]
        while waiting:
            folder, rules = waiting.pop()
            try:
                entries = list(os.scandir(folder))
            except OSError:
                continue  # it has gone, or is not ours to read
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    if not is_covered(entry.path, rules):
                        yield entry
                elif entry.name not in CONTROL and not is_covered(entry.path + os.sep, rules):
                    own = self._specification(entry.path)
                    waiting.append(
                        (entry.path, (*rules, (entry.path + os.sep, own)) if own else rules)
                    )

    def _rules(self, directory: str) -> Rules:
        """Those that hold in a directory."""
        parts = os.path.relpath(directory, self._root).split(os.sep)
        places = [self._root]
        for part in parts if parts != [os.curdir] else ():
            places.append(os.path.join(places[-1], part))
        found = ((place + os.sep, self._specification(place)) for place in places)
        return tuple((place, one) for place, one in found if one)

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


def is_covered(path: str, rules: Rules) -> bool:
    """Whether the rules ignore the path; one that ends with a slash is a directory's."""
    verdict = False
    for place, specification in rules:
        found = specification.check_file(path[len(place) :]).include
        verdict = verdict if found is None else found
    return verdict


def parsed(content: bytes) -> pathspec.GitIgnoreSpec | None:
    """What a `.gitignore` of this content says; None where it says nothing that can be read."""
    import pathspec  # here: its import takes milliseconds, and the daemon starts without it

    try:
        lines = content.decode("utf-8", "surrogateescape").splitlines()
        return pathspec.GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return None


def _parse(path: str) -> pathspec.GitIgnoreSpec | None:
    try:
        with open_regular(path) as file:
            return parsed(file.read())
    except OSError:
        return None
