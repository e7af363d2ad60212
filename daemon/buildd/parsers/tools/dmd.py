"""Reads the D compilers dmd and ldc."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser

_LINE = re.compile(
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(][^:(\n]*\.(?:d|di|dt))(?:-mixin-\d+)?\((?P<line>\d+)"
    r"(?:,(?P<column>\d+))?\): (?:(?P<kind>Error|Warning|Deprecation|Remark|Info): )?"
    r"(?P<message>.*)"
)
_KINDS = {
    "Error": Severity.ERROR,
    "Warning": Severity.WARNING,
    "Deprecation": Severity.WARNING,
    "Remark": Severity.INFORMATION,
    "Info": Severity.INFORMATION,
}


class Dmd(Parser):
    """Reads one line per diagnostic; an indented message is a note to the diagnostic before."""

    TOOLS = "dmd, ldc, dub"
    HINTS = (".d(", ".di(", ".d-mixin-", ".dt(")

    def begin(self, line: str) -> bool:
        match = _LINE.match(line)
        if not match:
            return False
        span = self.report.span(match["file"], match["line"], match["column"])
        if match["kind"]:
            self.add(span, _KINDS[match["kind"]], match["message"], "dmd")
            return True
        if not match["message"].startswith("  "):
            return False
        self.note(span, match["message"].strip())
        return True
