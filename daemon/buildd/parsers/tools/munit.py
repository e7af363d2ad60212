"""Reads the results of µnit, a test framework for C."""

from __future__ import annotations

import re

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_STATUS = re.compile(
    r" *(?P<name>\S[^\[\n]*?) +\[ (?P<status>OK|SKIP|FAIL|ERROR|TODO) {1,4}\]"
    r"(?: \[ *(?P<time>\d+\.\d+) / .*CPU \])?$"
)
_ERROR = re.compile(
    r"(?P<kind>Error|Warning): (?:(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*):(?P<line>\d+): )?"
    r"(?P<message>.*)"
)
_STATES = {
    "OK": TestState.PASSED,
    "SKIP": TestState.SKIPPED,
    "TODO": TestState.SKIPPED,
    "FAIL": TestState.FAILED,
    "ERROR": TestState.ERRORED,
}


class Munit(Parser):
    """Reads a test's name and result, and below it why it failed."""

    TOOLS = "µnit"
    LEVEL = ("text", "tests")
    HINTS = ("[ OK    ]", "[ SKIP  ]", "[ FAIL  ]", "[ ERROR ]", "[ TODO  ]")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._path: tuple[str, ...] = ()
        self._state = TestState.PASSED
        self._time: float | None = None

    def begin(self, line: str) -> bool:
        match = _STATUS.match(line)
        if not match:
            return False
        self._path = tuple(part for part in match["name"].split("/") if part) or (match["name"],)
        self._state = _STATES[match["status"]]
        self._time = float(match["time"]) if match["time"] else None
        self.at = None
        self.report.add_test(self._path, self._state, "munit", duration=self._time)
        return True

    def more(self, line: str) -> bool | None:
        match = _ERROR.match(line) if self._state is not TestState.PASSED else None
        if not match:
            return False
        if not match["file"] and self.at is not None:
            # It says that the test's process ended because of the error.
            return True
        span = self.report.span(match["file"], match["line"]) if match["file"] else NOWHERE
        is_error = match["kind"] == "Error"
        severity = Severity.ERROR if is_error else Severity.WARNING
        self.add(span, severity, match["message"], "munit")
        if is_error:
            self.report.add_test(
                self._path,
                self._state,
                "munit",
                duration=self._time,
                message=match["message"],
                span=span if span.file else None,
            )
        return True
