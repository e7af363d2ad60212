"""Reads the errors of ninja and samurai, but not that a command failed: its output says why."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_FILE = re.compile(
    r"(?:ninja|samu): (?P<kind>error|warning): (?P<file>[^\s:][^:\n]*\.ninja):(?P<line>\d+): "
    r"(?P<message>.*)"
)
_ALONE = re.compile(
    r"(?:ninja|samu): (?P<kind>error|fatal|warning): (?P<message>(?!build stopped|rebuilding).*)"
)
_MARK = re.compile(r"(?P<before> *)\^ near here")


class Ninja(Parser):
    """Reads a place in build.ninja, with its line and a mark below, or a message without one."""

    TOOLS = "ninja, samurai"
    HINTS = ("ninja: ", "samu: ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_placed = False

    def begin(self, line: str) -> bool:
        if match := _FILE.match(line):
            span = self.report.span(match["file"], match["line"])
        elif match := _ALONE.match(line):
            span = NOWHERE
        else:
            return line.startswith(("ninja: build stopped", "ninja: Entering directory"))
        kind = Severity.WARNING if match["kind"] == "warning" else Severity.ERROR
        self.add(span, kind, match["message"], "ninja")
        self._is_placed = span is not NOWHERE
        return True

    def more(self, line: str) -> bool | None:
        if not self._is_placed or self.at is None:
            return False
        if match := _MARK.match(line):
            place = self.report.diagnostics[self.at].span
            span = self.report.span(
                place.file, place.line, len(match["before"]) + 1, unit=ColumnUnit.BYTE
            )
            self.report.amend(self.at, span=span)
            self._is_placed = False
            return True
        return None
