"""Places that tools named, against the text of the files: as a reader counts, with their ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from buildd.columns import to_index, token_end
from buildd.model import Diagnostic, Span, TestResult
from buildd.protocol import WireDiagnostic, WireEdit, WireFix, WireRelated, WireTest

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
        its beginning; one without a column, the line's text. Where there is no such line, the
        columns are taken as the tool told them."""
        line = max(span.line, 1) - 1
        text = self._line(span.file, line)
        if text is None:
            return _untold(span)
        if span.column is None:
            index = len(text) - len(text.lstrip())
            return Place(line, index, text, line, max(len(text.rstrip()), index), text)
        index = to_index(text, span.column, span.unit, span.tab_width)
        end_line = max((span.end_line or span.line) - 1, line)
        if span.end_column is None:
            return Place(line, index, text, line, token_end(text, index), text)
        end_text = text if end_line == line else self._line(span.file, end_line) or ""
        end_index = to_index(end_text, span.end_column, span.unit, span.tab_width)
        if end_line == line and end_index <= index:
            end_index = token_end(text, index)
        return Place(line, index, text, end_line, end_index, end_text)

    def exactly(self, span: Span) -> Place:
        """As `place`, for an edit: without an end, nothing lies between the two."""
        place = self.place(span)
        if span.end_column is not None:
            return place
        return place._replace(end_line=place.line, end=place.start, end_text=place.text)

    def lines(self, file: str) -> Sequence[str]:
        """The lines of a file, none if it cannot be read."""
        if file not in self._lines:
            self._lines[file] = split_lines(_read(file))
        return self._lines[file]

    def _line(self, file: str, line: int) -> str | None:
        lines = self.lines(file)
        return lines[line] if line < len(lines) else None


def _untold(span: Span) -> Place:
    """The place in a file whose text is not to be had."""
    line, start = max(span.line, 1) - 1, (span.column or 1) - 1
    end_line = max((span.end_line or span.line) - 1, line)
    end = (span.end_column or 0) - 1
    if end < 0 or (end_line == line and end < start):
        end_line, end = line, start
    return Place(line, start, "", end_line, end, "")


async def to_wire(diagnostics: Iterable[Diagnostic]) -> tuple[WireDiagnostic, ...]:
    """The diagnostics with every column in characters, 1-based."""
    chosen = list(diagnostics)
    return await asyncio.to_thread(_to_wire, chosen) if chosen else ()


def _to_wire(diagnostics: list[Diagnostic]) -> tuple[WireDiagnostic, ...]:
    return tuple(wire(one, texts) for texts in (Texts(),) for one in diagnostics)


def wire(one: Diagnostic, texts: Texts) -> WireDiagnostic:
    """The diagnostic with every column in characters, 1-based. Reads files."""
    return WireDiagnostic(
        file=one.span.file,
        **_numbers(texts.place(one.span)),
        severity=one.severity,
        code=one.code,
        message=one.message,
        source=one.source,
        href=one.href,
        tags=one.tags,
        related=tuple(
            WireRelated(
                file=note.span.file, **_numbers(texts.place(note.span)), message=note.message
            )
            for note in one.related
        ),
        fixes=tuple(
            WireFix(
                title=fix.title,
                edits=tuple(
                    WireEdit(
                        file=edit.span.file, **_numbers(texts.exactly(edit.span)), text=edit.text
                    )
                    for edit in fix.edits
                ),
                preferred=fix.preferred,
            )
            for fix in one.fixes
        ),
        rendered=one.rendered,
    )


async def tests_to_wire(tests: Iterable[TestResult]) -> tuple[WireTest, ...]:
    """The tests with every column in characters, 1-based."""
    chosen = list(tests)

    def convert() -> tuple[WireTest, ...]:
        texts = Texts()
        return tuple(wire_test(one, texts) for one in chosen)

    return await asyncio.to_thread(convert) if chosen else ()


def wire_test(one: TestResult, texts: Texts) -> WireTest:
    """The test with its column in characters, 1-based. Reads files."""
    place = texts.place(one.span) if one.span else None
    return WireTest(
        path=one.path,
        state=one.state,
        source=one.source,
        duration=one.duration,
        message=one.message,
        output=one.output,
        file=one.span.file if one.span else "",
        line=place.line + 1 if place else 0,
        column=place.start + 1 if place else 0,
    )


def _numbers(place: Place) -> dict[str, int]:
    return {
        "line": place.line + 1,
        "column": place.start + 1,
        "end_line": place.end_line + 1,
        "end_column": place.end + 1,
    }


def split_lines(text: str) -> Sequence[str]:
    """As compilers and editors count lines; str.splitlines knows many more ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if text else ()


def _read(file: str) -> str:
    try:
        with open(file, "rb") as opened:
            data = opened.read(FILE_LIMIT + 1)
    except OSError:
        return ""
    return "" if len(data) > FILE_LIMIT else data.decode("utf-8", "surrogateescape")
