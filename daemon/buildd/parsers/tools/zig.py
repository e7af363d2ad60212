"""Reads the Zig compiler: `zig build`, `run`, `test`, `fmt` and `ast-check`."""

from __future__ import annotations

import re

import msgspec

from buildd.model import Severity, Span
from buildd.parsers.base import Parser, path
from buildd.parsers.report import NOWHERE, ParseResult

_HEAD = re.compile(
    path("zig", "zon") + r":(?P<line>\d+):(?P<column>\d+): (?P<kind>error|note|warning): "
    r"(?P<message>.*)"
)
_ALONE = re.compile(r"error: (?P<message>\S.*)")
_NOTE_ALONE = re.compile(
    r" {4}note: (?:referenced by | +|)(?:"
    + path("zig")
    + r":(?P<line>\d+)(?::(?P<column>\d+))?$)?(?P<message>.*)"
)
_REFERENCE = re.compile(r" +(?P<what>\S[^:]*): " + path("zig") + r":(?P<line>\d+):(?P<column>\d+)$")
_TIMES = re.compile(r" \(\d+ times\)$")
_MARKS = re.compile(r"(?P<before> *)(?P<left>~*)\^(?P<right>~*)$")
_MAX_LINES = 12
"""The most lines between a first line and the marks below the source line."""


class Zig(Parser):
    """Reads diagnostics. Columns count bytes, as do the marks below the source line: `~~~^~~`."""

    TOOLS = "zig"
    HINTS = (".zig:", ".zon:", "\nerror: ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head = ""
        """An error without a place, until its first note is read."""
        self._span = NOWHERE
        self._is_note = False
        self._indent = 0
        """The index where the message began; its other lines stand below that."""
        self._lines = 0
        self._is_referenced = False

    def begin(self, line: str) -> bool | None:
        self._is_referenced, self._head, self._lines = False, "", 0
        if match := _HEAD.match(line):
            self._found(match)
            return True
        if match := _ALONE.match(line):
            self._head = match["message"]
            return None
        return False

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if self._head:
            if self._lines > 1 or not (match := _NOTE_ALONE.match(line)):
                return False
            self._unplaced(match)
            return True
        if self._span is NOWHERE:
            return self._referenced_by_linker(line)
        if self._is_referenced or line == "referenced by:":
            return self._referenced(line)
        if not line.strip() or _HEAD.match(line) or self._lines > _MAX_LINES:
            return False
        indent = " " * self._indent
        if self._indent and line.startswith(indent) and line[len(indent)] not in " ~^":
            if not self._is_note:
                self.lengthen(line.strip())
            return True
        self._indent = 0
        if match := _MARKS.match(line):
            self._refine(match)
            # Its notes have first lines of their own; `referenced by:` comes last.
            return True
        return None

    def _found(self, match: re.Match[str]) -> None:
        span = self.report.span(match["file"], match["line"], match["column"])
        self._span, self._indent = span, match.start("message")
        message = _TIMES.sub("", match["message"])
        self._is_note = match["kind"] == "note"
        if self._is_note:
            self.note(span, message)
        else:
            severity = Severity.ERROR if match["kind"] == "error" else Severity.WARNING
            self.add(span, severity, message, "zig")

    def _unplaced(self, match: re.Match[str]) -> None:
        message, self._head, self._span = self._head, "", NOWHERE
        span = self.report.span(match["file"], match["line"], match["column"])
        self.add(span, Severity.ERROR, message, "zig")
        if match["message"]:
            self.lengthen(match["message"])

    def _referenced_by_linker(self, line: str) -> bool:
        match = _NOTE_ALONE.match(line)
        if match and match["file"]:
            self.note(self.report.span(match["file"], match["line"], match["column"]), "referenced")
        return bool(match)

    def _referenced(self, line: str) -> bool:
        self._is_referenced = True
        if (match := _REFERENCE.match(line)) and not is_library(match["file"]):
            span = self.report.span(match["file"], match["line"], match["column"])
            self.note(span, f"referenced by {match['what']}")
        return line == "referenced by:" or line.startswith("    ")

    def _refine(self, match: re.Match[str]) -> None:
        """Sets the end of the diagnostic by its marks; the start stays as printed."""
        if self.at is None or not self._span.column or not match["right"]:
            return
        end = self._span.column + 1 + len(match["right"])
        span: Span = msgspec.structs.replace(self._span, end_column=end)
        diagnostic = self.report.diagnostics[self.at]
        if not self._is_note:
            self.report.amend(self.at, span=span)
        elif diagnostic.related and diagnostic.related[-1].span == self._span:
            last = msgspec.structs.replace(diagnostic.related[-1], span=span)
            self.report.amend(self.at, related=(*diagnostic.related[:-1], last))


def is_library(file: str) -> bool:
    """Returns whether the file belongs to Zig's own library."""
    return any(
        part in file
        for part in ("/lib/std/", "/lib/compiler/", "/lib/zig/", "/zig/std/", "/zig/compiler/")
    )
