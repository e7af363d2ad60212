"""Reads the results of busted, a test framework for Lua."""

from __future__ import annotations

import re

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_HEAD = re.compile(
    r"(?P<kind>Failure|Error|Pending) (?:->|\u2192) (?P<file>[^\n@]+?)"
    r"(?: @ (?P<line>\d+)|:(?P<at>\d+): (?P<message>.*))$"
)
_PLACE = re.compile(r"(?P<file>[^\s:][^:\n]*):(?P<line>\d+): (?P<message>.*)$")
_STATES = {
    "Failure": TestState.FAILED,
    "Error": TestState.ERRORED,
    "Pending": TestState.SKIPPED,
}


class Busted(Parser):
    """Reads one block per failed test: its file and line, its name, and what failed where."""

    TOOLS = "busted"
    LEVEL = ("text", "tests")
    HINTS = ("\nFailure ", "\nError ", "\nPending ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        self._name = ""
        self._lines: list[str] = []

    def begin(self, line: str) -> bool:
        self._close()
        self._head = _HEAD.match(line)
        self._name, self._lines = "", []
        return self._head is not None

    def more(self, line: str) -> bool | None:
        if not self._head:
            return False
        if not line:
            self._close()
            return True
        if not self._name:
            self._name = line
        else:
            self._lines.append(line)
        return True

    def finish(self) -> None:
        self._close()

    def _close(self) -> None:
        head, self._head = self._head, None
        if not head:
            return
        file, line = head["file"], head["line"] or head["at"]
        message = self._lines
        place = _PLACE.match(message[0]) if message else None
        span = self.report.span(file, line)
        if place and not place["file"].startswith("..."):
            span = self.report.span(place["file"], place["line"])
            message = [place["message"], *message[1:]]
        text = "\n".join(message[:40]) or head["message"] or self._name
        if head["message"]:
            text = head["message"]
        if head["kind"] != "Pending":
            self.add(span, Severity.ERROR, text, "busted")
        if head["line"]:
            self.report.add_test(
                (file, self._name),
                _STATES[head["kind"]],
                "busted",
                message=text,
                span=span if span != NOWHERE else None,
            )
