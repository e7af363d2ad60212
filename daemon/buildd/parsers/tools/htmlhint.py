"""Reads the formats of htmlhint and html-validate, linters for HTML."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import LineParser, Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.web_files import TEXTS, web_file

_HEADER = re.compile(r" {3}" + web_file(*TEXTS, "jsp", "php", "vue", "tpl") + "$")
_SOURCE = re.compile(r"(?P<margin> +L(?P<line>\d+) \|)(?P<text>.*)$")
_POINT = re.compile(r" +\^ (?P<message>.*?)(?: \((?P<code>[\w-]+)\))?$")
_CUT = 43
"""Where the mark stands in a line whose start is left out."""


class Htmlhint(Parser):
    """Reads a file, and per diagnostic the source line and a mark with the message."""

    TOOLS = "htmlhint"
    HINTS = ("\n   /", "\n   ./", ".htm", ".vue")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._file = ""
        self._source: re.Match[str] | None = None

    def begin(self, line: str) -> bool | None:
        if not (match := _HEADER.match(line)):
            return False
        self._file, self._source = match["file"], None
        return None

    def more(self, line: str) -> bool | None:
        if match := _SOURCE.match(line):
            self._source = match
            return True
        if self._source and (match := _POINT.match(line)):
            source, self._source = self._source, None
            mark = line.index("^") - len(source["margin"])
            span = self.report.span(
                self._file, source["line"], _column(source["text"], mark), unit=ColumnUnit.UTF16
            )
            self.add(span, Severity.ERROR, match["message"], "htmlhint", match["code"] or "")
            return True
        return False


class HtmlValidate(LineParser):
    """Reads `a.html:1:2: error [rule] …`."""

    TOOLS = "html-validate (text)"
    HINTS = (": error [", ": warning [")
    SOURCE = "html-validate"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        web_file(*TEXTS, "vue", "js", "ts", "svelte", "php")
        + r":(?P<line>\d+):(?P<column>\d+): (?P<kind>error|warning) \[(?P<code>[\w/-]+)\] "
        r"(?P<message>.*)"
    )


def _column(text: str, mark: int) -> int | None:
    """Returns the column of a mark, which htmlhint moves one to the right per wide character.

    It is None if the start of the line is left out.
    """
    if text.startswith("...") and mark >= _CUT:
        return None
    units = text.encode("utf-16-le", "surrogatepass")
    column = at = 0
    while at < mark and column < len(units) // 2:
        at += 1 if units[2 * column + 1] == 0 else 2
        column += 1
    return column + 1 + max(0, mark - at)
