"""zig's compiler: build, run, test, fmt, ast-check."""

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
_PATIENCE = 12
"""Lines that there may be between a head and the marks below the source line."""


class Zig(Parser):
    """Columns count bytes, and so do the marks below the source line: `~~~^~~`."""

    TOOLS = "zig"
    HINTS = (".zig:", ".zon:", "\nerror: ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head = ""
        """An error without a place, until its first note comes."""
        self._span = NOWHERE
        self._is_note = False
        self._indent = 0
        """Where the message began: its other lines stand below that."""
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
        if not line.strip() or _HEAD.match(line) or self._lines > _PATIENCE:
            return False
        indent = " " * self._indent
        if self._indent and line.startswith(indent) and line[len(indent)] not in " ~^":
            if not self._is_note:
                self.lengthen(line.strip())
            return True
        self._indent = 0
        if match := _MARKS.match(line):
            self._refine(match)
            # Its notes have heads of their own; `referenced by:` comes last.
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
        """How far it reaches, by the marks. Its beginning stays where the tool named it."""
        if self.at is None or not self._span.column or not match["right"]:
            return
        end = self._span.column + 1 + len(match["right"])
        span: Span = msgspec.structs.replace(self._span, end_column=end)
        one = self.report.diagnostics[self.at]
        if not self._is_note:
            self.report.amend(self.at, span=span)
        elif one.related and one.related[-1].span == self._span:
            last = msgspec.structs.replace(one.related[-1], span=span)
            self.report.amend(self.at, related=(*one.related[:-1], last))


def is_library(file: str) -> bool:
    """Whether the file is of zig's own library."""
    return any(
        part in file
        for part in ("/lib/std/", "/lib/compiler/", "/lib/zig/", "/zig/std/", "/zig/compiler/")
    )
