"""Reads the results of Criterion, a test framework for C."""

from __future__ import annotations

import re

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_FAILURE = re.compile(
    r"\[----\] (?P<file>(?:[A-Za-z]:[\\/])?[^\s:(][^:\n]*):(?P<line>\d+): "
    r"(?P<message>(?:Assertion [Ff]ailed|Unexpected signal|Theory|.*signal).*)"
)
_STATUS = re.compile(
    r"\[(?P<status>RUN |PASS|FAIL|SKIP)\] (?P<suite>[^\s:]+)::(?P<test>\S+?)"
    r"(?:: (?:\((?P<time>\d+\.\d+)s\)|(?P<why>.*?)(?: \((?P<late>\d+\.\d+)s\))?))?$"
)
_STATES = {"PASS": TestState.PASSED, "FAIL": TestState.FAILED, "SKIP": TestState.SKIPPED}


class Criterion(Parser):
    """Reads failures, which come before the line that says that the test failed."""

    TOOLS = "Criterion"
    LEVEL = ("text", "tests")
    HINTS = ("\n[----] ", "\n[RUN ] ", "\n[PASS] ", "\n[FAIL] ", "\n[SKIP] ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._first: int | None = None
        """The index of the first failure of the test that ends next."""
        self._is_bare = False
        """Whether the message says nothing but that the assertion failed."""

    def begin(self, line: str) -> bool:
        if match := _STATUS.match(line):
            self.at = None
            if match["status"] != "RUN ":
                self._end(match)
            return True
        match = _FAILURE.match(line)
        if not match:
            return False
        span = self.report.span(match["file"], match["line"])
        message = re.sub(r"^Assertion failed: ", "", match["message"])
        self._is_bare = message in ("Assertion Failed", "Assertion failed")
        self.add(span, Severity.ERROR, message, "criterion")
        if self._first is None:
            self._first = self.at
        return True

    def more(self, line: str) -> bool | None:
        if self.at is None or _FAILURE.match(line) or not line.startswith(("[----]  ", "  ")):
            return False
        text = line.removeprefix("[----]").strip()
        if text and self._is_bare:
            self.report.amend(self.at, message=text)
            self._is_bare = False
        elif text:
            self.lengthen(text)
        return True

    def _end(self, match: re.Match[str]) -> None:
        state = _STATES[match["status"]]
        why = match["why"] or ""
        failure = None
        if state is TestState.FAILED and self._first is not None:
            failure = self.report.diagnostics[self._first]
        if why.startswith(("CRASH", "Timed out")):
            state = TestState.ERRORED
        time = match["time"] or match["late"]
        self.report.add_test(
            (match["suite"], match["test"]),
            state,
            "criterion",
            duration=float(time) if time else None,
            message=why or (failure.message if failure else ""),
            span=failure.span if failure else None,
        )
        self._first = None
