"""Converts positions that tools reported to positions in the text of the files as it is now."""

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
"""The end of the message of a diagnostic whose line is not in the text any more."""


class TextRange(NamedTuple):
    """A span in a text, with the text of its first and its last line.

    Lines are 0-based, `start` and `end` are 0-based code-point indices, `end` is exclusive. If the
    line that is meant `is_gone`, this is the whole line in its place.
    """

    line: int
    start: int
    text: str
    end_line: int
    end: int
    end_text: str
    is_gone: bool = False


class FileTexts:
    """The texts of files, as they are now and as they were built.

    `snapshots` has the texts that were built. `buffers` has the texts that an editor has open, by
    path; other files are read from the disk, each once. Use it in a thread.
    """

    def __init__(
        self, snapshots: SourceSnapshots | None = None, buffers: Mapping[str, str] | None = None
    ) -> None:
        self._snapshots = snapshots
        self._buffers = buffers or {}
        self._disk: dict[str, tuple[Sequence[str], str]] = {}
        self._line_maps: dict[tuple[str, str], LineMap | None] = {}

    def range_of(self, span: Span) -> TextRange:
        """Return where that is now which the span meant when it was built.

        A span without an end covers the word at its beginning; one without a column covers the
        text of its line. If there is no such line, the columns are used as the tool reported them.
        """
        lines = self._as_built(span)
        if lines is None:
            # The span is of a text that is not known: which line it means cannot be told.
            now = self._now(span.file)
            return _whole_line(min(max(span.line, 1), max(len(now), 1)) - 1)
        text_range = _built_range(span, lines)
        line_map = self._line_map(span, lines)
        if line_map is None:
            return text_range
        line, is_same = line_map.line(text_range.line)
        end_line, is_end_same = line_map.line(text_range.end_line)
        if not (is_same and is_end_same):
            return _whole_line(line)
        return text_range._replace(line=line, end_line=end_line)

    def edit_range(self, span: Span) -> TextRange:
        """Return the same for an edit: a span without an end is empty.

        If the line `is_gone`, or its text is not known, it cannot be edited.
        """
        text_range = self.range_of(span)
        if self._as_built(span) == ():
            return text_range._replace(is_gone=True)
        if span.end_column is not None or text_range.is_gone:
            return text_range
        return text_range._replace(
            end_line=text_range.line, end=text_range.start, end_text=text_range.text
        )

    def _as_built(self, span: Span) -> Sequence[str] | None:
        """The lines as they were built; None if the file has changed and its text is not kept."""
        lines, name = self._on_disk(span.file)
        if not span.built or span.built == name:
            return lines
        return self._snapshots.lines(span.built) if self._snapshots else None

    def _now(self, file: str) -> Sequence[str]:
        if (buffer := self._buffers.get(file)) is not None:
            return split_lines(buffer)
        return self._on_disk(file)[0]

    def _on_disk(self, file: str) -> tuple[Sequence[str], str]:
        """The lines of a file, none if it cannot be read, and the digest of its text."""
        if file not in self._disk:
            data = read(file)
            self._disk[file] = split_lines(decode(data)), digest(data)
        return self._disk[file]

    def _line_map(self, span: Span, lines: Sequence[str]) -> LineMap | None:
        key = span.file, span.built
        if key not in self._line_maps:
            now = self._now(span.file)
            self._line_maps[key] = LineMap(lines, now) if lines != now and lines and now else None
        return self._line_maps[key]


def _built_range(span: Span, lines: Sequence[str]) -> TextRange:
    line = max(span.line, 1) - 1
    if line >= len(lines):
        return _as_reported(span)
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


def _as_reported(span: Span) -> TextRange:
    """The span in a file whose text is not available."""
    line, start = max(span.line, 1) - 1, (span.column or 1) - 1
    end_line = max((span.end_line or span.line) - 1, line)
    end = (span.end_column or 0) - 1
    if end < 0 or (end_line == line and end < start):
        end_line, end = line, start
    return TextRange(line, start, "", end_line, end, "")


def _whole_line(line: int) -> TextRange:
    return TextRange(line, 0, "", line + 1, 0, "", is_gone=True)


async def to_wire(
    diagnostics: Iterable[Diagnostic], snapshots: SourceSnapshots
) -> tuple[WireDiagnostic, ...]:
    """Convert diagnostics: where they are on the disk now, with columns in characters, 1-based."""
    chosen = list(diagnostics)

    def convert() -> tuple[WireDiagnostic, ...]:
        texts = FileTexts(snapshots)
        return tuple(wire(diagnostic, texts) for diagnostic in chosen)

    return await asyncio.to_thread(convert) if chosen else ()


def wire(diagnostic: Diagnostic, texts: FileTexts) -> WireDiagnostic:
    """Convert one diagnostic. Reads files."""
    text_range = texts.range_of(diagnostic.span)
    return WireDiagnostic(
        file=diagnostic.span.file,
        **_numbers(text_range),
        severity=diagnostic.severity,
        code=diagnostic.code,
        message=diagnostic.message + CHANGED if text_range.is_gone else diagnostic.message,
        source=diagnostic.source,
        href=diagnostic.href,
        tags=diagnostic.tags,
        related=tuple(
            WireRelated(
                file=note.span.file, **_numbers(texts.range_of(note.span)), message=note.message
            )
            for note in diagnostic.related
        ),
        fixes=tuple(
            WireFix(
                title=fix.title,
                edits=tuple(
                    WireEdit(
                        file=edit.span.file, **_numbers(texts.edit_range(edit.span)), text=edit.text
                    )
                    for edit in fix.edits
                ),
                preferred=fix.preferred,
            )
            for fix in diagnostic.fixes
            if not any(texts.edit_range(edit.span).is_gone for edit in fix.edits)
        ),
        rendered=diagnostic.rendered,
    )


async def tests_to_wire(
    tests: Iterable[TestResult], snapshots: SourceSnapshots
) -> tuple[WireTest, ...]:
    """Convert tests: where they are on the disk now, with columns in characters, 1-based."""
    chosen = list(tests)

    def convert() -> tuple[WireTest, ...]:
        texts = FileTexts(snapshots)
        return tuple(wire_test(test, texts) for test in chosen)

    return await asyncio.to_thread(convert) if chosen else ()


def wire_test(test: TestResult, texts: FileTexts) -> WireTest:
    """Convert one test. Reads files."""
    declared = _wire_declaration(test.declared, texts) if test.declared else None
    text_range = texts.range_of(test.span) if test.span else None
    if test.span and text_range:
        file, line, column = test.span.file, text_range.line + 1, text_range.start + 1
    elif declared:
        file, line, column = declared.file, declared.line, 0
    else:
        file, line, column = "", 0, 0
    return WireTest(
        path=test.path,
        state=test.state,
        source=test.source,
        duration=test.duration,
        message=test.message,
        output=test.output,
        file=file,
        line=line,
        column=column,
        declared=declared,
    )


def _wire_declaration(declaration: Declaration, texts: FileTexts) -> WireDeclaration:
    line = texts.range_of(declaration.span).line + 1 if declaration.span else 0
    return WireDeclaration(file=declaration.file, line=line)


def _numbers(text_range: TextRange) -> dict[str, int]:
    return {
        "line": text_range.line + 1,
        "column": text_range.start + 1,
        "end_line": text_range.end_line + 1,
        "end_column": text_range.end + 1,
    }
