"""Places that tools named, against the text of the files: as a reader counts, with their ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from buildd.base.columns import to_index, token_end
from buildd.diagnostics.line_map import LineMap
from buildd.diagnostics.source_snapshots import SourceSnapshots, decode, digest, read, split_lines
from buildd.model import Declaration, Diagnostic, Span, TestResult
from buildd.protocol import (
    WireDeclaration,
    WireDiagnostic,
    WireEdit,
    WireFix,
    WireRelated,
    WireTest,
)

CHANGED = "\n(this line has changed since the build)"
"""What a message says more of a finding whose line is not there any more."""


class TextRange(NamedTuple):
    """A span against the text: 0-based lines, 0-based code-point indices, and the lines' text.
    `end` is exclusive. If the line that is meant `is_gone`, it is the whole line that stands where
    it would be."""

    line: int
    start: int
    text: str
    end_line: int
    end: int
    end_text: str
    is_gone: bool = False


class FileTexts:
    """The texts of files: as they are on the disk, each read once; as they were `built`; and as
    they are in `buffers`, which go before the disk. Reads files: use it in a thread."""

    def __init__(
        self, built: SourceSnapshots | None = None, buffers: Mapping[str, str] | None = None
    ) -> None:
        self._built = built
        self._buffers = buffers or {}
        self._disk: dict[str, tuple[Sequence[str], str]] = {}
        self._shifts: dict[tuple[str, str], LineMap | None] = {}

    def place(self, span: Span) -> TextRange:
        """Where that is now which the span meant when it was built. A span without an end covers
        the word at its beginning; one without a column, the line's text. Where there is no such
        line, the columns are taken as the tool told them."""
        lines = self._as_built(span)
        if lines is None:
            # Of another text than today's: which of its lines is meant, nobody knows.
            now = self._now(span.file)
            return _whole_line(min(max(span.line, 1), max(len(now), 1)) - 1)
        place = _place(span, lines)
        shift = self._shift(span, lines)
        if shift is None:
            return place
        line, is_same = shift.line(place.line)
        end_line, is_end_same = shift.line(place.end_line)
        if not (is_same and is_end_same):
            return _whole_line(line)
        return place._replace(line=line, end_line=end_line)

    def exactly(self, span: Span) -> TextRange:
        """As `place`, for an edit: without an end, nothing lies between the two. What `is_gone`
        cannot be edited, nor can what nobody knows the text of."""
        place = self.place(span)
        if self._as_built(span) == ():
            return place._replace(is_gone=True)
        if span.end_column is not None or place.is_gone:
            return place
        return place._replace(end_line=place.line, end=place.start, end_text=place.text)

    def _as_built(self, span: Span) -> Sequence[str] | None:
        """None if the file has changed since, and what it was is not kept."""
        lines, name = self._on_disk(span.file)
        if not span.built or span.built == name:
            return lines
        return self._built.lines(span.built) if self._built else None

    def _now(self, file: str) -> Sequence[str]:
        if (buffer := self._buffers.get(file)) is not None:
            return split_lines(buffer)
        return self._on_disk(file)[0]

    def _on_disk(self, file: str) -> tuple[Sequence[str], str]:
        """The lines of a file, none if it cannot be read, and its text's digest."""
        if file not in self._disk:
            data = read(file)
            self._disk[file] = split_lines(decode(data)), digest(data)
        return self._disk[file]

    def _shift(self, span: Span, lines: Sequence[str]) -> LineMap | None:
        key = span.file, span.built
        if key not in self._shifts:
            now = self._now(span.file)
            self._shifts[key] = LineMap(lines, now) if lines != now and lines and now else None
        return self._shifts[key]


def _place(span: Span, lines: Sequence[str]) -> TextRange:
    line = max(span.line, 1) - 1
    if line >= len(lines):
        return _untold(span)
    text = lines[line]
    if span.column is None:
        index = len(text) - len(text.lstrip())
        return TextRange(line, index, text, line, max(len(text.rstrip()), index), text)
    index = to_index(text, span.column, span.unit, span.tab_width)
    end_line = max((span.end_line or span.line) - 1, line)
    if span.end_column is None:
        return TextRange(line, index, text, line, token_end(text, index), text)
    end_text = lines[end_line] if end_line < len(lines) else ""
    end_index = to_index(end_text, span.end_column, span.unit, span.tab_width)
    if end_line == line and end_index <= index:
        end_index = token_end(text, index)
    return TextRange(line, index, text, end_line, end_index, end_text)


def _untold(span: Span) -> TextRange:
    """The place in a file whose text is not to be had."""
    line, start = max(span.line, 1) - 1, (span.column or 1) - 1
    end_line = max((span.end_line or span.line) - 1, line)
    end = (span.end_column or 0) - 1
    if end < 0 or (end_line == line and end < start):
        end_line, end = line, start
    return TextRange(line, start, "", end_line, end, "")


def _whole_line(line: int) -> TextRange:
    return TextRange(line, 0, "", line + 1, 0, "", is_gone=True)


async def to_wire(
    diagnostics: Iterable[Diagnostic], built: SourceSnapshots
) -> tuple[WireDiagnostic, ...]:
    """The diagnostics with every column in characters, 1-based, where they are on the disk now."""
    chosen = list(diagnostics)

    def convert() -> tuple[WireDiagnostic, ...]:
        texts = FileTexts(built)
        return tuple(wire(one, texts) for one in chosen)

    return await asyncio.to_thread(convert) if chosen else ()


def wire(one: Diagnostic, texts: FileTexts) -> WireDiagnostic:
    """The diagnostic with every column in characters, 1-based. Reads files."""
    place = texts.place(one.span)
    return WireDiagnostic(
        file=one.span.file,
        **_numbers(place),
        severity=one.severity,
        code=one.code,
        message=one.message + CHANGED if place.is_gone else one.message,
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
            if not any(texts.exactly(edit.span).is_gone for edit in fix.edits)
        ),
        rendered=one.rendered,
    )


async def tests_to_wire(
    tests: Iterable[TestResult], built: SourceSnapshots
) -> tuple[WireTest, ...]:
    """The tests with every column in characters, 1-based, where they are on the disk now."""
    chosen = list(tests)

    def convert() -> tuple[WireTest, ...]:
        texts = FileTexts(built)
        return tuple(wire_test(one, texts) for one in chosen)

    return await asyncio.to_thread(convert) if chosen else ()


def wire_test(one: TestResult, texts: FileTexts) -> WireTest:
    """The test with its column in characters, 1-based. Reads files."""
    declared = _wire_declaration(one.declared, texts) if one.declared else None
    place = texts.place(one.span) if one.span else None
    if one.span and place:
        file, line, column = one.span.file, place.line + 1, place.start + 1
    elif declared:
        file, line, column = declared.file, declared.line, 0
    else:
        file, line, column = "", 0, 0
    return WireTest(
        path=one.path,
        state=one.state,
        source=one.source,
        duration=one.duration,
        message=one.message,
        output=one.output,
        file=file,
        line=line,
        column=column,
        declared=declared,
    )


def _wire_declaration(one: Declaration, texts: FileTexts) -> WireDeclaration:
    line = texts.place(one.span).line + 1 if one.span else 0
    return WireDeclaration(file=one.file, line=line)


def _numbers(place: TextRange) -> dict[str, int]:
    return {
        "line": place.line + 1,
        "column": place.start + 1,
        "end_line": place.end_line + 1,
        "end_column": place.end + 1,
    }
