"""Reads Eclipse's compiler for Java, run by itself, by Ant or by Maven."""

from __future__ import annotations

import re

from buildd.parsers.base import SEVERITIES, Parser
from buildd.parsers.report import ParseResult

_HEAD = re.compile(
    r"\s*\d+\. (?P<kind>ERROR|WARNING|INFO) in (?P<file>[^\n]+?) \(at line (?P<line>\d+)\)$"
)
_MARKS = re.compile(r"\s*\^+$")
_RULE = re.compile(r"-{8,}$")
_MOST = 20
"""The most lines of a message, and the most before its marks."""


class Ecj(Parser):
    """Reads a first line, the source with marks below, the message, and a rule.

    The source is printed without its indentation, so the marks do not give a column.
    """

    TOOLS = "ecj"
    HINTS = (" (at line ",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        self._is_marked = False
        self._lines = 0
        self._message: list[str] = []

    def begin(self, line: str) -> bool:
        self._close()
        self._head = _HEAD.match(line)
        return self._head is not None

    def more(self, line: str) -> bool:
        self._lines += 1
        if self._head is None or self._lines > _MOST or _HEAD.match(line) or not line.strip():
            self._close()
            return False
        if _RULE.match(line):
            self._close()
        elif self._is_marked:
            self._message.append(line.strip())
        else:
            self._is_marked = _MARKS.match(line) is not None
        return True

    def finish(self) -> None:
        self._close()

    def _close(self) -> None:
        head, self._head = self._head, None
        message, self._message = self._message, []
        self._is_marked, self._lines = False, 0
        if head and message:
            span = self.report.span(head["file"], head["line"])
            self.add(span, SEVERITIES[head["kind"].lower()], "\n".join(message), "ecj")
