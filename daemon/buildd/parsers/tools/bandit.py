"""Reads Bandit, which finds security problems in Python."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import LineParser, Parser, path

_ISSUE = re.compile(r">> Issue: \[(?P<code>[A-Z]+\d+)(?::[\w-]+)?\] (?P<message>\S.*)")
_DETAIL = re.compile(r"\s+(?P<key>Severity|CWE|More Info|Location): (?P<value>\S.*)")
_PLACE = re.compile(r"(?P<file>\S[^\n]*?):(?P<line>\d+)(?::(?P<column>\d+))?$")
_SOURCE = re.compile(r"\d+\t|\d+$")
_SEVERITIES = {
    "high": Severity.ERROR,
    "medium": Severity.WARNING,
    "low": Severity.INFORMATION,
    "undefined": Severity.INFORMATION,
}


class Bandit(Parser):
    """Reads one block per issue: message, severity, place. Columns count bytes from 0."""

    TOOLS = "Bandit"
    HINTS = (">> Issue: [",)

    _issue: re.Match[str] | None = None
    _severity = Severity.WARNING
    _href = ""

    def begin(self, line: str) -> bool:
        self._issue, self.at = _ISSUE.match(line), None
        self._severity, self._href = Severity.WARNING, ""
        return self._issue is not None

    def more(self, line: str) -> bool:
        match = _DETAIL.match(line)
        if not match:
            return bool(_SOURCE.match(line))
        key, value = match["key"], match["value"]
        if key == "Severity":
            level = value.partition(" ")[0].lower()
            self._severity = _SEVERITIES.get(level, Severity.WARNING)
        elif key == "Location" and self._issue and (place := _PLACE.match(value)):
            column = place["column"]
            span = self.report.span(
                place["file"],
                place["line"],
                int(column) + 1 if column and len(column) < 9 else None,
            )
            message, code = self._issue["message"], self._issue["code"]
            self.at = self.report.add(
                span, self._severity, message, "bandit", code, href=self._href
            )
        elif key == "More Info" and value.startswith("http"):
            # It comes before the place in newer versions, and after it in older ones.
            self._href = value.strip()
            if self.at is not None:
                self.report.amend(self.at, href=self._href)
        return True


class BanditLine(LineParser):
    """Reads what --format=custom prints without a template."""

    TOOLS = "Bandit --format=custom"
    HINTS = ("[bandit]: ",)
    SOURCE = "bandit"
    UNIT = ColumnUnit.BYTE
    KINDS = _SEVERITIES
    PATTERN = re.compile(
        path("py", "pyi")
        + r":(?P<line>\d+): (?P<code>[A-Z]+\d+)\[bandit\]: (?P<kind>[A-Z]+): (?P<message>\S.*)"
    )
