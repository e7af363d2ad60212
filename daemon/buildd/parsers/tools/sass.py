"""Reads Dart Sass, and the older LibSass and Ruby Sass."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_HEAD = re.compile(
    r"(?P<kind>Error|Syntax [Ee]rror|(?:Deprecation|DEPRECATION) WARNING|WARNING|Warning)"
    r"(?: \[(?P<code>[\w-]+)\])?"
    r"(?: on line (?P<line>\d+)(?:, column (?P<column>\d+))? of (?P<file>[^\n]+?))?:"
    r"(?: (?P<message>.*))?$"
)
_TRACE = re.compile(
    r" {2,4}(?P<file>(?:file://)?(?:[A-Za-z]:)?[^\s:][^:\n]*?)"
    r" (?P<line>\d+):(?P<column>\d+)  +(?P<text>\S.*)$"
)
_OLD = re.compile(
    r"\s+(?:on|from) line (?P<line>\d+)(?::(?P<column>\d+))?,? of (?P<file>\S.*?)(?:, in .*)?$"
)
_TOP = re.compile(r" +[╷,]$")
_SOURCE = re.compile(r" *\d+ [│|] |>> ")
_MARKS = re.compile(r" +[│|] +[^│|]*?(?P<marks>\^+)")
_FRAME = re.compile(r" *(?:\d+ )?[│|╵']|   -*\^|  ╷|>> ")
_LIMIT = 30


class Sass(Parser):
    """Reads a message, the source with marks below, and from where that was reached."""

    TOOLS = "sass, sassc, ruby-sass"
    HINTS = ("\nError: ", "WARNING", "\nSyntax ", "\nWarning: ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._kind, self._code = Severity.ERROR, ""
        self._message: list[str] = []
        self._lines = self._width = 0
        self._is_below = False
        """Whether the message has ended."""

    def begin(self, line: str) -> bool | None:
        match = _HEAD.match(line)
        if not match:
            return False
        self._kind = Severity.WARNING if "arning" in line or "WARNING" in line else Severity.ERROR
        self._code, self.at = match["code"] or "", None
        self._message = [match["message"]] if match["message"] else []
        self._lines = self._width = 0
        self._is_below = False
        if not match["file"]:
            return None if self._message else False
        self._add(match)
        return True

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if self._lines > _LIMIT:
            return False
        if match := _TRACE.match(line) or _OLD.match(line):
            if self.at is None:
                self._add(match)
            else:
                span = self._span(match)
                self.note(span, match.groupdict().get("text") or "used from here")
            self._is_below = True
            return True
        if self.at is not None:
            if not self._message and line.strip():
                # Old versions print the message below the place.
                self._message.append(line)
                self.lengthen(line)
                return True
            return _FRAME.match(line) is not None
        if _TOP.match(line):
            self._is_below = True
            return True
        if self._is_below:
            if (match := _MARKS.match(line)) and not self._width:
                self._width = len(match["marks"])
            return True if _FRAME.match(line) else None
        if line.strip() and not line.startswith(("Recommendation", "More info", " ")):
            if len(self._message) == 1 and _HEAD.match(line):
                return False
            self._message.append(line)
        return None

    def _add(self, match: re.Match[str]) -> None:
        span = self._span(match)
        if span != NOWHERE and span.column and self._width > 1:
            span = msgspec.structs.replace(span, end_column=span.column + self._width)
        self.add(span, self._kind, "\n".join(self._message), "sass", self._code)

    def _span(self, match: re.Match[str]) -> Span:
        return self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
        )
