"""Reads tsc, vue-tsc and Angular's compiler, in TypeScript's two formats."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Related
from buildd.parsers.base import SEVERITIES, Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.web_files import SCRIPTS, web_file

_FILE = web_file(*SCRIPTS, "json", "html", "mdx", "gts", "gjs")
_CODE = (
    r"(?:semantic |syntax |syntactic )?(?P<kind>error|warning|message) "
    r"(?P<code>(?:TS|NG)-?\d+):? (?P<message>.*)"
)
_BEFORE = (
    r"\s*(?:\[!\] (?:\((?:plugin )?rpt2(?: plugin)?\) )?)?"
    r"(?:(?:ERROR|WARNING) in )?(?:\w*Error: |Warning: )?"
)
"""What Angular, webpack and rollup print before it."""
PLAIN = re.compile(rf"{_BEFORE}{_FILE}\((?P<line>\d+),(?P<column>\d+)\): {_CODE}")
PRETTY = re.compile(rf"{_BEFORE}{_FILE}:(?P<line>\d+):(?P<column>\d+) - {_CODE}")
_ALONE = re.compile(rf"{_CODE}")
_RELATED = re.compile(rf" {{2,20}}{_FILE}:(?P<line>\d+):(?P<column>\d+)(?: - (?P<message>.*))?$")
_MARKS = re.compile(r" +(?P<marks>~+)\s*$")
_SOURCE = re.compile(r"\d+ ")
_ADVICE = re.compile(r"\d\. \S")
"""Angular's advice, in numbered steps."""
_DEFAULT_NOTE = "see here"


class Tsc(Parser):
    """Reads `a.ts(1,2): error TS1: …`, and `a.ts:1:2 - error TS1: …` with the source below.

    Columns count UTF-16 units.
    """

    TOOLS = "tsc, vue-tsc, ngc"
    HINTS = (" TS", " NG", "error TS")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_pretty = False
        self._has_marks = False
        self._related: Related | None = None
        """A related place whose message follows below its source."""

    def begin(self, line: str) -> bool:
        match = PLAIN.match(line) or PRETTY.match(line) or _ALONE.match(line)
        if not match:
            return False
        group = match.groupdict()
        file = group.get("file")
        span = NOWHERE
        if file:
            span = self.report.span(file, match["line"], match["column"], unit=ColumnUnit.UTF16)
        kind = "information" if match["kind"] == "message" else match["kind"]
        self.add(span, SEVERITIES[kind], match["message"], "tsc", match["code"])
        self._is_pretty, self._has_marks = " - " in line, False
        self._related = None
        return True

    def more(self, line: str) -> bool | None:
        if match := _RELATED.match(line):
            span = self.report.span(
                match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
            )
            self.note(span, match["message"] or _DEFAULT_NOTE)
            self._related = None if match["message"] else Related(span=span, message=_DEFAULT_NOTE)
            return True
        if self._related and line.startswith("    "):
            return self._about(self._related, line)
        if self._is_pretty and (match := _MARKS.match(line)):
            if not self._has_marks:
                self._mark(len(match["marks"]))
            return True
        if not line.strip():
            return self._is_pretty
        if _ADVICE.match(line) and not self._has_marks:
            self.lengthen(line)
            return True
        if line.startswith("  ") and not self._has_marks and not _SOURCE.match(line.strip()):
            self.lengthen(line.strip())
            return True
        # Source lines of an excerpt begin with their number.
        return self._is_pretty and (bool(_SOURCE.match(line)) or line.startswith("    "))

    def _about(self, related: Related, line: str) -> bool:
        """Reads a line below a related place: its source, marks, or its message."""
        span = related.span
        changed = msgspec.structs.replace(related, message=line.strip())
        if match := _MARKS.match(line):
            if span.column and span.end_column is None:
                span = msgspec.structs.replace(span, end_column=span.column + len(match["marks"]))
            changed = msgspec.structs.replace(related, span=span)
        elif _SOURCE.match(line.strip()):
            return True
        self._related = changed if changed.message == _DEFAULT_NOTE else None
        if self.at is not None:
            known = self.report.diagnostics[self.at].related
            new = tuple(changed if note == related else note for note in known)
            self.report.amend(self.at, related=new)
        return True

    def _mark(self, width: int) -> None:
        self._has_marks = True
        if self.at is not None:
            span = self.report.diagnostics[self.at].span
            if span.column and span.end_column is None:
                span = msgspec.structs.replace(span, end_column=span.column + width)
                self.report.amend(self.at, span=span)
