"""Reads gfortran: a place, an excerpt with numbered marks, and the message below."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_EXTENSIONS = r"\.(?:[fF](?:90|95|03|08|18|23|77|or|pp|tn)?|FOR|FTN|FPP|inc|INC|h|fi|for|cuf|fypp)"
_PLACE = re.compile(
    rf"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*{_EXTENSIONS}):(?P<line>\d+)"
    r"[.:](?P<column>\d+)(?:-\d+)?:$"
)
# Old versions give the column only by the mark.
_LINE = re.compile(
    rf"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:]+(?!\.h:|\.inc:){_EXTENSIONS}):(?P<line>\d+):$"
)
_ALONE = re.compile(
    rf"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*{_EXTENSIONS}):(?P<line>\d+)[.:](?P<column>\d+): "
    r"(?P<rest>(?:Fatal )?(?:Error|Warning): .*)$"
)
_MESSAGE = re.compile(r"(?P<kind>(?:Fatal )?Error|Warning|Note): (?P<message>.*?)"
                      r"(?: \[(?P<code>-[Wf][^\]]+)\])?$")  # fmt: skip
_TOOL = re.compile(
    r"f951: (?P<rest>(?:Fatal )?(?:Error|Warning): .*"
    r"|(?P<some>some warnings being treated as errors)|internal compiler error: .*)"
)
_ROW = re.compile(r" *(?P<number>\d+) \| (?P<text>.*)$")
_MARKS = re.compile(r" *\|? ?(?P<marks>[ 12]*[12])$")
_MAX_LINES = 12


class Gfortran(Parser):
    """Reads diagnostics. Columns count bytes.

    The printed place is that of mark 1; the place of mark 2 is only in the excerpt.
    """

    TOOLS = "gfortran"
    HINTS = (
        ".f:", ".F:", ".f90:", ".F90:", ".f95:", ".F95:", ".f03:", ".F03:", ".f08:", ".F08:",
        ".f18:", ".F18:", ".f23:", ".f77:", ".for:", ".FOR:", ".fpp:", ".FPP:", ".ftn:", ".FTN:",
        ".inc:", ".INC:", ".h:", ".fi:", ".cuf:", ".fypp:", "f951: ",
    )  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._span: Span | None = None
        self._rows: list[tuple[Span, str, str]] = []
        """The place, the source and the mark of the other places in the excerpt."""
        self._row = 0
        self._source = ""
        self._lines = 0

    def begin(self, line: str) -> bool | None:
        if match := _PLACE.match(line):
            self._span = self.report.span(match["file"], match["line"], match["column"])
            self._rows, self._row, self._lines, self._source = [], 0, 0, ""
            return True
        if match := _LINE.match(line):
            self._span = self.report.span(match["file"], match["line"])
            self._rows, self._row, self._lines, self._source = [], 0, 0, ""
            return None
        self._span = None
        if match := _ALONE.match(line):
            span = self.report.span(match["file"], match["line"], match["column"])
            if found := _MESSAGE.match(match["rest"]):
                self._found(span, found)
            return True
        if match := _TOOL.match(line):
            self._rows = []
            if found := _MESSAGE.match(match["rest"]):
                self._found(NOWHERE, found)
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._span is None:
            return False
        self._lines += 1
        if self._lines > _MAX_LINES:
            return False
        if match := _MESSAGE.match(line):
            span, self._span = self._span, None
            self._found(span, match)
            return True
        if match := _ROW.match(line):
            self._row, self._source = int(match["number"][:9]), match["text"]
        elif _MARKS.match(line) and (self._source or self._span.column is None):
            self._mark(line)
        elif line and not line.startswith((" ", "\t", "...")):
            # Old versions print the source without a margin.
            if self._lines > 3:
                return False
            self._source = line
        return True

    def _mark(self, line: str) -> None:
        """Reads the marks below a source line, which give the second place."""
        assert self._span is not None  # noqa: S101 (the caller has looked)
        if self._span.column is None and "1" in line:
            column = line.index("1") + 1
            file, row = self._span.file, self._span.line
            self._span = self.report.span(file, row, column, unit=ColumnUnit.DISPLAY)
        if "|" not in line or not self._row:
            return
        marks = line.partition("| ")[2]
        for mark in ("1", "2"):
            at = marks.find(mark)
            if at >= 0:
                span = self.report.span(self._span.file, self._row, at + 1, unit=ColumnUnit.DISPLAY)
                self._rows.append((span, self._source, mark))

    def _found(self, span: Span, match: re.Match[str]) -> None:
        severity = Severity.WARNING if match["kind"] == "Warning" else Severity.ERROR
        self.add(span, severity, match["message"], "gfortran", match["code"] or "")
        if "(2)" in match["message"]:
            for place, _, mark in self._rows:
                if mark == "2":
                    self.note(place, "(2)")
