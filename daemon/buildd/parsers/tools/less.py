"""Reads lessc, the compiler of Less style sheets."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import LineParser

_SOURCE = re.compile(r"\d+ ")


class Less(LineParser):
    """Reads `NameError: … in a.less on line 1, column 2:` with the source below."""

    TOOLS = "less"
    HINTS = (" on line ", " line no. ")
    SOURCE = "less"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        r"(?:\w+: )?(?P<code>[A-Z]\w*Error): (?P<message>.*) in (?:file )?"
        r"(?:(?P<file>\S.*?) on line (?P<line>\d+), column (?P<column>\d+):"
        r"|(?P<file2>\S.*?\.less) line no\. (?P<line2>\d+))$"
    )

    def begin(self, line: str) -> bool:
        match = self.PATTERN.match(line)
        if not match:
            return False
        file, number = match["file"] or match["file2"], match["line"] or match["line2"]
        span = self.report.span(file, number, match["column"], unit=self.UNIT)
        self.add(span, Severity.ERROR, match["message"], self.SOURCE, match["code"])
        return True

    def more(self, line: str) -> bool | None:
        return _SOURCE.match(line) is not None
