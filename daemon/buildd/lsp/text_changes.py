"""Applies an editor's changes to the text of a document.

pygls does that too, but looks at each character of a line in Python: one key in a line of a
megabyte would delay every session by a second. Pure.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from lsprotocol import types

_WIDTHS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2)}
"""Of the encodings whose units are not characters: the codec, and the bytes of a unit."""


def applied(
    text: str, changes: Sequence[types.TextDocumentContentChangeEvent], encoding: str
) -> str:
    """Return the text after the changes, each of which is made to the result of those before it.

    `encoding` is the unit of their columns: `utf-8`, `utf-16` or `utf-32`. As LSP has it, a column
    beyond the end of its line means that end, and a line beyond the last means the end of the text.
    """
    lines = _lines(text)
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            _apply(lines, change, encoding)
        else:
            lines = _lines(change.text)
    return "".join(lines)


def _apply(lines: list[str], change: types.TextDocumentContentChangePartial, encoding: str) -> None:
    first, start = _place(lines, change.range.start, encoding)
    last, end = _place(lines, change.range.end, encoding)
    if (last, end) < (first, start):
        last, end = first, start
    before = lines[first][:start] if first < len(lines) else ""
    after = lines[last][end:] if last < len(lines) else ""
    new = before + change.text + after
    last += 1
    # A line feed may come to stand right behind a carriage return: they end one line together.
    if first and new.startswith("\n") and lines[first - 1].endswith("\r"):
        first -= 1
        new = lines[first] + new
    if new.endswith("\r") and last < len(lines) and lines[last].startswith("\n"):
        new += lines[last]
        last += 1
    if not new.endswith(("\r", "\n")) and last < len(lines):
        new += lines[last]
        last += 1
    lines[first:last] = _lines(new)


def _place(lines: Sequence[str], position: types.Position, encoding: str) -> tuple[int, int]:
    """The index of a line, which may be the one after the last, and the index of a character."""
    if position.line >= len(lines):
        return _end(lines)
    line = lines[position.line].rstrip("\r\n")
    return position.line, _column(line, position.character, encoding)


def _end(lines: Sequence[str]) -> tuple[int, int]:
    if lines and not lines[-1].endswith(("\r", "\n")):
        return len(lines) - 1, len(lines[-1])
    return len(lines), 0


def _column(line: str, units: int, encoding: str) -> int:
    if encoding not in _WIDTHS or line.isascii():
        return min(units, len(line))
    codec, width = _WIDTHS[encoding]
    data = line.encode(codec, "replace")[: units * width]
    return len(data.decode(codec, "ignore"))


def _lines(text: str) -> list[str]:
    """The lines with their ends, which are those of LSP: `str.splitlines` knows more."""
    return list(io.StringIO(text, newline=""))
