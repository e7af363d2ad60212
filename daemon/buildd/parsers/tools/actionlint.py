"""Reads actionlint, a linter for GitHub Actions workflows."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_HEAD = re.compile(
    r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*\.ya?ml|<stdin>):(?P<line>\d+):(?P<column>\d+):? "
    r"(?P<message>\S.*?) \[ ?(?P<code>[a-z]+(?:-[a-z]+)*) ?\]$"
)
_ROW = re.compile(r">? *\d* *\| ?(?P<text>.*)$")
_MARKS = re.compile(r" *\^(?P<rest>~*)$")


class Actionlint(Parser):
    """Reads one line per diagnostic, with the source line and marks below it.

    Columns count code points.
    """

    TOOLS = "actionlint"
    HINTS = (".yml:", ".yaml:", "<stdin>:")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._span = NOWHERE

    def begin(self, line: str) -> bool:
        match = _HEAD.match(line)
        if not match:
            return False
        self._span = self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT
        )
        self.add(self._span, Severity.ERROR, match["message"], "actionlint", match["code"])
        return True

    def more(self, line: str) -> bool:
        match = _ROW.match(line)
        if not match:
            return False
        marks = _MARKS.match(match["text"])
        if marks and marks["rest"] and self.at is not None and self._span.column:
            end = self._span.column + 1 + len(marks["rest"])
            span = msgspec.structs.replace(self._span, end_column=end)
            self.report.amend(self.at, span=span)
        return True
