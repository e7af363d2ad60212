"""cpplint."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import LineParser


class Cpplint(LineParser):
    """Each line ends with a category and how sure it is, up to five."""

    TOOLS = "cpplint"
    HINTS = ("] [1]", "] [2]", "] [3]", "] [4]", "] [5]")
    SOURCE = "cpplint"
    DEFAULT = Severity.WARNING
    PATTERN = re.compile(
        # also as for Visual Studio and as for Emacs
        r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(#][^:(\n]*)(?::|\()(?P<line>\d+)"
        r"(?:\): (?:error|warning) cpplint)?: {1,2}(?:warning: )?"
        r"(?:\[(?P<first>[a-z]\w*/[\w+-]+)\] )?(?P<message>.*?)"
        r"(?:  ?\[(?P<code>[a-z]\w*/[\w+-]+)\])? \[[1-5]\]$"
    )

    def begin(self, line: str) -> bool:
        match = self.PATTERN.match(line)
        code = (match["code"] or match["first"]) if match else None
        if not match or not code:
            return False
        span = self.report.span(match["file"], match["line"])
        self.add(span, self.DEFAULT, match["message"], self.SOURCE, code)
        return True
