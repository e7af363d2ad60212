"""Reads pyright and basedpyright, type checkers for Python."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit
from buildd.parsers.base import SEVERITIES, Parser, path

_LINE = re.compile(
    r" *"
    + path("py", "pyi")
    + r":(?P<line>\d+):(?P<column>\d+) - (?P<kind>error|warning|information): "
    r"(?P<message>.*?)(?: \((?P<code>report\w+)\))?$"
)
_CODE = re.compile(r"(?P<message>.*) \((?P<code>report\w+)\)$")


class Pyright(Parser):
    """Reads one line per diagnostic. Columns count UTF-16 units.

    Further lines of a message are indented more, and end with the rule.
    """

    TOOLS = "pyright, basedpyright"
    HINTS = (" - error: ", " - warning: ", " - information: ")

    def begin(self, line: str) -> bool:
        match = _LINE.match(line)
        if not match:
            return False
        span = self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
        )
        code = match["code"] or ""
        severity = SEVERITIES[match["kind"]]
        self.at = self.report.add(
            span, severity, match["message"], "pyright", code, href=_href(code)
        )
        return True

    def more(self, line: str) -> bool | None:
        if not line.startswith(("    ", "  \xa0", "\xa0")) or self.at is None:
            return False
        text = line.replace("\xa0", " ").strip()
        if match := _CODE.match(text):
            text = match["message"]
            self.report.amend(self.at, code=match["code"], href=_href(match["code"]))
        self.lengthen(text)
        return True


def _href(code: str) -> str:
    page = "https://github.com/microsoft/pyright/blob/main/docs/configuration.md"
    return f"{page}#{code}" if code else ""
