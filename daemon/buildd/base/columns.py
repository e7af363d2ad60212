"""This module converts columns: from a tool's unit to code points, and from those to LSP's units.

A line is text without its line end. Bytes that are not UTF-8 are lone surrogates in it, as the
error handler `surrogateescape` decodes them. Everything here is pure.
"""

from __future__ import annotations

import re

from buildd.base.screen_width import screen_width
from buildd.model import ColumnUnit

_TOKEN = re.compile(r"\w+(?:-\w+)+(?=\s*=[^=])|\w+|\"(?:[^\"\\]|\\.)*\"|[^\w\s]")


def to_index(line: str, column: int, unit: ColumnUnit, tab_width: int = 8) -> int:
    """Return the 0-based index of the character at a 1-based column, at most the line's length.

    `column` counts in `unit`; `tab_width` is used for display columns only.
    """
    target = max(column - 1, 0)
    if unit is ColumnUnit.CODE_POINT or (unit is not ColumnUnit.DISPLAY and line.isascii()):
        return min(target, len(line))
    position = 0
    for index, character in enumerate(line):
        width = _size(character, unit, position, tab_width)
        # A combining mark has no width: it belongs to the character before it.
        if position + width > target and width:
            return index
        position += width
    return len(line)


def to_offset(line: str, index: int, encoding: str) -> int:
    """Return how many units of `encoding` (`utf-8`, `utf-16`, `utf-32`) come before an index.

    A byte that is not UTF-8 counts as U+FFFD, which editors show in its place. An index behind
    the end of the line counts one unit for each missing character.
    """
    before = line[:index]
    if index > len(line):
        # The line is not available (or too short): the tool's own number is the best guess.
        return to_offset(line, len(line), encoding) + index - len(line)
    if encoding == "utf-32" or before.isascii():
        return len(before)
    if encoding == "utf-16":
        return len(before) + sum(character > "\uffff" for character in before)
    return sum(_utf8_size(character, lone=3) for character in before)


def token_end(line: str, index: int) -> int:
    """Return the exclusive end of the word, string or sign that begins at `index`.

    If no token begins there, the token is one character, or nothing at the end of the line. A word
    before an equals sign may contain hyphens, because keys of TOML do.
    """
    match = _TOKEN.match(line, index)
    return match.end() if match else min(index + 1, len(line))


def _size(character: str, unit: ColumnUnit, position: int, tab_width: int) -> int:
    if unit is ColumnUnit.BYTE:
        return _utf8_size(character, lone=1)
    if unit is ColumnUnit.UTF16:
        return 1 + (character > "\uffff")
    if character == "\t":
        return tab_width - position % tab_width
    return screen_width(character)


def _utf8_size(character: str, *, lone: int) -> int:
    if "\ud800" <= character <= "\udfff":
        return lone
    return 1 + (character > "\x7f") + (character > "\u07ff") + (character > "\uffff")
