"""This module matches paths with gitignore patterns, in time linear in the path's length.

The usual translation to a regular expression, `*a*a*b` to `[^/]*a[^/]*a[^/]*b`, tries all ways to
divide a name among the stars: with a pattern and a name from a hostile repository, that can take
hours. The first match of the text between two stars is always good enough, so it goes into an
atomic group, which never tries another. Everything here is pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

PATTERN_LIMIT = 4096
"""Largest number of characters in a pattern; a longer one matches nothing."""

_CLASS = re.compile(r"\[([!^]?)(\]?(?:\[:\w*:\]|\\.|[^\]\\])*)\]", re.DOTALL)
_NAMED_CLASS = re.compile(r"\[:(\w*):\]")
_NAMED_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": " \\t\\n\\r\\f\\v",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
_NOTHING = "(?!)"


class Glob(NamedTuple):
    """A line of a gitignore file.

    `is_negated` is true if it begins with `!`, and `needs_directory` if it ends with `/`. `is_name`
    is true if it has no other slash, and so matches names instead of paths.
    """

    is_negated: bool
    needs_directory: bool
    is_name: bool
    pattern: re.Pattern[str]
    above: re.Pattern[str]
    """Matches the beginning of a path, if the pattern matches the path or a parent directory."""

    def matches(self, path: str, *, is_directory: bool) -> bool:
        """Return whether the pattern matches this path, which is relative and has no last slash.

        A match of a parent directory does not count.
        """
        if self.needs_directory and not is_directory:
            return False
        name = path[path.rfind("/") + 1 :] if self.is_name else path
        return self.pattern.match(name) is not None


class Globs:
    """The patterns of a gitignore file or a configuration key; later ones override earlier ones."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._globs = [glob for line in lines if (glob := parse(line))]
        self._globs.reverse()

    def selects(self, path: str) -> bool:
        """Return whether the patterns select a file, whose path is relative.

        The last pattern that matches the path or a parent directory decides. For example,
        `["**/*.c", "!generated/"]` selects all C files except those in directories `generated`.
        """
        for glob in self._globs:
            if glob.above.match(path):
                return not glob.is_negated
        return False

    def verdict(self, path: str, *, is_directory: bool) -> bool | None:
        """Return what the patterns decide about this path alone, without its parent directories.

        The last pattern that matches decides: True, or False if it begins with `!`. None means that
        no pattern matches.
        """
        for glob in self._globs:
            if glob.matches(path, is_directory=is_directory):
                return not glob.is_negated
        return None


def parse(line: str) -> Glob | None:
    """Return the pattern of a line of a gitignore file, or None for comments and empty lines.

    It never raises. As in git, an invalid pattern, for example with a character class that is not
    closed, matches nothing.
    """
    line = line.rstrip("\r\n")
    if line.startswith("#"):
        return None
    line = _without_trailing_blanks(line)
    is_negated = line.startswith("!")
    line = line.removeprefix("!")
    needs_directory = line.endswith("/")
    body = line.removesuffix("/")
    if not line:
        return None
    is_name = "/" not in body
    end = "(?=/)" if needs_directory else r"(?=/|\Z)"
    if not body or body.endswith("/") or len(body) > PATTERN_LIMIT:
        exact = above = _NOTHING
    elif is_name:
        name = f"(?>{component(body)})"
        exact, above = name, f"(?:[^/]+/)*?{name}{end}"
    else:
        parts = body.removeprefix("/").split("/")
        exact, above = _path(parts), _path(parts) + end
    return Glob(is_negated, needs_directory, is_name, _compiled(exact + r"\Z"), _compiled(above))


def is_pattern(line: str) -> bool:
    """Return whether the line can match anything; comments and invalid patterns cannot."""
    glob = parse(line)
    return glob is not None and _NOTHING not in glob.pattern.pattern


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def _without_trailing_blanks(line: str) -> str:
    stripped = line.rstrip(" ")
    escapes = len(stripped) - len(stripped.rstrip("\\"))
    return stripped + " " if escapes % 2 and len(stripped) < len(line) else stripped


def _path(parts: Sequence[str]) -> str:
    """Return the regular expression of a pattern with slashes.

    `**` divides it into groups. The first match is always good enough, except for the last group,
    which must match at the end of the path.
    """
    parts = ["**" if len(part) > 1 and not part.strip("*") else part for part in parts]
    is_open_ended = parts[-1] == "**"
    groups: list[list[str]] = [[]]
    for part in parts[:-1] if is_open_ended else parts:
        if part == "**":
            groups.append([])
        else:
            groups[-1].append(part)
    found = []
    for number, group in enumerate(groups):
        is_last = number == len(groups) - 1
        skipped = "(?:[^/]+/)*?" if number else ""
        inner = "/".join(f"(?>{component(part)})" for part in group)
        if is_last and is_open_ended:
            found.append(f"(?>{skipped}{inner}{'/' if group else ''})(?:[^/]+/)*?[^/]+")
        elif is_last:
            found.append(f"{skipped}{inner}")
        elif group:
            found.append(f"(?>{skipped}{inner}/)")
    return "".join(found)


def component(pattern: str) -> str:
    """Return the regular expression of one component of a path; no wildcard matches a slash."""
    pieces = list(_pieces(pattern))
    if None not in pieces:
        return "".join(piece or "" for piece in pieces) + r"(?=/|\Z)"
    found = []
    segment: list[str] = []
    first = True
    for piece in pieces:
        if piece is not None:
            segment.append(piece)
            continue
        text = "".join(segment)
        if first:
            found.append(text)
        elif text:
            found.append(f"(?>[^/]*?{text})")
        first, segment = False, []
    found.append(f"[^/]*{''.join(segment)}" + r"(?=/|\Z)")
    return "".join(found)


def _pieces(pattern: str) -> Iterator[str | None]:
    """Yield the regular expression of each character, and None for each star."""
    index = 0
    while index < len(pattern):
        character = pattern[index]
        index += 1
        if character == "*":
            yield None
        elif character == "?":
            yield "[^/]"
        elif character == "[":
            found = _CLASS.match(pattern, index - 1)
            # As in git, a class that is not closed matches nothing.
            yield _class(found[1], found[2]) if found else _NOTHING
            index = found.end() if found else len(pattern)
        elif character == "\\":
            # As in git, a backslash at the end matches nothing.
            yield re.escape(pattern[index]) if index < len(pattern) else _NOTHING
            index += 1
        else:
            yield re.escape(character)


def _class(negation: str, inner: str) -> str:
    members = []
    index = 0
    while index < len(inner):
        if named := _NAMED_CLASS.match(inner, index):
            if named[1] not in _NAMED_CLASSES:
                return _NOTHING
            members.append(_NAMED_CLASSES[named[1]])
            index = named.end()
            continue
        first, index = _member(inner, index)
        if inner[index : index + 1] == "-" and index + 1 < len(inner):
            last, index = _member(inner, index + 1)
            # As in git, a range in reverse order contains its first character only.
            members.append(f"{re.escape(first)}-{re.escape(max(last, first))}")
            continue
        members.append(re.escape(first))
    text = "".join(members)
    if negation:
        return f"[^/{text}]"
    return f"(?!/)[{text}]" if text else _NOTHING


def _member(inner: str, index: int) -> tuple[str, int]:
    if inner[index] == "\\" and index + 1 < len(inner):
        return inner[index + 1], index + 2
    return inner[index], index + 1
