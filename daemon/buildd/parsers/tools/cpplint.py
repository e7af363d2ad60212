"""Reads cpplint, Google's style checker for C++."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import LineParser


class Cpplint(LineParser):
    """Reads one line per diagnostic, which ends with a category and a confidence of 1 to 5."""

    TOOLS = "cpplint"
    HINTS = ("] [1]", "] [2]", "] [3]", "] [4]", "] [5]")
    SOURCE = "cpplint"
    DEFAULT = Severity.WARNING
    PATTERN = re.compile(
        # also in the formats for Visual Studio and Emacs
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
