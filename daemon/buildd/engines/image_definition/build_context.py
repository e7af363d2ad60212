"""This module lists the files of a build context that a Dockerfile copies."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator

from buildd.base.safe_open import open_regular
from buildd.engines.image_definition.copied_files import EVERYTHING
from buildd.engines.image_definition.dockerignore import Ignore, Matches, is_literal
from buildd.engines.image_definition.path_pattern import PathPattern

Visit = Callable[[str], None]
"""Called with each directory before it is read."""

FoundFiles = Iterator[tuple[str, os.stat_result]]
"""Paths relative to the context, each after the directory that it is in."""


def context_files(
    context: str, patterns: Iterable[str], ignore: Ignore, visit: Visit
) -> FoundFiles:
    """Yield every file, directory and symbolic link that the engine needs for these patterns.

    Other kinds of files, such as sockets, are left out, and so are files that are removed
    meanwhile.
    """
    patterns = tuple(patterns)
    if any(_contains_link(context, pattern) for pattern in patterns):
        patterns = EVERYTHING
    walk = _Walk(context, ignore, visit)
    seen: set[str] = set()
    for pattern in patterns:
        for path, status in walk.matching("", ignore.no_matches, pattern.split("/")):
            if path not in seen:
                seen.add(path)
                yield path, status


def read_ignore_file(context: str, dockerfile: str) -> Ignore:
    """Read `DOCKERFILE.dockerignore`, else the context's `.dockerignore`, else return no rules."""
    for path in (f"{dockerfile}.dockerignore", os.path.join(context, ".dockerignore")):
        try:
            with io.TextIOWrapper(open_regular(path), "utf-8-sig", "surrogateescape") as file:
                return Ignore(file)
        except OSError:
            continue
    return Ignore()


def _contains_link(context: str, pattern: str) -> bool:
    """Return whether a directory of the pattern is a link, so that its files may be elsewhere."""
    directory = context
    for component in pattern.split("/")[:-1]:
        if not is_literal(component):
            return False
        directory = os.path.join(directory, component)
        if os.path.islink(directory):
            return True
    return False


class _Walk:
    def __init__(self, context: str, ignore: Ignore, visit: Visit) -> None:
        self._context = context
        self._ignore = ignore
        self._visit = visit

    def matching(self, directory: str, matches: Matches, components: list[str]) -> FoundFiles:
        """Yield the files below a directory that match the components, and their directories.

        `matches` are the ignore rules that match the directory.
        """
        head, rest = components[0], components[1:]
        if head in ("", "**") or "**" in head:
            yield from self._below(directory, matches)
            return
        if is_literal(head):
            self._visit(self._absolute(directory))
            path = _join(directory, head)
            try:
                found = [(path, os.lstat(self._absolute(path)))]
            except OSError:
                return
        else:
            pattern = PathPattern(head)
            found = [
                (path, status)
                for path, status in self._entries(directory)
                if pattern.fullmatch(os.path.basename(path))
            ]
        for path, status in found:
            yield from self._included(path, status, self._ignore.matches(path, matches), rest)

    def _included(
        self, path: str, status: os.stat_result, matches: Matches, rest: list[str]
    ) -> FoundFiles:
        excluded = self._ignore.excludes(matches)
        if stat.S_ISDIR(status.st_mode):
            if excluded and not self._ignore.may_include_below(path):
                return
            if not excluded:
                yield path, status
            yield from self.matching(path, matches, rest or [""])
        elif not (excluded or rest) and _is_sent(status):
            yield path, status

    def _below(self, directory: str, matches: Matches) -> FoundFiles:
        for path, status in self._entries(directory):
            yield from self._included(path, status, self._ignore.matches(path, matches), [])

    def _entries(self, directory: str) -> list[tuple[str, os.stat_result]]:
        absolute = self._absolute(directory)
        self._visit(absolute)
        found: list[tuple[str, os.stat_result]] = []
        try:
            with os.scandir(absolute) as entries:
                for entry in entries:
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except OSError:
                        continue
                    found.append((_join(directory, entry.name), status))
        except OSError:
            return []
        return found

    def _absolute(self, path: str) -> str:
        return os.path.join(self._context, path) if path else self._context


def _is_sent(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)


def _join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name
