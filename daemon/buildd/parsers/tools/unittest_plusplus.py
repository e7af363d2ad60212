"""Reads the results of UnitTest++, a test framework for C++."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, TestState
from buildd.parsers.base import Parser

_FAILURE = re.compile(
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(][^:(\n]*)"
    r"(?::(?P<line>\d+)(?::(?P<column>\d+))?|\((?P<row>\d+)\)): "
    r"error: Failure in (?P<test>\w+): (?P<message>.*)"
)


class UnitTestPlusPlus(Parser):
    """Reads one line per failure; passed tests are only counted. Columns count bytes."""

    TOOLS = "UnitTest++"
    LEVEL = ("text", "tests")
    HINTS = (": error: Failure in ",)

    def begin(self, line: str) -> bool:
        match = _FAILURE.match(line)
        if not match:
            return False
        span = self.report.span(
            match["file"], match["line"] or match["row"], match["column"], unit=ColumnUnit.BYTE
        )
        self.add(span, Severity.ERROR, match["message"], "unittest++")
        path = (match["test"],)
        if all(test.path != path for test in self.report.tests[-1:]):
            self.report.add_test(
                path, TestState.FAILED, "unittest++", message=match["message"], span=span
            )
        return True
