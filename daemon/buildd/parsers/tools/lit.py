"""Reads the test results of lit, LLVM's test runner, with the output of each test."""

from __future__ import annotations

import re

from buildd.model import TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_LINE = re.compile(
    r"(?P<status>PASS|FLAKYPASS|FAIL|XFAIL|XPASS|UNSUPPORTED|UNRESOLVED|TIMEOUT|SKIPPED|EXCLUDED): "
    r"(?P<suite>\S[^:\n]*) :: (?P<test>\S[^\n]*?) \(\d+ of \d+\)$"
)
_OUTPUT = re.compile(r"\*{20} TEST '(?P<suite>[^'\n]*?) :: (?P<test>[^'\n]*)' \w+ \*{20}$")
_END = "*" * 20
_STATES = {
    "PASS": TestState.PASSED,
    "FLAKYPASS": TestState.PASSED,
    "XFAIL": TestState.PASSED,
    "FAIL": TestState.FAILED,
    "XPASS": TestState.FAILED,
    "TIMEOUT": TestState.ERRORED,
    "UNRESOLVED": TestState.ERRORED,
}


class Lit(Parser):
    """Reads one line per test; other parsers read the output of the tests."""

    TOOLS = "lit"
    LEVEL = ("tests",)
    HINTS = (" :: ",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._path: tuple[str, ...] = ()
        self._states: dict[tuple[str, ...], TestState] = {}
        self._output: list[str] = []

    def begin(self, line: str) -> bool:
        if match := _OUTPUT.match(line):
            self._end()
            self._path = (match["suite"], match["test"])
            return True
        match = _LINE.match(line)
        if not match:
            return False
        self._end()
        path = (match["suite"], match["test"])
        self._states[path] = _STATES.get(match["status"], TestState.SKIPPED)
        self.report.add_test(path, self._states[path], "lit")
        return True

    def more(self, line: str) -> bool | None:
        if not self._path:
            return False
        if line == _END:
            self._end()
            return True
        self._output.append(line)
        if len(self._output) > 1000:
            self._end()
        return None

    def finish(self) -> None:
        self._end()

    def _end(self) -> None:
        if self._path in self._states:
            self.report.add_test(
                self._path, self._states[self._path], "lit", output="\n".join(self._output)
            )
        self._path, self._output = (), []
