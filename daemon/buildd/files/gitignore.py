"""Which files of a tree git ignores, by its `.gitignore` files and git's own directory."""

from __future__ import annotations

import os
from collections.abc import Iterator

from buildd.base.globs import Globs
from buildd.base.safe_open import open_regular

CONTROL = {".git", ".hg", ".jj", ".svn"}
"""Directories of version control itself."""

DEEPEST = 256
"""Directories below the root. Deeper files count as ignored: each level costs a look at rules."""

SIZE_LIMIT = 1 << 20
"""Bytes of a `.gitignore` file; a larger one counts as empty."""

LINES_LIMIT = 5000
"""Lines of a `.gitignore` file; one with more counts as empty."""

_Rules = tuple[tuple[str, Globs], ...]
"""Each with the directory that it is for, ended by a slash; the nearer have the last word."""


class Gitignore:
    """The ignored files of the tree at `root`.

    Reads each `.gitignore` when it is first needed, and again when it has changed.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._read: dict[str, tuple[float, Globs | None]] = {}

    def covers(self, path: str, *, is_directory: bool = False) -> bool:
        """Return whether git ignores a path of the tree, or a directory above it."""
        parts = os.path.relpath(path, self._root).split(os.sep)
        if CONTROL & set(parts) or len(parts) > DEEPEST:
            return True
        rules: _Rules = ()
        place = self._root
        for number, part in enumerate(parts, 1):
            rules = self._with_own(rules, place)
            place = os.path.join(place, part)
            is_last = number == len(parts)
            if _is_ignored(place, rules, is_directory=is_directory or not is_last):
                return True
        return False

    def others(self, directory: str) -> Iterator[os.DirEntry[str]]:
        """Yield every file in the directory and below that is not ignored; no link to a directory
        is followed."""
        if directory != self._root and self.covers(directory, is_directory=True):
            return
        waiting = [(directory, self._rules(directory))]
        while waiting:
            folder, rules = waiting.pop()
            try:
                entries = list(os.scandir(folder))
            except OSError:
                continue  # it has gone, or is not ours to read
            for entry in entries:
                is_directory = entry.is_dir(follow_symlinks=False)
                if is_directory and entry.name in CONTROL:
                    continue
                if _is_ignored(entry.path, rules, is_directory=is_directory):
                    continue
                if not is_directory:
                    yield entry
                elif entry.path.count(os.sep) - self._root.count(os.sep) < DEEPEST:
                    waiting.append((entry.path, self._with_own(rules, entry.path)))

    def _rules(self, directory: str) -> _Rules:
        """The rules that hold for what is in a directory of the tree."""
        rules = self._with_own((), self._root)
        place = self._root
        relative = os.path.relpath(directory, self._root)
        for part in relative.split(os.sep) if relative != os.curdir else ():
            place = os.path.join(place, part)
            rules = self._with_own(rules, place)
        return rules

    def _with_own(self, rules: _Rules, directory: str) -> _Rules:
        own = self._globs(directory)
        return (*rules, (directory + os.sep, own)) if own else rules

    def _globs(self, directory: str) -> Globs | None:
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


def _is_ignored(path: str, rules: _Rules, *, is_directory: bool) -> bool:
    """Return what the rules say of exactly this path; what is above it is not ignored."""
    for directory, globs in reversed(rules):
        verdict = globs.verdict(path[len(directory) :], is_directory=is_directory)
        if verdict is not None:
            return verdict
    return False


def _parse(path: str) -> Globs | None:
    try:
        with open_regular(path) as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError:
        return None
    lines = data.decode("utf-8", "surrogateescape").splitlines()
    if len(data) > SIZE_LIMIT or len(lines) > LINES_LIMIT:
        return None
    return Globs(lines)
