"""Reads prettier: files that it would format, and files that it cannot parse."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_UNFORMATTED = re.compile(
    r"\[warn\] (?P<file>\S(?:[^:*?\"<>|]*[\\/])?[^:*?\"<>|\s][^:*?\"<>|]*\.\w+)$"
)
_ERROR = re.compile(
    r"\[error\] (?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*): "
    r"(?P<message>(?P<type>[A-Z]\w*Error): .*?)(?: \((?P<line>\d+):(?P<column>\d+)\))?$"
)
_UNKNOWN = re.compile(
    r"\[error\] (?P<message>No parser could be inferred for file)"
    r" ['\"]?(?P<file>[^\"'<>]+?)['\"]?\.?$"
)
_STARTS = re.compile(r"\[error\] ( *>? *\d* *\||\s*at )")


class Prettier(Parser):
    """Reads `[warn] a.js`, and `[error] b.js: SyntaxError: … (1:2)` with a code frame."""

    TOOLS = "prettier"
    HINTS = ("[warn] ", "[error] ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._has_frame = False

    def begin(self, line: str) -> bool:
        if match := _ERROR.match(line):
            span = self.report.span(
                match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
            )
            message = match["message"].removeprefix("SyntaxError: ")
            self.add(span, Severity.ERROR, message, "prettier")
            self._has_frame = False
            return True
        if match := _UNKNOWN.match(line):
            span = self.report.span(match["file"], 1)
            self.add(span, Severity.ERROR, match["message"], "prettier")
            return True
        if match := _UNFORMATTED.match(line):
            span = self.report.span(match["file"], 1)
            self.add(span, Severity.WARNING, "would be reformatted", "prettier")
            return True
        return False

    def more(self, line: str) -> bool | None:
        if not line.startswith("[error] "):
            return False
        self._has_frame = self._has_frame or bool(_STARTS.match(line))
        if self._has_frame:
            return bool(_STARTS.match(line))
        if _ERROR.match(line) or _UNKNOWN.match(line):
            return False
        self.lengthen(line.removeprefix("[error] ").strip())
        return True
