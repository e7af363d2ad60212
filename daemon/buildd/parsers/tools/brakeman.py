"""Reads Brakeman, which finds security problems in Ruby on Rails applications."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from buildd.model import Severity
from buildd.parsers.base import LineParser, Parser
from buildd.parsers.report import ParseResult

_FIELD = re.compile(r"(?P<key>Confidence|Category|Check|Message|Code|File|Line): (?P<value>\S.*)")
_CONFIDENCE = {
    "High": Severity.ERROR,
    "Medium": Severity.WARNING,
    "Weak": Severity.INFORMATION,
}


class Brakeman(Parser):
    """Reads one block of fields per warning, separated by empty lines."""

    TOOLS = "Brakeman"
    HINTS = ("\nConfidence: ",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._fields: dict[str, str] = {}

    def begin(self, line: str) -> bool:
        self._close()
        return self._read(line)

    def more(self, line: str) -> bool:
        if self._fields and self._read(line):
            return True
        self._close()
        return False

    def finish(self) -> None:
        self._close()

    def _read(self, line: str) -> bool:
        match = _FIELD.match(line)
        if match:
            self._fields[match["key"]] = match["value"].strip()
        return match is not None

    def _close(self) -> None:
        fields, self._fields = self._fields, {}
        if "Message" in fields and "File" in fields:
            span = self.report.span(fields["File"], fields.get("Line"))
            severity = _CONFIDENCE.get(fields["Confidence"], Severity.WARNING)
            code = fields.get("Check", fields.get("Category", ""))
            self.add(span, severity, fields["Message"], "brakeman", code)


class BrakemanTabs(LineParser):
    """Reads --format tabs: file, line, kind, check, message and confidence."""

    TOOLS = "Brakeman (tabs)"
    HINTS = ("\tHigh", "\tMedium", "\tWeak")
    SOURCE = "brakeman"
    DEFAULT = Severity.WARNING
    KINDS: ClassVar[Mapping[str, Severity]] = {
        key.lower(): value for key, value in _CONFIDENCE.items()
    }
    PATTERN = re.compile(
        r"(?P<file>[^\t\n]+)\t(?P<line>\d+)\t[^\t\n]+\t(?P<code>\w+)\t(?P<message>[^\t\n]+)\t"
        r"(?P<kind>High|Medium|Weak)$"
    )
