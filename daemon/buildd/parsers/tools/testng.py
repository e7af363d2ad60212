"""Reads the text reporter of TestNG, a test framework for Java."""

from __future__ import annotations

import re

from buildd.model import TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.java_failure import JavaFailure

_TEST = re.compile(r"(?P<state>PASSED|FAILED|SKIPPED): (?P<name>[\w$.]+(?:\([^\n]*\))?)(?: - .*)?$")


class TestNg(Parser):
    """Reads one line per test, with a stack trace below failed ones."""

    __test__ = False

    TOOLS = "TestNG"
    LEVEL = ("text", "tests")
    HINTS = ("[TestNG]", "\nPASSED: ", "\nFAILED: ", "\nSKIPPED: ", "[TestNGContentHandler]")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_running = False
        self._path: tuple[str, ...] = ()
        self._failure: JavaFailure | None = None
        self._is_skipped = False

    def begin(self, line: str) -> bool:
        self._close()
        if line.startswith("[TestNG"):
            self._is_running = True
            return True
        match = _TEST.match(line) if self._is_running else None
        if not match:
            return False
        name, parenthesis, rest = match["name"].partition("(")
        suite, _, method = name.rpartition(".")
        self._path = tuple(filter(None, (suite, method + parenthesis + rest)))
        self._is_skipped = match["state"] == "SKIPPED"
        if match["state"] == "PASSED":
            self.report.add_test(self._path, TestState.PASSED, "testng")
        else:
            self._failure = JavaFailure(self.report, suite)
        return True

    def more(self, line: str) -> bool:
        if self._failure and line.strip() and not _TEST.match(line):
            return self._failure.feed(line)
        self._close()
        return False

    def finish(self) -> None:
        self._close()

    def _close(self) -> None:
        failure, self._failure = self._failure, None
        if failure and self._is_skipped:
            message = failure.message
            self.report.add_test(self._path, TestState.SKIPPED, "testng", message=message)
        elif failure:
            failure.add_to(self, self._path, "testng")
