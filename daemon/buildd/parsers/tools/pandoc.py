"""Reads pandoc, a converter of documents."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_ERROR = re.compile(
    r"Error at (?:\"(?P<quoted>[^\"\n]+)\"|(?P<file>\S+)) "
    r"\(line (?P<line>\d+), column (?P<column>\d+)\):(?P<message>.*)"
)
_WARNING = re.compile(
    r"\[WARNING\] (?P<message>.* at (?P<file>\S+\.\w+) line (?P<line>\d+) column (?P<column>\d+).*)"
)


class Pandoc(Parser):
    """Reads an error, and below it what pandoc expected. Columns count code points."""

    TOOLS = "pandoc"
    HINTS = ("\nError at ", "\n[WARNING] ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._lines = 0

    def begin(self, line: str) -> bool:
        self._lines = 0
        if match := _ERROR.match(line):
            severity, file = Severity.ERROR, match["quoted"] or match["file"]
        elif match := _WARNING.match(line):
            severity, file, self._lines = Severity.WARNING, match["file"], 9
        else:
            return False
        span = self.report.span(file, match["line"], match["column"], unit=ColumnUnit.CODE_POINT)
        self.add(span, severity, match["message"], "pandoc")
        return True

    def more(self, line: str) -> bool:
        self._lines += 1
        if self._lines > 4 or not line.strip() or line.strip() == "^":
            return False
        self.lengthen(line)
        return True
