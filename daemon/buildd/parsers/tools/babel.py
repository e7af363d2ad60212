"""Reads babel's syntax errors, and those of other tools that print babel's code frame."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.web_files import from_zero, is_frame, web_file

SYNTAX = re.compile(
    r"(?P<type>(?:\w+: )*?(?:Syntax ?|Type|Reference)?Error): "
    + web_file()
    + r": (?P<message>.*?)(?: \((?P<line>\d+):(?P<column>\d+)\))$"
)
"""An error that names its place; the column counts UTF-16 units from 0."""
_MORE = re.compile(r"(?:\[.*\] )?(?:\(plugin [\w:-]+\) )?(?:\w+: )?")
_STACK = re.compile(r"\s+at |[{}]|  [a-z]\w*: ")


class Babel(Parser):
    """Reads `SyntaxError: /a.js: message (1:2)`, the code frame below it, and babel's own stack."""

    TOOLS = "babel"
    HINTS = ("Error: ",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_message = False

    def begin(self, line: str) -> bool:
        prefix = _MORE.match(line)
        match = SYNTAX.match(line) or (SYNTAX.match(line, prefix.end()) if prefix else None)
        if not match:
            return False
        span = self.report.span(
            match["file"], match["line"], from_zero(match["column"]), unit=ColumnUnit.UTF16
        )
        self.add(span, Severity.ERROR, match["message"], "babel")
        self._is_message = True
        return True

    def more(self, line: str) -> bool | None:
        if is_frame(line) or not line.strip() or _STACK.match(line):
            self._is_message = False
            return True
        return False
