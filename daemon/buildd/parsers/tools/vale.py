"""Reads Vale, a linter for prose, in its formats `CLI` and `line`."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import SEVERITIES, Parser
from buildd.parsers.report import ParseResult

_FILE = re.compile(r" (?P<file>[^\s:][^:\n]*\.\w+) *$")
_CHECK = r"(?P<code>[A-Z]\w*\.[A-Z][\w-]*|[\w-]+\.[A-Z][\w-]*)"
_FINDING = re.compile(
    r" (?P<line>\d+):(?P<column>\d+) +(?P<kind>error|warning|suggestion) +(?P<message>\S.*?) +"
    rf"{_CHECK} *$"
)
_MORE = re.compile(r" {12,}(?P<message>\S.*?) *$")
_LINE = re.compile(
    r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*\.\w+):(?P<line>\d+):(?P<column>\d+):"
    rf"{_CHECK}:(?P<message>\S.*)"
)


class Vale(Parser):
    """Reads a file name with its diagnostics below, whose messages may have several lines.

    Columns count code points.
    """

    TOOLS = "Vale"
    HINTS = (".md", ".adoc", ".rst", ".txt", ".html", ".org", ".tex", ".dita", ".markdown")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._file = ""

    def begin(self, line: str) -> bool | None:
        self._file = ""
        if match := _LINE.match(line):
            self._found(match, match["file"], Severity.WARNING)
            return True
        if match := _FILE.match(line):
            self._file = match["file"].strip()
            return None
        return False

    def more(self, line: str) -> bool:
        if not self._file:
            return False
        if match := _FINDING.match(line):
            severity = SEVERITIES.get(match["kind"], Severity.INFORMATION)
            self._found(match, self._file, severity)
        elif (match := _MORE.match(line)) and self.at is not None:
            message = self.report.diagnostics[self.at].message
            self.report.amend(self.at, message=f"{message} {match['message']}")
        else:
            return False
        return True

    def _found(self, match: re.Match[str], file: str, severity: Severity) -> None:
        span = self.report.span(file, match["line"], match["column"], unit=ColumnUnit.CODE_POINT)
        self.add(span, severity, match["message"], "vale", match["code"])
