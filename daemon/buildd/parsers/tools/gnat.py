"""Reads GNAT, gcc's Ada compiler, and GNATprove."""

from __future__ import annotations

import re

from buildd.model import Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.gcc_heads import coded

_LINE = re.compile(
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:\"'`<>|][^:\"'`<>|\n]*\.(?:adb|ads|ada|gpr)):(?P<line>\d+):"
    r"(?:(?P<column>\d+):)? (?:(?P<kind>error|warning|info|low|medium|high|check|note): )?"
    r"(?P<message>[^\s:].*)"
)
_FATAL = re.compile(r"(?:gnatmake|gprbuild|gnatbind|gnatlink): (?P<message>\*\*\* .*)$")
_KINDS = {
    "warning": Severity.WARNING,
    "low": Severity.INFORMATION,
    "medium": Severity.WARNING,
    "info": Severity.INFORMATION,
    "note": Severity.INFORMATION,
}


class Gnat(Parser):
    """Reads one line per diagnostic, or several lines that repeat the place.

    Older versions do not mark errors as such.
    """

    TOOLS = "GNAT, gprbuild, GNATprove"
    HINTS = (".adb:", ".ads:", ".ada:", ".gpr:", "\ngprbuild: ***", "\ngnatmake: ***")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._last: tuple[Span, str] = NOWHERE, ""

    def begin(self, line: str) -> bool:
        if match := _FATAL.match(line):
            self.add(NOWHERE, Severity.ERROR, match["message"].strip("* "), "gnat")
            self._last = NOWHERE, ""
            return True
        match = _LINE.match(line)
        if not match or " Assembler messages:" in line:
            return False
        message, code = coded(match["message"])
        is_style = message.startswith("(style)")
        kind = match["kind"] or ("warning" if is_style else "error")
        span = self.report.span(match["file"], match["line"], match["column"])
        if (span, kind) == self._last:
            self.lengthen(message)
        else:
            self.add(span, _KINDS.get(kind, Severity.ERROR), message, "gnat", code)
        self._last = (span, kind) if match["column"] else (NOWHERE, "")
        return True

    def more(self, line: str) -> bool:
        match = _LINE.match(line)
        if match:
            return self.begin(line)
        self._last = NOWHERE, ""
        return False
