"""Reads node's uncaught exceptions: a place, the source with a mark, the error and its stack."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.tools.jest import is_other
from buildd.parsers.tools.tsc import PLAIN, PRETTY

_PLACE = re.compile(
    r"(?:file://)?(?P<file>(?:/|[A-Za-z]:\\)[^\s:][^:\n]*\.[cm]?[jt]sx?):(?P<line>\d+)$"
)
_INTERNAL = re.compile(
    r"(?:node:[\w/]+|internal/[\w/-]+\.js|(?:module|vm|events|fs|net|timers|assert|util|buffer|"
    r"child_process|_\w+)\.js):\d+$"
)
_REQUIRED = re.compile(r"- (?P<file>/[^\n]+\.[cm]?[jt]sx?)$")
_MARKS = re.compile(r"(?P<indent>\s*)(?P<marks>\^+)$")
_IMPORTED = re.compile(r".* imported from (?P<file>/\S+|[A-Za-z]:\S+)$")
_ERROR = re.compile(
    r"(?:Uncaught )?(?P<type>(?:[A-Z]\w*)?(?:Error|Exception))(?: \[\w+\])?: (?P<message>.*)"
)
_FRAME = re.compile(
    r" {4}at (?:.*?\()?(?:file://)?(?P<file>[^\s():][^():\n]*):(?P<line>\d+):(?P<column>\d+)\)?$"
)
_LIMIT = 60


class Node(Parser):
    """Reads one diagnostic per exception. Columns count UTF-16 units.

    Its place is the first frame outside of node and of packages, or otherwise the one that node
    prints first.
    """

    TOOLS = "node: uncaught exceptions, syntax errors"
    HINTS = ("js:", "ts:", "\nnode:")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._place: Span | None = None
        self._error = ""
        self._lines = 0

    def begin(self, line: str) -> bool:
        if _INTERNAL.match(line):
            self._place, self._error, self._lines, self.at = NOWHERE, "", 0, None
            return True
        if match := _PLACE.match(line):
            self._place = self.report.span(match["file"], match["line"])
            self._error, self._lines = "", 0
            self.at = None
            return True
        return False

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if self._lines > _LIMIT:
            return False
        if match := _FRAME.match(line):
            self._frame(match)
            return True
        if PRETTY.match(line) or PLAIN.match(line):
            # The error of ts-node contains the compiler's message.
            self._place, self._error = None, ""
            return False
        if self._error:
            if not line.strip() or line.startswith("Node.js v"):
                self._close()
                return False
            if self._place is NOWHERE and (match := _REQUIRED.match(line)):
                self._place = self.report.span(match["file"], 1)
            return True
        if (match := _MARKS.match(line)) and self._place and self._place.file:
            column = len(match["indent"]) + 1
            self._place = msgspec.structs.replace(
                self._place,
                column=column,
                end_column=column + len(match["marks"]),
                unit=ColumnUnit.UTF16,
            )
        if match := _ERROR.match(line):
            self._error = match[0]
        return self._lines < 8 or bool(self._error)

    def finish(self) -> None:
        self._close()

    def _frame(self, match: re.Match[str]) -> None:
        if is_other(match["file"]) or not self._error:
            return
        span = self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
        )
        if self.at is None and self._place is not None:
            self.add(span, Severity.ERROR, self._error, "node")
            self._place = None
        elif self.at is not None:
            self.note(span, "called from here")

    def _close(self) -> None:
        """Adds an exception without a frame in the project's own code, such as a syntax error."""
        if self._place is NOWHERE and (match := _IMPORTED.match(self._error)):
            self._place = self.report.span(match["file"], 1)
        if self._place is not None and self._error:
            self.add(self._place, Severity.ERROR, self._error, "node")
        self._place, self._error = None, ""
