"""Reads flow, a type checker for JavaScript, in the format for people."""

from __future__ import annotations

import re

import msgspec

from buildd.model import Severity
from buildd.parsers.base import SEVERITIES, Parser
from buildd.parsers.report import NOWHERE, ParseResult

_HEAD = re.compile(
    r"(?P<kind>Error|Warning) [-┈]{3,} (?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+)$"
)
_CODE = re.compile(r" \[(?P<code>[A-Za-z][\w-]+)\](?=\n|$)")
_PLACE = re.compile(r" {3,}(?P<file>[^\s:|│][^:|│\n]*)(?::(?P<line>\d+):(?P<column>\d+))?$")
_ROW = re.compile(r" *(?P<numbers>(?:\[\d+\] ?)*) *(?P<line>\d+)[|│] ?")
_MARKS = re.compile(r" +(?P<marks>\^+)(?: (?P<number>\[\d+\]))?$")
_LIMIT = 200
"""The most lines of one diagnostic."""


class Flow(Parser):
    """Reads a rule with the place in it, a message, an excerpt, and an excerpt for each reference.

    The message is wrapped to the width of the screen. Columns count bytes. In colour there are no
    marks, and each reference is a row of the excerpt.
    """

    TOOLS = "flow"
    HINTS = ("\nError ---", "\nError ┈┈┈", "\nWarning ---", "\nWarning ┈┈┈")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._span = NOWHERE
        self._severity = Severity.ERROR
        self._message = ""
        self._is_added = False
        self._file = ""
        """The file whose rows are printed."""
        self._place = ("", "")
        """Line and column of the next marks."""
        self._is_reference = False
        self._rows: list[tuple[str, int]] = []
        """The numbers of an excerpt's rows, and the indexes where their text begins."""
        self._lines = 0

    def begin(self, line: str) -> bool:
        # With --one-line all lines are on this one.
        head, *rest = line.split("\\n")
        match = _HEAD.match(head)
        if not match:
            return False
        self._file, self._place = match["file"], (match["line"], match["column"])
        self._span = self.report.span(self._file, *self._place)
        self._severity = SEVERITIES[match["kind"].lower()]
        self._message, self._is_added, self._is_reference, self._lines = "", False, False, 0
        self._rows = []
        for further in rest:
            self.more(further)
        return True

    def more(self, line: str) -> bool:
        self._lines += 1
        if self._lines > _LIMIT or _HEAD.match(line) or line.startswith("Found "):
            return False
        if not self._is_added:
            self._read_message(line)
            return True
        if line == "References:":
            self._is_reference = True
        elif match := _ROW.match(line):
            self._rows.append((match["line"], match.end()))
            self._numbered(match)
        elif match := _MARKS.match(line):
            self._mark(match)
        elif match := _PLACE.match(line):
            self._file, self._place = match["file"], (match["line"], match["column"])
            self._rows = []
        return not line or line.startswith((" ", "References:"))

    def finish(self) -> None:
        if self._message and not self._is_added:
            self._add()

    def _read_message(self, line: str) -> None:
        if line.startswith(" - ") and self._message:
            self._message += f"\n{line.strip()}"
        elif line.strip():
            self._message = f"{self._message} {line.strip()}".strip()
        elif self._message:
            self._add()

    def _add(self) -> None:
        code = _CODE.search(self._message)
        message = _CODE.sub("", self._message, count=1)
        self._is_added = True
        self.add(self._span, self._severity, message, "flow", code["code"] if code else "")

    def _numbered(self, match: re.Match[str]) -> None:
        """Adds a note for each reference number before a row."""
        span = self.report.span(self._file, match["line"])
        if (span.file, span.line) != (self._span.file, self._span.line):
            for number in match["numbers"].split():
                self.note(span, number)

    def _mark(self, match: re.Match[str]) -> None:
        rows, self._rows = self._rows, []
        if not rows or self.at is None:
            return
        line, margin = rows[-1]
        first, last = match.start("marks") - margin + 1, match.end("marks") - margin + 1
        if self._is_reference:
            span = self.report.span(self._file, *self._place)
            if span.column == first and len(rows) == 1:
                span = msgspec.structs.replace(span, end_column=last)
            self.note(span, match["number"] or "")
        elif len(rows) > 1 or first == self._span.column:
            # With several rows, the mark is below the last one, and gives the end.
            end_line = int(line[:9]) if len(rows) > 1 else None
            span = msgspec.structs.replace(self._span, end_line=end_line, end_column=last)
            if last > 0:
                self.report.amend(self.at, span=span)
