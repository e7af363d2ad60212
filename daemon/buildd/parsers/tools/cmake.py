"""Reads CMake's own errors and warnings, with their call stacks."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_PLACE = r"(?P<file>[^\n]+?)(?::(?P<line>\d+|DEFERRED))?(?: \((?P<function>[^()]*)\))?"
_HEAD = re.compile(
    r"CMake (?:Internal |Deprecation )?(?P<kind>Error|Warning)(?: \([a-z][a-z -]*\))?"
    rf"(?: \[[\w-]+\])?(?: (?:at|in) {_PLACE})?:$"
)
_ALONE = re.compile(r"(?P<tool>CMake|CPack) (?P<kind>Error|Warning)(?: \(\w+\))?: (?P<message>.+)")
_FRAME = re.compile(rf"  {_PLACE}$")
_COLUMN = re.compile(r"Syntax Warning in cmake code at column (\d+)$|\(column (\d+)\)\.?$")
_POLICY = re.compile(r"Policy (CMP\d{4}) is ")


class Cmake(Parser):
    """Reads a first line that names the place, and the message below, indented by two spaces."""

    TOOLS = "CMake, CPack"
    HINTS = (
        "CMake Error",
        "CMake Warning",
        "CMake Deprecation ",
        "CMake Internal ",
        "CPack Error",
        "CPack Warning",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._part = ""
        """What comes next: the text of a message, its call stack, or a remark on its class."""
        self._pending = NOWHERE, Severity.ERROR
        """The place and the severity of the diagnostic whose text comes next."""
        self._blanks = 0

    def begin(self, line: str) -> bool:
        self._blanks = 0
        if match := _HEAD.match(line):
            span = self.report.span(match["file"], match["line"])
            kind = Severity.ERROR if match["kind"] == "Error" else Severity.WARNING
            # Only the text that follows shows whether the diagnostic is known.
            self._pending = span, kind
            self.at = None
            self._part = "first"
        elif match := _ALONE.match(line):
            kind = Severity.ERROR if match["kind"] == "Error" else Severity.WARNING
            self.add(NOWHERE, kind, match["message"], match["tool"].lower())
            self._part = "variables" if match["message"].endswith("set to NOTFOUND.") else ""
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if not self._part:
            return False
        if self._part == "variables":
            return self._variable(line)
        if not line.strip():
            # Two empty lines end a message and a call stack; one ends the remark on the class.
            self._blanks = 0 if line else self._blanks + 1
            if self._part == "class" or self._blanks > 1:
                self._part = ""
            return True
        if line.startswith("Call Stack (most recent call first)"):
            self._part = "stack"
        elif line.startswith(("This warning is for project dev", "This error is for project dev")):
            self._part = "class"
        elif self._part == "class":
            return True
        elif not line.startswith("  ") or self._part not in ("first", "text", "stack"):
            return False
        elif self._part == "stack":
            if match := _FRAME.match(line):
                name = match["function"]
                span = self.report.span(match["file"], match["line"])
                self.note(span, f"called `{name}`" if name else "called from here")
        else:
            self._text(line[2:])
        self._blanks = 0
        return True

    def _text(self, line: str) -> None:
        if self._part == "first":
            self._part = "text"
            span, kind = self._pending
            self.add(span, kind, line, "cmake")
            if self.at is not None and (match := _POLICY.match(line)):
                href = f"https://cmake.org/cmake/help/latest/policy/{match[1]}.html"
                self.report.amend(self.at, code=match[1], href=href)
        else:
            if self._blanks:
                self.lengthen("")
            self.lengthen(line)
        if self.at is not None and (match := _COLUMN.search(line)):
            span = self.report.diagnostics[self.at].span
            span = self.report.span(
                span.file, span.line, match[1] or match[2], unit=ColumnUnit.BYTE
            )
            self.report.amend(self.at, span=span)

    def _variable(self, line: str) -> bool:
        """Reads the names of variables that have no value, which follow below the message."""
        if not line.strip() or line.startswith(("-- ", "CMake ")):
            self._part = ""
            return False
        self.lengthen(line.strip())
        return True
