"""Reads Pyre and pytype, type checkers for Python."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser, path

_PYRE = re.compile(
    path("py", "pyi") + r":(?P<line>\d+):(?P<column>\d+) (?P<name>[A-Z][^\[\]\n]*) "
    r"\[(?P<code>\d+)\]: (?P<message>.*)"
)
_PYTYPE = re.compile(
    path("py", "pyi") + r":(?P<line>\d+):(?P<column>\d+): error: in [^\s:]+: "
    r"(?P<message>\S.*) \[(?P<code>[a-z][a-z-]+)\]$"
)
_PYTYPE_OLD = re.compile(
    r'File "(?P<file>[^"\n]+)", line (?P<line>\d+), in [^\s:]+: '
    r"(?P<message>\S.*) \[(?P<code>[a-z][a-z-]+)\]$"
)


class Pyre(Parser):
    """Reads one line per diagnostic. Columns count code points from 0."""

    TOOLS = "Pyre"
    HINTS = ("]: ",)

    def begin(self, line: str) -> bool:
        match = _PYRE.match(line)
        if not match:
            return False
        column = match["column"]
        span = self.report.span(
            match["file"],
            match["line"],
            int(column) + 1 if len(column) < 9 else None,
            unit=ColumnUnit.CODE_POINT,
        )
        message = f"{match['name']}: {match['message']}"
        self.add(span, Severity.ERROR, message, "pyre", match["code"])
        return True


class Pytype(Parser):
    """Reads one line per diagnostic, with further lines of the message indented.

    Before 2024 there is no column.
    """

    TOOLS = "pytype"
    HINTS = ('\nFile "', ": error: in ")

    def begin(self, line: str) -> bool:
        match = _PYTYPE.match(line) or _PYTYPE_OLD.match(line)
        if not match:
            return False
        column = match.groupdict().get("column")
        span = self.report.span(match["file"], match["line"], column, unit=ColumnUnit.CODE_POINT)
        code = match["code"]
        self.at = self.report.add(
            span,
            Severity.ERROR,
            match["message"],
            "pytype",
            code,
            href=f"https://google.github.io/pytype/errors.html#{code}",
        )
        return True

    def more(self, line: str) -> bool:
        if not line.startswith("  ") or not line.strip():
            return False
        self.lengthen(line.strip())
        return True
