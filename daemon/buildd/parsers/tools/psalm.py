"""Reads Psalm, a static analyzer for PHP."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser

_CONSOLE = re.compile(
    r"(?P<kind>ERROR|INFO): (?P<code>[A-Z]\w+) - (?P<file>[^\n]+?):(?P<line>\d+):(?P<column>\d+) - "
    r"(?P<message>.*?)(?: \(see (?P<href>https://psalm\.dev/\d+)\))?$"
)
_EMACS = re.compile(
    r"(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+): ?(?P<kind>error|info|warning) - "
    r"(?P<code>[A-Z]\w+): (?P<message>.*?)(?: \(see (?P<href>https://psalm\.dev/\d+)\))?$"
)


class Psalm(Parser):
    """Reads one line per diagnostic. Columns count bytes."""

    TOOLS = "Psalm"
    HINTS = ("\nERROR: ", "\nINFO: ", ":error - ", ":warning - ", ": error - ", ": warning - ")

    def begin(self, line: str) -> bool:
        match = _CONSOLE.match(line) or _EMACS.match(line)
        if not match:
            return False
        span = self.report.span(match["file"], match["line"], match["column"], unit=ColumnUnit.BYTE)
        is_error = match["kind"].lower() == "error"
        self.at = self.report.add(
            span,
            Severity.ERROR if is_error else Severity.INFORMATION,
            match["message"],
            "psalm",
            match["code"],
            href=match["href"] or "",
        )
        return True
