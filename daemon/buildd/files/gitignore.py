"""This module tells which files of a tree git ignores, from its `.gitignore` files."""

from __future__ import annotations

import os
from collections.abc import Iterator

from buildd.base.globs import Globs
from buildd.base.safe_open import read_regular

VERSION_CONTROL = {".git", ".hg", ".jj", ".svn"}
"""Directories of version control systems, which are always ignored."""

DEPTH_LIMIT = 256
"""Largest depth below the root. Deeper files count as ignored, because each level takes time."""

SIZE_LIMIT = 1 << 20
"""Bytes of a `.gitignore` file; a larger one counts as empty."""

Rules = tuple[tuple[str, Globs], ...]
"""Directories, each ended by a slash, with the patterns of their `.gitignore`; later ones win."""


class Gitignore:
    """The ignore rules of the tree at `root`.

    Each `.gitignore` is read when it is first needed, and again after it has changed. Source:
    gitignore(5).
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._read: dict[str, tuple[tuple[int, ...], Globs | None]] = {}

    def covers(self, path: str, *, is_directory: bool = False) -> bool:
        """Return whether git ignores a path of the tree, or one of its parent directories."""
        parts = os.path.relpath(path, self._root).split(os.sep)
        if VERSION_CONTROL & set(parts) or len(parts) > DEPTH_LIMIT:
            return True
        rules: Rules = ()
        current = self._root
        for number, part in enumerate(parts, 1):
            rules = self._with_own(rules, current)
            current = os.path.join(current, part)
            is_last = number == len(parts)
            if _is_ignored(current, rules, is_directory=is_directory or not is_last):
                return True
        return False

    def files(self, directory: str) -> Iterator[os.DirEntry[str]]:
        """Yield every file at or below the directory that is not ignored.

        Links to directories are yielded, but not followed.
        """
        if directory != self._root and self.covers(directory, is_directory=True):
            return
        waiting = [(directory, self._rules(directory))]
        while waiting:
            folder, rules = waiting.pop()
            try:
                entries = list(os.scandir(folder))
            except OSError:
                continue  # it was removed, or we may not read it
            for entry in entries:
                is_directory = entry.is_dir(follow_symlinks=False)
                if is_directory and entry.name in VERSION_CONTROL:
                    continue
                if _is_ignored(entry.path, rules, is_directory=is_directory):
                    continue
                if not is_directory:
                    yield entry
                elif entry.path.count(os.sep) - self._root.count(os.sep) < DEPTH_LIMIT:
                    waiting.append((entry.path, self._with_own(rules, entry.path)))

    def _rules(self, directory: str) -> Rules:
        """Return the rules that apply in a directory: its own and those of its parents."""
        rules = self._with_own((), self._root)
        current = self._root
        relative = os.path.relpath(directory, self._root)
        for part in relative.split(os.sep) if relative != os.curdir else ():
            current = os.path.join(current, part)
            rules = self._with_own(rules, current)
        return rules

    def _with_own(self, rules: Rules, directory: str) -> Rules:
        own = self._globs(directory)
        return (*rules, (directory + os.sep, own)) if own else rules

    def _globs(self, directory: str) -> Globs | None:
        path = os.path.join(directory, ".gitignore")
        try:
            status = os.stat(path)
        except OSError:
            self._read.pop(directory, None)
            return None
        state = (status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size)
        known = self._read.get(directory)
        if known is None or known[0] != state:
            known = self._read[directory] = (state, _parse(path))
        return known[1]


def is_covered(path: str, rules: Rules) -> bool:
    """Return whether the rules ignore the path; one that ends with a slash is a directory's."""
    return _is_ignored(path.rstrip("/"), rules, is_directory=path.endswith("/"))


def parsed(content: bytes) -> Globs:
    """Return what a `.gitignore` with this content says; nothing if it is too large."""
    if len(content) > SIZE_LIMIT:
        return Globs(())
    return Globs(content.decode("utf-8", "surrogateescape").splitlines())


def _is_ignored(path: str, rules: Rules, *, is_directory: bool) -> bool:
    """Return whether the rules ignore exactly this path; no parent directory is ignored."""
    for directory, globs in reversed(rules):
        verdict = globs.verdict(path[len(directory) :], is_directory=is_directory)
        if verdict is not None:
            return verdict
    return False


def _parse(path: str) -> Globs | None:
    try:
        data = read_regular(path, SIZE_LIMIT + 1)
    except OSError:
        return None
    if len(data) > SIZE_LIMIT:
        return None
    return Globs(data.decode("utf-8", "surrogateescape").splitlines())
