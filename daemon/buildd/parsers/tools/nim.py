"""Reads the Nim compiler."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser, path
from buildd.parsers.report import ParseResult

_LINE = re.compile(
    path("nim", "nims", "nimble", "cfg") + r"\((?P<line>\d+), (?P<column>\d+)\) "
    r"(?P<kind>Error|Warning|Hint|template/generic instantiation):? ?(?P<message>.*?)"
    r"(?: \[(?P<code>\w+)\])?$"
)
_KINDS = {"Error": Severity.ERROR, "Warning": Severity.WARNING, "Hint": Severity.HINT}


class Nim(Parser):
    """Reads one line per diagnostic; the instantiations of a template come before it."""

    TOOLS = "nim"
    HINTS = (".nim(", ".nims(", ".nimble(")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._leading: list[tuple[str, str, str]] = []

    def begin(self, line: str) -> bool:
        match = _LINE.match(line)
        if not match:
            return False
        span = self.report.span(match["file"], match["line"], match["column"], unit=ColumnUnit.BYTE)
        kind = _KINDS.get(match["kind"])
        if kind is None:
            self._leading.append((match["file"], match["line"], match["column"]))
            return True
        self.add(span, kind, match["message"], "nim", match["code"] or "")
        for file, number, column in self._leading:
            self.note(self.report.span(file, number, column), "instantiated from here")
        self._leading = []
        return True
