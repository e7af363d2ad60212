"""Reads Vulture, which finds unused Python code."""

from __future__ import annotations

import re

from buildd.model import Severity, Tag
from buildd.parsers.base import LineParser, path

_SYNTAX = re.compile(path("py", "pyi") + r':(?P<line>\d+): (?P<message>invalid syntax at ".*")$')


class Vulture(LineParser):
    """Reads one line per diagnostic."""

    TOOLS = "Vulture"
    HINTS = ("% confidence", ': invalid syntax at "')
    SOURCE = "vulture"
    DEFAULT = Severity.WARNING
    PATTERN = re.compile(
        path("py", "pyi") + r":(?P<line>\d+): (?P<message>(?P<code>unused [a-z]+|unreachable code|"
        r"unsatisfiable)\b.*?)"
        r" \(\d+% confidence(?:, \d+ lines?)?\)$"
    )

    def begin(self, line: str) -> bool:
        if match := _SYNTAX.match(line):
            span = self.report.span(match["file"], match["line"])
            self.add(span, Severity.ERROR, match["message"], "vulture")
            return True
        if not super().begin(line):
            return False
        if self.at is not None:
            code = self.report.diagnostics[self.at].code.replace(" ", "-")
            self.report.amend(self.at, code=code, tags=(Tag.UNNECESSARY,))
        return True
