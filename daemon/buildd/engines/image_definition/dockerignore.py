"""The patterns of `.dockerignore`, COPY and ADD: as Go matches file names, with `**`. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from buildd.engines.image_definition.path_pattern import PathPattern

_SPECIAL = re.compile(r"[*?\[\\]")


def is_literal(pattern: str) -> bool:
    """Whether it fits one path only."""
    return not _SPECIAL.search(pattern)


Fits = tuple[bool, ...]
"""For each rule of an Ignore, whether it fits a path or a directory above it."""


class Ignore:
    """What a `.dockerignore` leaves out of the context: the last of its lines that fits decides."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._rules: list[tuple[bool, str, PathPattern]] = []
        for line in lines:
            stripped = line.strip()
            if not stripped or line.startswith("#"):
                continue
            keeps = stripped.startswith("!")
            pattern = posixpath.normpath("/" + stripped.removeprefix("!").strip()).strip("/")
            if pattern:
                self._rules.append((keeps, pattern, PathPattern(pattern)))

    @property
    def nothing(self) -> Fits:
        """Of the context's root."""
        return (False,) * len(self._rules)

    def fits(self, path: str, parent: Fits) -> Fits:
        """Of a path relative to the context, given those of the directory that it is in."""
        if not self._rules:
            return ()
        rules = zip(self._rules, parent, strict=True)
        return tuple(above or rule.fullmatch(path) for (_, _, rule), above in rules)

    def covers(self, fits: Fits) -> bool:
        """Whether what has these fits is left out."""
        covered = False
        for (keeps, _, _), fit in zip(self._rules, fits, strict=True):
            if fit:
                covered = not keeps
        return covered

    def may_keep_below(self, directory: str) -> bool:
        """Whether something in a directory that is left out may be sent all the same."""
        return any(
            keeps and _may_meet(pattern.split("/"), directory.split("/"))
            for keeps, pattern, _ in self._rules
        )


def _may_meet(pattern: list[str], directory: list[str]) -> bool:
    """Whether the pattern may fit something at or below the directory."""
    for wanted, there in zip(pattern, directory, strict=False):
        if "**" in wanted:
            return True
        if not PathPattern(wanted).fullmatch(there):
            return False
    return True
