"""Reads the results that Check, a test framework for C, prints at the end."""

from __future__ import annotations

import re

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_RESULT = re.compile(
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*):(?P<line>\d+):(?P<kind>[PFES]):"
    r"(?P<case>[^:\n]*):(?P<test>[^:\n]*):(?P<iteration>\d+): ?(?P<message>.*)"
)
_SUITES = "Running suite(s): "
_STATES = {
    "P": TestState.PASSED,
    "F": TestState.FAILED,
    "E": TestState.ERRORED,
    # the set-up failed
    "S": TestState.ERRORED,
}


class Check(Parser):
    """Reads one line per failed test, or per test in verbose mode."""

    TOOLS = "Check (libcheck)"
    LEVEL = ("text", "tests")
    HINTS = (":P:", ":F:", ":E:", ":S:", _SUITES)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._suites: list[str] = []
        self._in_suites = False

    def begin(self, line: str) -> bool:
        self._in_suites = line.startswith(_SUITES)
        if self._in_suites:
            self._suites = [line.removeprefix(_SUITES).strip()]
            return True
        match = _RESULT.match(line)
        if not match:
            return False
        self._result(match)
        return True

    def more(self, line: str) -> bool | None:
        if not self._in_suites or not line.startswith(" "):
            return False
        self._suites.append(line.strip())
        return True

    def _result(self, match: re.Match[str]) -> None:
        name = match["test"] or "?"
        if match["iteration"] != "0":
            name = f"{name}:{match['iteration']}"
        # With several suites, the line does not say to which one the test belongs.
        suite = self._suites if len(self._suites) == 1 else []
        path = tuple(part for part in (*suite, match["case"], name) if part)
        state = _STATES[match["kind"]]
        message, span = "", None
        if state is not TestState.PASSED:
            message = match["message"]
            span = self.report.span(match["file"], match["line"])
            self.add(span, Severity.ERROR, message, "check")
        self.report.add_test(path, state, "check", message=message, span=span)
