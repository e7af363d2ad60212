"""This module matches the patterns of `.dockerignore`, COPY and ADD.

They are those of Go's `filepath.Match`, with `**`. Everything here is pure.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from buildd.engines.image_definition.path_pattern import PathPattern

_SPECIAL = re.compile(r"[*?\[\\]")


def is_literal(pattern: str) -> bool:
    """Return whether the pattern matches one path only."""
    return not _SPECIAL.search(pattern)


Matches = tuple[bool, ...]
"""For each rule of an Ignore, whether it matches a path or one of its parent directories."""


class Ignore:
    """The rules of a `.dockerignore`; the last rule that matches a path decides."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._rules: list[tuple[bool, str, PathPattern]] = []
        for line in lines:
            stripped = line.strip()
            if not stripped or line.startswith("#"):
                continue
            includes = stripped.startswith("!")
            pattern = posixpath.normpath("/" + stripped.removeprefix("!").strip()).strip("/")
            if pattern:
                self._rules.append((includes, pattern, PathPattern(pattern)))

    @property
    def no_matches(self) -> Matches:
        """The matches of the context's root."""
        return (False,) * len(self._rules)

    def matches(self, path: str, parent: Matches) -> Matches:
        """Return the matches of a path relative to the context, given its parent's matches."""
        if not self._rules:
            return ()
        rules = zip(self._rules, parent, strict=True)
        return tuple(above or rule.fullmatch(path) for (_, _, rule), above in rules)

    def excludes(self, matches: Matches) -> bool:
        """Return whether a path with these matches is left out of the context."""
        is_excluded = False
        for (includes, _, _), is_match in zip(self._rules, matches, strict=True):
            if is_match:
                is_excluded = not includes
        return is_excluded

    def may_include_below(self, directory: str) -> bool:
        """Return whether a rule with `!` may include something in an excluded directory."""
        return any(
            includes and _may_match_below(pattern.split("/"), directory.split("/"))
            for includes, pattern, _ in self._rules
        )


def _may_match_below(pattern: list[str], directory: list[str]) -> bool:
    """Return whether the pattern may match something at or below the directory."""
    for component, name in zip(pattern, directory, strict=False):
        if "**" in component:
            return True
        if not PathPattern(component).fullmatch(name):
            return False
    return True
