"""doctest, the testing framework for C++, on the console."""

from __future__ import annotations

import re

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import Report

_HEAD = re.compile(
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:()][^:()\n]*)(?::(?P<line>\d+)|\((?P<row>\d+)\)): "
    r"(?P<kind>FATAL ERROR|ERROR|WARNING): (?P<message>.*)"
)
_HEADER = re.compile(r"(?:TEST SUITE: (?P<suite>.*)|TEST CASE:  (?P<case>.*)|  (?P<name>\S.*))$")


class Doctest(Parser):
    """Above what failed stand its suite, test case and subcases, below a rule."""

    TOOLS = "doctest (C++)"
    LEVEL = ("text", "tests")
    HINTS = (
        "\nTEST CASE:  ",
        "\nTEST SUITE: ",
        "\n[doctest] Status: ",
        ": ERROR: ",
        ": FATAL ERROR: ",
        ": WARNING: ",
    )

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._suite = ""
        self._path: list[str] = []
        """Empty while no test of this framework has been named: others print the same heads."""
        self._part = ""

    def begin(self, line: str) -> bool:
        if line.startswith("[doctest] Status: "):
            self._suite, self._path = "", []
            self._part = ""
        elif match := _HEADER.match(line):
            if match["suite"]:
                self._suite, self._path = match["suite"], []
            elif match["case"] is not None:
                self._path = [self._suite, match["case"].strip()] if self._suite else []
                self._path = self._path or [match["case"].strip()]
                self._suite = ""
            else:
                return False
            self._part = "header"
        elif self._path and (match := _HEAD.match(line)):
            self._head(match)
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if not line.strip() or not self._part:
            return False
        match = _HEADER.match(line)
        if self._part == "header":
            if not match or not match["name"]:
                return False
            self._path.append(match["name"].strip())
            return True
        if _HEAD.match(line) or line.startswith("====="):
            return False
        self.lengthen(line)
        return True

    def _head(self, match: re.Match[str]) -> None:
        span = self.report.span(match["file"], match["line"] or match["row"])
        is_warning = match["kind"] == "WARNING"
        severity = Severity.WARNING if is_warning else Severity.ERROR
        message = match["message"]
        # The same line may fail again in another subcase.
        key = "\n".join((message, *self._path))
        self.at = self.report.add(span, severity, key, "doctest")
        if self.at is not None:
            self.report.amend(self.at, message=message)
        self._part = "text"
        if not is_warning:
            path = tuple(self._path)
            if all(one.path != path for one in self.report.tests[-1:]):
                self.report.add_test(path, TestState.FAILED, "doctest", message=message, span=span)
