"""Reads the table of checkmake, a linter for Makefiles."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_HEADER = re.compile(r"[ |]*RULE +[ |]*DESCRIPTION +[ |]*(?P<file>FILE NAME +[ |]*)?LINE NUMBER")
_SPLIT = re.compile(r" *\| *| {2,}")
_RULE = re.compile(r"[a-z]+$")


class Checkmake(Parser):
    """Reads one row per diagnostic; long messages continue in the next row.

    Older versions name no file.
    """

    TOOLS = "checkmake"
    HINTS = ("DESCRIPTION",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._names_file = False
        self._row: tuple[str, str, str] | None = None
        self._message = ""

    def begin(self, line: str) -> bool:
        match = _HEADER.match(line)
        if match:
            self._names_file = bool(match["file"])
        return bool(match)

    def more(self, line: str) -> bool:
        cells = [cell for cell in _SPLIT.split(line.strip(" |")) if cell]
        if not cells or not line.strip(" |-+"):
            return not self._row or bool(line.strip())
        if len(cells) == 3 + self._names_file and cells[-1].isdecimal() and _RULE.match(cells[0]):
            self._close()
            self._row = cells[0], cells[2] if self._names_file else "Makefile", cells[-1]
            self._message = cells[1]
            return True
        if self._row and line.startswith("   ") and len(cells) == 1:
            self._message += f" {cells[0]}"
            return True
        self._close()
        return False

    def finish(self) -> None:
        self._close()

    def _close(self) -> None:
        if self._row:
            rule, file, line = self._row
            span = self.report.span(file, line)
            self.add(span, Severity.WARNING, self._message, "checkmake", rule)
        self._row = None
