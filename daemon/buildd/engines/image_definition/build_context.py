"""The files of a build's context that its Dockerfile takes, as they are on the disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator

from buildd.base.safe_open import read_regular
from buildd.engines.image_definition.copied_files import EVERYTHING
from buildd.engines.image_definition.dockerignore import Fits, Ignore, is_literal
from buildd.engines.image_definition.path_pattern import PathPattern
from buildd.errors import ImageError

IGNORE_LIMIT = 1 << 20
"""Bytes of a `.dockerignore`."""

IGNORE_LINES_LIMIT = 1000
"""Lines of a `.dockerignore`: each file of the context is compared with each of them."""

Visit = Callable[[str], None]
"""Told of each directory, before it is looked into."""

FoundFiles = Iterator[tuple[str, os.stat_result]]
"""Paths relative to the context, each after the directory that it is in."""


def files(context: str, patterns: Iterable[str], ignore: Ignore, visit: Visit) -> FoundFiles:
    """Every file, directory and symbolic link that a build with these patterns is sent; what is
    neither (a socket) is left out, and so is what vanishes meanwhile."""
    patterns = tuple(patterns)
    if any(_leads_through_a_link(context, pattern) for pattern in patterns):
        patterns = EVERYTHING
    walk = _Walk(context, ignore, visit)
    seen: set[str] = set()
    for pattern in patterns:
        for path, status in walk.matching("", ignore.nothing, pattern.split("/")):
            if path not in seen:
                seen.add(path)
                yield path, status


def ignore_of(context: str, dockerfile: str) -> Ignore:
    """What the context's ignore file leaves out; one that is the Dockerfile's own goes first.

    Raises ImageError if there is one that cannot be read: without it, files would be sent that
    should not leave the machine.
    """
    for path in (f"{dockerfile}.dockerignore", os.path.join(context, ".dockerignore")):
        try:
            text = read_regular(path, IGNORE_LIMIT).decode("utf-8-sig", "surrogateescape")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise ImageError(
                f"cannot read {path}: {error.strerror}",
                "It says what a build is not sent: replace or remove it.",
                file=path,
                line=1,
            ) from error
        lines = text.splitlines()
        if len(lines) > IGNORE_LINES_LIMIT:
            raise ImageError(
                f"{path} has more than {IGNORE_LINES_LIMIT} lines, which is the limit",
                "Leave out directories instead of single files.",
                file=path,
                line=IGNORE_LINES_LIMIT + 1,
            )
        return Ignore(lines)
    return Ignore()


def _leads_through_a_link(context: str, pattern: str) -> bool:
    """Whether what is behind the pattern may be elsewhere in the context."""
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

    def matching(self, directory: str, fits: Fits, components: list[str]) -> FoundFiles:
        """What fits the components, below a directory with these fits; and the ways to it."""
        head, rest = components[0], components[1:]
        if head in ("", "**") or "**" in head:
            yield from self._below(directory, fits)
            return
        if is_literal(head):
            self._visit(self._absolute(directory))
            path = _join(directory, head)
            try:
                found = [(path, os.lstat(self._absolute(path)))]
            except OSError:
                return
        else:
            wanted = PathPattern(head)
            found = [
                (path, status)
                for path, status in self._entries(directory)
                if wanted.fullmatch(os.path.basename(path))
            ]
        for path, status in found:
            yield from self._taken(path, status, self._ignore.fits(path, fits), rest)

    def _taken(self, path: str, status: os.stat_result, fits: Fits, rest: list[str]) -> FoundFiles:
        covered = self._ignore.covers(fits)
        if stat.S_ISDIR(status.st_mode):
            if covered and not self._ignore.may_keep_below(path):
                return
            if not covered:
                yield path, status
            yield from self.matching(path, fits, rest or [""])
        elif not (covered or rest) and _is_sent(status):
            yield path, status

    def _below(self, directory: str, fits: Fits) -> FoundFiles:
        for path, status in self._entries(directory):
            yield from self._taken(path, status, self._ignore.fits(path, fits), [])

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
