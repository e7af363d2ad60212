"""Reads Reek and Fasterer, linters for Ruby."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import LineParser, Parser

_HEADING = re.compile(r"(?P<file>\S.*) -- \d+ warnings?:$")
_SMELL = re.compile(
    r" +(?:\[(?P<line>\d+)(?P<others>(?:, \d+)*)\]:)?(?P<code>[A-Z]\w+): (?P<message>.*?)"
    r"(?: \[(?P<href>https?://[^\]\s]+)\])?$"
)


class Reek(Parser):
    """Reads a file name, and below it one line per code smell, with all its lines of code."""

    TOOLS = "Reek"
    HINTS = (" -- ",)
    _file = ""

    def begin(self, line: str) -> bool | None:
        match = _HEADING.match(line)
        self._file = match["file"] if match else ""
        return None if match else False

    def more(self, line: str) -> bool:
        match = _SMELL.match(line)
        if not match:
            heading = _HEADING.match(line)
            self._file = heading["file"] if heading else ""
            return heading is not None
        span = self.report.span(self._file, match["line"] or 1)
        href, code = match["href"] or "", match["code"]
        self.at = self.report.add(span, Severity.WARNING, match["message"], "reek", code, href=href)
        for number in re.findall(r"\d+", match["others"] or ""):
            self.note(self.report.span(self._file, number), "here, too")
        return True


class ReekLine(LineParser):
    """Reads --single-line."""

    TOOLS = "Reek (single line)"
    AUTOMATIC = False
    HINTS = (".rb:",)
    SOURCE = "reek"
    DEFAULT = Severity.WARNING
    PATTERN = re.compile(
        r" *(?P<file>\S[^:\n]*\.\w+):(?P<line>\d+): (?P<code>[A-Z]\w+): (?P<message>.*)"
    )


class Fasterer(LineParser):
    """Reads one line per diagnostic."""

    TOOLS = "Fasterer"
    HINTS = (" slower than ",)
    SOURCE = "fasterer"
    DEFAULT = Severity.WARNING
    PATTERN = re.compile(
        r"(?P<file>\S[^:\n]*\.\w+):(?P<line>\d+) (?P<message>\S.* (?:is|are) slower than .*)"
    )
