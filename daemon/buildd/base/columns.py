"""What tools mean by "column", in code points of the line; and code points as LSP counts. Pure.

A line is text without its end; bytes of it that are no UTF-8 stand as lone surrogates, as the
error handler `surrogateescape` leaves them.
"""

from __future__ import annotations

import re

from buildd.base.screen_width import screen_width
from buildd.model import ColumnUnit

_TOKEN = re.compile(r"\w+(?:-\w+)+(?=\s*=[^=])|\w+|\"(?:[^\"\\]|\\.)*\"|[^\w\s]")


def to_index(line: str, column: int, unit: ColumnUnit, tab_width: int = 8) -> int:
    """The 0-based index of the character in which a 1-based column falls; at most the line's
    length."""
    wanted = max(column - 1, 0)
    if unit is ColumnUnit.CODE_POINT or (unit is not ColumnUnit.DISPLAY and line.isascii()):
        return min(wanted, len(line))
    at = 0
    for index, character in enumerate(line):
        width = _size(character, unit, at, tab_width)
        # What takes no room belongs to the character before it.
        if at + width > wanted and width:
            return index
        at += width
    return len(line)


def to_offset(line: str, index: int, encoding: str) -> int:
    """How many units of `encoding` (`utf-8`, `utf-16`, `utf-32`) stand before an index. What is no
    UTF-8 counts as the replacement character that an editor shows for it."""
    before = line[:index]
    if index > len(line):
        # The text is not to be had: the tool's own number is the best there is.
        return to_offset(line, len(line), encoding) + index - len(line)
    if encoding == "utf-32" or before.isascii():
        return len(before)
    if encoding == "utf-16":
        return len(before) + sum(character > "\uffff" for character in before)
    return sum(_utf8_size(character, lone=3) for character in before)


def token_end(line: str, index: int) -> int:
    """Where the word, string or sign ends that begins at `index`; exclusive. At the end of the
    line there is none, and the last character stands for it. Before an equals sign a word may have
    hyphens, as keys of TOML do."""
    match = _TOKEN.match(line, index)
    return match.end() if match else min(index + 1, len(line))


def _size(character: str, unit: ColumnUnit, at: int, tab_width: int) -> int:
    if unit is ColumnUnit.BYTE:
        return _utf8_size(character, lone=1)
    if unit is ColumnUnit.UTF16:
        return 1 + (character > "\uffff")
    if character == "\t":
        return tab_width - at % tab_width
    return screen_width(character)


def _utf8_size(character: str, *, lone: int) -> int:
    if "\ud800" <= character <= "\udfff":
        return lone
    return 1 + (character > "\x7f") + (character > "\u07ff") + (character > "\uffff")
