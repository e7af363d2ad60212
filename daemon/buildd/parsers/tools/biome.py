"""Reads biome, and rome, its predecessor."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_HEADER = re.compile(
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*?)(?::(?P<line>\d+):(?P<column>\d+))? "
    r"(?P<code>(?:lint|assist|plugin|suppressions|syntax|nursery)(?:/[\w/]+)?|parse|format|organizeImports"
    r"|deserialize|configuration|project|internalError/\w+|files/\w+|\w+/\w+/\w+)"
    r"(?: +[A-Z]+)* +━{3,}$"
)
_MESSAGE = re.compile(r"  (?P<sign>[×✖!⚠iℹ]) (?P<message>.*)$")
_SOURCE = re.compile(r"  (?P<mark>[> ]) *(?P<line>\d+) │ ?(?P<text>.*)$")
_MARKS = re.compile(r" +│ (?P<indent>\s*)(?P<marks>\^+)\s*$")
_SIGNS = {
    "×": Severity.ERROR,
    "✖": Severity.ERROR,
    "!": Severity.WARNING,
    "⚠": Severity.WARNING,
    "i": Severity.INFORMATION,
    "ℹ": Severity.INFORMATION,
}


class Biome(Parser):
    """Reads a ruled line with place and rule, the message, an excerpt, and advice with excerpts.

    Columns count code points.
    """

    TOOLS = "biome, rome"
    HINTS = ("━━━",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._header: re.Match[str] | None = None
        self._advice = ""
        self._marked: list[tuple[str, str]] = []
        """The number and the text of the lines that the excerpt points at."""

    def begin(self, line: str) -> bool:
        match = _HEADER.match(line)
        if match:
            self._header, self._advice, self._marked, self.at = match, "", [], None
        return bool(match)

    def more(self, line: str) -> bool | None:
        if match := _MESSAGE.match(line):
            self._marked = []
            if self._header:
                self._found(self._header, _SIGNS[match["sign"]], match["message"])
            else:
                self._advice = match["message"]
            return True
        if match := _SOURCE.match(line):
            if match["mark"] == ">":
                self._marked.append((match["line"], match["text"]))
            return True
        if (match := _MARKS.match(line)) and self._marked:
            self._mark(match)
            return True
        if line.startswith("  ") and "━━━" not in line:
            text = line.strip()
            if text and not self._advice and not self._marked and "│" not in text:
                self.lengthen(text)
            return True
        return not line.strip()

    def _found(self, header: re.Match[str], severity: Severity, message: str) -> None:
        self._header = None
        span = self.report.span(
            header["file"], header["line"], header["column"], unit=ColumnUnit.CODE_POINT
        )
        code = header["code"]
        self.at = self.report.add(span, severity, message, "biome", code, href=_href(code))

    def _mark(self, match: re.Match[str]) -> None:
        """Reads the marks below an excerpt, which give the end of the diagnostic.

        They count screen columns, so only ASCII text is used.
        """
        number, text = self._marked[-1]
        start, end = len(match["indent"]), len(match["indent"]) + len(match["marks"])
        if self._advice:
            place = self._place(number, text, start)
            if place != NOWHERE:
                self.note(place, self._advice)
            self._advice, self._marked = "-", []
        elif self.at is not None and len(self._marked) == 1 and text[start:end].isascii():
            span = self.report.diagnostics[self.at].span
            if span.column and span.end_column is None and str(span.line) == number:
                span = msgspec.structs.replace(span, end_column=span.column + end - start)
                self.report.amend(self.at, span=span)

    def _place(self, number: str, text: str, start: int) -> Span:
        """Returns the place that an advice points at, or NOWHERE if it is the diagnostic's own."""
        if self.at is None:
            return NOWHERE
        own = self.report.diagnostics[self.at].span
        column = start + 1 if text[: start + 1].isascii() else None
        if str(own.line) == number and (column is None or own.column == column):
            return NOWHERE
        return self.report.span(own.file, number, column, unit=ColumnUnit.CODE_POINT)


def _href(code: str) -> str:
    parts = code.split("/")
    if parts[0] != "lint" or len(parts) != 3:
        return ""
    name = re.sub(r"(?<!^)(?=[A-Z])", "-", parts[2]).lower()
    return f"https://biomejs.dev/linter/rules/{name}"
