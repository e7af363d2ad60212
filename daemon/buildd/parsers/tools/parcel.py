"""Reads parcel 2: the plug-in and its message, then the place and a code frame."""

from __future__ import annotations

import re

import msgspec

from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_HEAD = re.compile(r"(?P<source>@?[\w-]+/[\w./-]+|parcel-[\w-]+): (?P<message>\S.*)$")
_PLACE = re.compile(r" {2}(?P<file>[^\s:][^:\n]*|[A-Za-z]:[^:\n]*):(?P<line>\d+):(?P<column>\d+)$")
_MARKS = re.compile(r" *> +\| +(?P<marks>\^+)$")
_LIMIT = 12


class Parcel(Parser):
    """Reads `@parcel/core: …` over several lines, an indented `/a.js:1:2`, and the source."""

    TOOLS = "parcel"
    HINTS = ("Build failed.", "\n@parcel/")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._message: list[str] = []
        self._has_place = False

    def begin(self, line: str) -> bool:
        self._message, self._has_place, self.at = [], False, None
        if "🚨 Build failed." in line or "× Build failed." in line:
            return True
        return self._head(line)

    def more(self, line: str) -> bool | None:
        if match := _PLACE.match(line):
            if self._message:
                span = self.report.span(match["file"], match["line"], match["column"])
                self.add(span, Severity.ERROR, " ".join(self._message), "parcel")
                self._has_place = True
            return True
        if (match := _MARKS.match(line)) and self.at is not None:
            span = self.report.diagnostics[self.at].span
            if span.column and span.end_column is None and len(match["marks"]) > 1:
                span = msgspec.structs.replace(span, end_column=span.column + len(match["marks"]))
                self.report.amend(self.at, span=span)
            return True
        if not line.strip() or line.startswith("  "):
            return True
        if self._head(line):
            return True
        if self._message and not self._has_place and len(self._message) < _LIMIT:
            # Messages are wrapped to the width of the terminal.
            self._message.append(line.strip())
            return True
        return False

    def _head(self, line: str) -> bool:
        match = _HEAD.match(line)
        if match:
            self._message, self._has_place = [match["message"].strip()], False
        return bool(match)
