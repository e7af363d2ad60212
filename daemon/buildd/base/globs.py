"""Matches file names against gitignore patterns, in time that grows with the name's length.

A usual translation to a regular expression, `*a*a*b` as `[^/]*a[^/]*a[^/]*b`, tries every way to
share a name among the stars: a pattern and a name in somebody's repository could keep the
interpreter busy for hours. What stands between two stars is best found at its first place, so each
star is searched once and not tried again: that is what an atomic group does. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

LONGEST_PATTERN = 4096
"""Characters of a pattern; a longer one matches nothing."""

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
    """One line of a pattern file. `is_negated` is true for a line that begins with `!`; a pattern
    that `needs_directory` ends in a slash. Without another slash it is about names (`is_name`),
    else about paths."""

    is_negated: bool
    needs_directory: bool
    is_name: bool
    pattern: re.Pattern[str]
    above: re.Pattern[str]
    """Finds what the pattern names at the beginning of a path: a directory above it, or itself."""

    def matches(self, path: str, *, is_directory: bool) -> bool:
        """Return whether the pattern names exactly this path, relative and without a last slash."""
        if self.needs_directory and not is_directory:
            return False
        name = path[path.rfind("/") + 1 :] if self.is_name else path
        return self.pattern.match(name) is not None


class Globs:
    """The patterns of a gitignore file or of a configuration key; later ones override earlier."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._globs = [glob for line in lines if (glob := parse(line))]
        self._globs.reverse()

    def selects(self, path: str) -> bool:
        """Return whether the last pattern that matches a file, or a directory above it, selects it.

        The path is relative. `["**/*.c", "!generated/"]` selects every C file but those below a
        directory `generated`.
        """
        for glob in self._globs:
            if glob.above.match(path):
                return not glob.is_negated
        return False

    def verdict(self, path: str, *, is_directory: bool) -> bool | None:
        """Return what the patterns say of exactly this path, whatever is above it: True if they
        match it, False if the last that does begins with `!`, None if none does."""
        for glob in self._globs:
            if glob.matches(path, is_directory=is_directory):
                return not glob.is_negated
        return None


def parse(line: str) -> Glob | None:
    """Return the pattern of a line of a gitignore file; None for a comment and an empty line.

    Never raises: as in git, what is no pattern, such as a class that is not closed, matches
    nothing.
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
    if not body or body.endswith("/") or len(body) > LONGEST_PATTERN:
        exact = above = _NOTHING
    elif is_name:
        name = f"(?>{component(body)})"
        exact, above = name, f"(?:[^/]+/)*?{name}{end}"
    else:
        parts = body.removeprefix("/").split("/")
        exact, above = _path(parts), _path(parts) + end
    return Glob(is_negated, needs_directory, is_name, _compiled(exact + r"\Z"), _compiled(above))


def is_pattern(line: str) -> bool:
    """Return whether a line can match anything; a comment, an empty line and a class that is not
    closed cannot."""
    glob = parse(line)
    return glob is not None and _NOTHING not in glob.pattern.pattern


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def _without_trailing_blanks(line: str) -> str:
    stripped = line.rstrip(" ")
    escapes = len(stripped) - len(stripped.rstrip("\\"))
    return stripped + " " if escapes % 2 and len(stripped) < len(line) else stripped


def _path(parts: Sequence[str]) -> str:
    """The regular expression of a pattern with slashes.

    `**` parts it into groups. All but the last are best found at their first place; the last one
    must end with the path.
    """
    parts = ["**" if len(part) > 1 and not part.strip("*") else part for part in parts]
    takes_all_below = parts[-1] == "**"
    groups: list[list[str]] = [[]]
    for part in parts[:-1] if takes_all_below else parts:
        if part == "**":
            groups.append([])
        else:
            groups[-1].append(part)
    found = []
    for number, group in enumerate(groups):
        is_last = number == len(groups) - 1
        skipped = "(?:[^/]+/)*?" if number else ""
        inner = "/".join(f"(?>{component(part)})" for part in group)
        if is_last and takes_all_below:
            found.append(f"(?>{skipped}{inner}{'/' if group else ''})(?:[^/]+/)*?[^/]+")
        elif is_last:
            found.append(f"{skipped}{inner}")
        elif group:
            found.append(f"(?>{skipped}{inner}/)")
    return "".join(found)


def component(pattern: str) -> str:
    """Return the regular expression of one part of a path: no wildcard reaches over a slash."""
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
    """Regular expressions of single characters; None for a star."""
    place = 0
    while place < len(pattern):
        character = pattern[place]
        place += 1
        if character == "*":
            yield None
        elif character == "?":
            yield "[^/]"
        elif character == "[":
            found = _CLASS.match(pattern, place - 1)
            # As git has it: a class that is not closed matches nothing.
            yield _class(found[1], found[2]) if found else _NOTHING
            place = found.end() if found else len(pattern)
        elif character == "\\":
            # So does a backslash with nothing behind it.
            yield re.escape(pattern[place]) if place < len(pattern) else _NOTHING
            place += 1
        else:
            yield re.escape(character)


def _class(negation: str, inner: str) -> str:
    members = []
    place = 0
    while place < len(inner):
        if named := _NAMED_CLASS.match(inner, place):
            if named[1] not in _NAMED_CLASSES:
                return _NOTHING
            members.append(_NAMED_CLASSES[named[1]])
            place = named.end()
            continue
        first, place = _member(inner, place)
        if inner[place : place + 1] == "-" and place + 1 < len(inner):
            last, place = _member(inner, place + 1)
            # As git has it, a range the wrong way round holds its first character.
            members.append(f"{re.escape(first)}-{re.escape(max(last, first))}")
            continue
        members.append(re.escape(first))
    text = "".join(members)
    if negation:
        return f"[^/{text}]"
    return f"(?!/)[{text}]" if text else _NOTHING


def _member(inner: str, place: int) -> tuple[str, int]:
    if inner[place] == "\\" and place + 1 < len(inner):
        return inner[place + 1], place + 2
    return inner[place], place + 1
