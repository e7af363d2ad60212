"""Reads `meson setup`."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import SEVERITIES, Parser

_PLACED = re.compile(
    r"(?P<file>(?:[^\s:][^:\n]*/)?meson(?:\.build|\.options|_options\.txt)):(?P<line>\d+):"
    r"(?:(?P<column>\d+):)? (?P<kind>ERROR|WARNING|DEPRECATION|NOTICE): (?P<message>.*)"
)
_PLACE_LATER = re.compile(
    r"(?P<kind>WARNING|DEPRECATION): (?P<file>(?:[^\s:][^:\n]*/)?meson\.build):(?P<line>\d+): "
    r"(?P<message>.*)"
)


class Meson(Parser):
    """Reads one line per diagnostic. Columns count from 0."""

    TOOLS = "meson"
    HINTS = ("meson.build:", "meson_options.txt:", "meson.options:", "The Meson build system")

    def begin(self, line: str) -> bool:
        if match := _PLACED.match(line):
            column = match["column"]
            span = self.report.span(
                match["file"],
                match["line"],
                int(column) + 1 if column and len(column) < 9 else None,
            )
        elif match := _PLACE_LATER.match(line):
            span = self.report.span(match["file"], match["line"])
        else:
            return False
        kind = match["kind"].lower()
        severity = SEVERITIES.get(kind, Severity.WARNING)
        self.add(span, severity, match["message"], "meson")
        return True
