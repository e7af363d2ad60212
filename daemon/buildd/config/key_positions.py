"""Where the keys of a TOML text are, for error messages: the standard reader does not say."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import NamedTuple

from buildd.base.printable import quoted, short
from buildd.config.text_file import read_text
from buildd.errors import ConfigError
from buildd.model import ColumnUnit, Span

Path = tuple[str | int, ...]
"""Keys and, inside arrays, indices; () is the file itself."""

DEEPEST = 16
"""Longer paths are not noted: none of ours is that long, and their prefixes take room."""

Position = tuple[int, int]
"""1-based line and column; the column counts characters."""


class Origin(NamedTuple):
    """The place of a key in a project's configuration, whose file may be another tool's; `key` is
    the dotted path there."""

    file: str
    key: str
    line: int
    column: int


def positions(text: str) -> dict[Path, Position]:
    """The position of every table, key and array element of `text`, which must be valid TOML with
    LF line ends. A table that is implied (`a` of `[a.b]`) is where it is first named."""
    return _Scanner(text).document()


def span_of(file: str, path: Path) -> Span:
    """Where the key stands in a buildd.toml as it is now, or the nearest table around it; the
    beginning of a file that is none."""
    line, column = 1, 1
    if file.endswith(".toml"):
        with suppress(ConfigError, ValueError):
            line, column = nearest(positions(read_text(file)), path)
    return Span(file=file, line=line, column=column, unit=ColumnUnit.CODE_POINT)


def nearest(found: dict[Path, Position], path: Path) -> Position:
    """The position of the key, or of the nearest table around it; else the file's beginning."""
    for length in range(len(path), 0, -1):
        if path[:length] in found:
            return found[path[:length]]
    return (1, 1)


def dotted(path: Path) -> str:
    """The path as one writes it in TOML, with indices in brackets: `a."b.c".mounts[0].source`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (short(part) if _BARE.fullmatch(part) else quoted(part))
    return text


_BARE = re.compile(r"[A-Za-z0-9_-]+")
_KEY = re.compile(r"""(?P<bare>[A-Za-z0-9_-]+)|"(?P<basic>(?:[^"\\]|\\.)*)"|'(?P<literal>[^']*)'""")
_BLANKS = re.compile(r"[ \t]*")
_BETWEEN = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
_STRING = re.compile(
    r"""
      "{3} (?: [^\\] | \\. )*? "{3,5}  # up to two quotes may stand before the closing three
    | '{3} .*? '{3,5}
    | " (?: [^"\\] | \\. )* "
    | ' [^']* '
    """,
    re.DOTALL | re.VERBOSE,
)
_PLAIN_VALUE = re.compile(r"[^,\]}#\n]*")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


class _Scanner:
    """Walks the text once. Since it is valid, each pattern matches where it is tried."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._line_start = 0
        self._counted = 0
        self._found: dict[Path, Position] = {}
        self._elements: dict[Path, int] = {}
        """How many elements each array of tables has so far."""

    def document(self) -> dict[Path, Position]:
        table: Path = ()
        while self._skip(_BETWEEN) < len(self._text):
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)
        return self._found

    def _header(self) -> Path:
        """`[a.b]` or `[[a.b]]`; the table that it opens."""
        start = self._at
        of_array = self._text.startswith("[[", start)
        self._at += 2 if of_array else 1
        written = self._key()
        self._at += 2 if of_array else 1
        table: Path = ()
        for place, (part, position) in enumerate(written, 1):
            table += (part,)
            self._note(table, position)
            if of_array and place == len(written):
                count = self._elements[table] = self._elements.get(table, 0) + 1
                table += (count - 1,)
                self._note(table, position)
            elif table in self._elements:
                # Keys under the name of an array of tables belong to its newest element.
                table += (self._elements[table] - 1,)
        return table

    def _pair(self, table: Path) -> None:
        for part, position in self._key():
            table += (part,)
            self._note(table, position)
        self._at += 1  # the equals sign
        self._value(table)

    def _key(self) -> list[tuple[str, Position]]:
        """The parts of a dotted key, with where each stands; ends behind the blanks after it."""
        parts: list[tuple[str, Position]] = []
        while True:
            self._skip(_BLANKS)
            match = _KEY.match(self._text, self._at)
            if match is None:  # not valid TOML after all: get on, rather than for ever
                self._at = len(self._text)
                return parts
            parts.append((_plain(match), self._position()))
            self._at = match.end()
            self._skip(_BLANKS)
            if not self._text.startswith(".", self._at):
                return parts
            self._at += 1

    def _value(self, path: Path) -> None:
        self._skip(_BLANKS)
        first = self._text[self._at : self._at + 1]
        if first == "[":
            self._at += 1
            index = 0
            while self._skip(_BETWEEN) < len(self._text) and self._text[self._at] != "]":
                self._note((*path, index), self._position())
                self._value((*path, index))
                index += 1
                self._comma()
            self._at += 1
        elif first == "{":
            self._at += 1
            while self._skip(_BETWEEN) < len(self._text) and self._text[self._at] != "}":
                self._pair(path)
                self._comma()
            self._at += 1
        elif first in ('"', "'") and first:
            self._skip(_STRING)
        else:
            self._skip(_PLAIN_VALUE)

    def _note(self, path: Path, position: Position) -> None:
        if len(path) <= DEEPEST:
            self._found.setdefault(path, position)

    def _comma(self) -> None:
        if self._skip(_BETWEEN) < len(self._text) and self._text[self._at] == ",":
            self._at += 1

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        if match:
            self._at = match.end()
        return self._at

    def _position(self) -> Position:
        newlines = self._text.count("\n", self._counted, self._at)
        if newlines:
            self._line += newlines
            self._line_start = self._text.rindex("\n", self._counted, self._at) + 1
        self._counted = self._at
        return (self._line, self._at - self._line_start + 1)


def _plain(match: re.Match[str]) -> str:
    """The key as its reader sees it."""
    if match["basic"] is None:
        return match["bare"] or match["literal"] or ""
    return _ESCAPE.sub(
        lambda found: (
            chr(int(found[1][1:], 16)) if len(found[1]) > 1 else _ESCAPED.get(found[1], found[1])
        ),
        match["basic"],
    )
