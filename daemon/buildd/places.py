"""Places that tools named, against the text of the files: as a reader counts, with their ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from buildd.columns import to_index, token_end
from buildd.model import Diagnostic, Span
from buildd.protocol import WireDiagnostic, WireRelated

FILE_LIMIT = 16 << 20
"""Bytes: in larger files columns are taken as they are, without looking at the text."""


class Place(NamedTuple):
    """A span against the text: 0-based lines, 0-based code-point indices, and the lines' text.
    `end` is exclusive."""

    line: int
    start: int
    text: str
    end_line: int
    end: int
    end_text: str


class Texts:
    """The lines of files, each file read once. Reads files: use it in a thread."""

    def __init__(self) -> None:
        self._lines: dict[str, Sequence[str]] = {}

    def place(self, span: Span) -> Place:
        """Where the span is in its file as it is now. A span without an end covers the word at
        its beginning; one without a column, the line's text."""
        line = max(span.line, 1) - 1
        text = self._line(span.file, line)
        if span.column is None:
            index = len(text) - len(text.lstrip())
            return Place(line, index, text, line, max(len(text.rstrip()), index), text)
        index = to_index(text, span.column, span.unit, span.tab_width)
        end_line = max((span.end_line or span.line) - 1, line)
        if span.end_column is None:
            return Place(line, index, text, line, token_end(text, index), text)
        end_text = text if end_line == line else self._line(span.file, end_line)
        end_index = to_index(end_text, span.end_column, span.unit, span.tab_width)
        if end_line == line and end_index <= index:
            end_index = token_end(text, index)
        return Place(line, index, text, end_line, end_index, end_text)

    def _line(self, file: str, line: int) -> str:
        if file not in self._lines:
            self._lines[file] = _read_lines(file)
        lines = self._lines[file]
        return lines[line] if line < len(lines) else ""


async def to_wire(diagnostics: Iterable[Diagnostic]) -> tuple[WireDiagnostic, ...]:
    """The diagnostics with every column in characters, 1-based."""
    chosen = list(diagnostics)
    return await asyncio.to_thread(_to_wire, chosen) if chosen else ()


def _to_wire(diagnostics: list[Diagnostic]) -> tuple[WireDiagnostic, ...]:
    texts = Texts()
    return tuple(
        WireDiagnostic(
            file=one.span.file,
            **_numbers(texts.place(one.span)),
            severity=one.severity,
            code=one.code,
            message=one.message,
            source=one.source,
            related=tuple(
                WireRelated(
                    file=note.span.file,
                    **_numbers(texts.place(note.span)),
                    message=note.message,
                )
                for note in one.related
            ),
        )
        for one in diagnostics
    )


def _numbers(place: Place) -> dict[str, int]:
    return {
        "line": place.line + 1,
        "column": place.start + 1,
        "end_line": place.end_line + 1,
        "end_column": place.end + 1,
    }


def _read_lines(file: str) -> Sequence[str]:
    try:
        with open(file, "rb") as opened:
            data = opened.read(FILE_LIMIT + 1)
    except OSError:
        return ()
    if len(data) > FILE_LIMIT:
        return ()
    # As compilers and editors count lines; str.splitlines knows many more ends.
    text = data.decode("utf-8", "surrogateescape")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
