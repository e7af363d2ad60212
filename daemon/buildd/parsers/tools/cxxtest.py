"""Reads the results of CxxTest, a test framework for C++."""

from __future__ import annotations

import re

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_TEST = re.compile(r"[.FEWs]*In (?P<suite>[\w:<>, ]+)::(?P<test>\w+):$")
_LINE = re.compile(
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(][^:(\n]*)(?::(?P<line>\d+)|\((?P<row>\d+)\)): "
    r"(?P<kind>Error|Warning|Trace): (?P<message>.*)"
)
_SKIPPED = "Test skipped"


class CxxTest(Parser):
    """Reads a test's name with its failures below; a passed test is only a dot."""

    TOOLS = "CxxTest"
    LEVEL = ("text", "tests")
    HINTS = ("In ",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._path: tuple[str, ...] = ()

    def begin(self, line: str) -> bool | None:
        match = _TEST.match(line)
        if not match:
            return False
        self._path = (match["suite"], match["test"])
        self.at = None
        return None

    def more(self, line: str) -> bool | None:
        match = _LINE.match(line)
        if not match:
            if self.at is None or not line.startswith("     "):
                return False
            self.lengthen(line.strip())
            return True
        span = self.report.span(match["file"], match["line"] or match["row"])
        message, kind = match["message"], match["kind"]
        if kind == "Error":
            self.add(span, Severity.ERROR, message, "cxxtest")
            known = next((test for test in self.report.tests[-1:] if test.path == self._path), None)
            if known is None or known.state is not TestState.FAILED:
                self.report.add_test(
                    self._path, TestState.FAILED, "cxxtest", message=message, span=span
                )
        elif message.startswith(_SKIPPED):
            why = message.removeprefix(_SKIPPED).strip(" :")
            self.report.add_test(self._path, TestState.SKIPPED, "cxxtest", message=why, span=span)
        elif kind == "Warning":
            self.add(span, Severity.WARNING, message, "cxxtest")
        return True
