"""This module matches the patterns of `.dockerignore`, COPY and ADD.

They are those of Go's `filepath.Match`, with `**`. Everything here is pure.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

_SPECIAL = re.compile(r"[*?\[\\]")
_CLASS = re.compile(r"\[(\^?)((?:\\.|[^\]\\])+)\]")
_WILD = {"*": "[^/]*", "?": "[^/]"}


def is_literal(pattern: str) -> bool:
    """Return whether the pattern matches one path only."""
    return not _SPECIAL.search(pattern)


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return a regular expression for whole paths; it never raises."""
    parts: list[str] = []
    index = 0
    while index < len(pattern):
        if pattern.startswith("**/", index):
            parts.append("(?:[^/]*/)*")
            index += 3
        elif pattern.startswith("**", index):
            parts.append(".*")
            index += 2
        elif match := _CLASS.match(pattern, index):
            inner = re.sub(r"([\[&~|])", r"\\\1", match[2])
            parts.append(f"[{match[1]}{inner}]")
            index = match.end()
        elif pattern[index] == "\\" and index + 1 < len(pattern):
            parts.append(re.escape(pattern[index + 1]))
            index += 2
        else:
            parts.append(_WILD.get(pattern[index]) or re.escape(pattern[index]))
            index += 1
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error:  # a character class such as [z-a], which the engine refuses
        return re.compile(re.escape(pattern))


Matches = tuple[bool, ...]
"""For each rule of an Ignore, whether it matches a path or one of its parent directories."""


class Ignore:
    """The rules of a `.dockerignore`; the last rule that matches a path decides."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._rules: list[tuple[bool, str, re.Pattern[str]]] = []
        for line in lines:
            stripped = line.strip()
            if not stripped or line.startswith("#"):
                continue
            includes = stripped.startswith("!")
            pattern = posixpath.normpath("/" + stripped.removeprefix("!").strip()).strip("/")
            if pattern:
                self._rules.append((includes, pattern, compile_pattern(pattern)))

    @property
    def no_matches(self) -> Matches:
        """The matches of the context's root."""
        return (False,) * len(self._rules)

    def matches(self, path: str, parent: Matches) -> Matches:
        """Return the matches of a path relative to the context, given its parent's matches."""
        if not self._rules:
            return ()
        rules = zip(self._rules, parent, strict=True)
        return tuple(above or bool(rule.fullmatch(path)) for (_, _, rule), above in rules)

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
        if not compile_pattern(component).fullmatch(name):
            return False
    return True
