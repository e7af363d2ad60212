"""Reads the console output of doctest, a test framework for C++."""

from __future__ import annotations

import re

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_HEAD = re.compile(
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:()][^:()\n]*)(?::(?P<line>\d+)|\((?P<row>\d+)\)): "
    r"(?P<kind>FATAL ERROR|ERROR|WARNING|SUCCESS): (?P<message>.*)"
)
_HEADER = re.compile(
    r"(?:TEST SUITE: (?P<suite>.*)|(?:TEST CASE:  |(?=  Scenario: ))(?P<case>.*)"
    r"| {2,8}(?P<name>\S.*))$"
)
# Only doctest prints these, for an assertion outside of any test.
_ALONE = re.compile(
    r"(?:CHECK|REQUIRE|WARN|FAST_\w+)\w*\( .* \) (?:is NOT correct!|THREW |threw a DIFFERENT |"
    r"did NOT throw)|an assert dealing with exceptions has failed!"
)
_EXPECTED = re.compile(r"(?:Allowed to fail|Failed .*) so marking it as not failed!?$")
_UNEXPECTED = re.compile(
    r"(?P<message>(?:Should have failed but didn't!|Didn't fail exactly \d+ times so|"
    r"Test case exceeded time limit of [\d.]+!).*)"
)
_TIME = re.compile(r"(?P<time>\d+\.\d{6}) s: (?P<name>.+)$")


class Doctest(Parser):
    """Reads failures; their suite, test case and subcases stand above them, below a rule."""

    TOOLS = "doctest (C++)"
    LEVEL = ("text", "tests")
    HINTS = (
        "\nTEST CASE:  ",
        "\nTEST SUITE: ",
        "\n  Scenario: ",
        " so marking it as not failed",
        "\nShould have failed ",
        "\nDidn't fail ",
        "\nTest case exceeded ",
        ": SUCCESS: ",
        " s: ",
        "\n[doctest] ",
        ": ERROR: ",
        ": FATAL ERROR: ",
        ": WARNING: ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._suite = ""
        self._path: list[str] = []
        """Empty until doctest has named a test: other tools print the same first lines."""
        self._part = ""
        self._is_doctest = False
        """Whether doctest has printed its name."""
        self._failed: dict[tuple[str, ...], int] = {}
        """The index of each test's first failure; -1 if that was known already."""

    def begin(self, line: str) -> bool:
        if line.startswith("[doctest] "):
            if line.startswith("[doctest] Status: "):
                self._suite, self._path = "", []
            self._is_doctest = True
            self._part = ""
        elif match := _HEADER.match(line):
            if line.startswith("  Scenario: ") and not self._is_doctest:
                return False  # all tools for Gherkin print such lines
            if match["suite"]:
                self._suite, self._path = match["suite"], []
            elif match["case"] is not None:
                self._path = [self._suite, match["case"].strip()] if self._suite else []
                self._path = self._path or [match["case"].strip()]
                self._suite = ""
            else:
                return False
            self._part = "header"
        elif match := _HEAD.match(line):
            if not self._path and not _ALONE.match(match["message"]):
                return False
            self._head(match)
        elif self._path and _EXPECTED.match(line):
            self._end(TestState.PASSED, "")
        elif self._path and (match := _UNEXPECTED.match(line)):
            self._end(TestState.FAILED, match["message"])
        elif match := _TIME.match(line):
            return self._timed(match["name"].strip(), float(match["time"]))
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
        path = tuple(self._path)
        if match["kind"] == "SUCCESS":
            self._part = ""
            if path and path not in self._failed:
                self.report.add_test(path, TestState.PASSED, "doctest")
            return
        span = self.report.span(match["file"], match["line"] or match["row"])
        is_warning = match["kind"] == "WARNING"
        severity = Severity.WARNING if is_warning else Severity.ERROR
        message = match["message"] or match["kind"]
        # The same line may fail again in another subcase.
        key = "\n".join((message, *path))
        self.at = self.report.add(span, severity, key, "doctest")
        if self.at is not None:
            self.report.amend(self.at, message=message)
        self._part = "text"
        if not is_warning and path and path not in self._failed:
            self._failed[path] = -1 if self.at is None else self.at
            self.report.add_test(path, TestState.FAILED, "doctest", message=message, span=span)

    def _end(self, state: TestState, message: str) -> None:
        """Records the result of a test that was expected to fail, or that took too long."""
        path = tuple(self._path)
        span = None
        first = self._failed.get(path, -1)
        if state is TestState.FAILED and first >= 0:
            span = self.report.diagnostics[first].span
        for at in range(max(first, 0), len(self.report.diagnostics) if first >= 0 else 0):
            diagnostic = self.report.diagnostics[at]
            if state is TestState.PASSED and diagnostic.source == "doctest":
                self.report.amend(at, severity=Severity.WARNING)
        self.report.add_test(path, state, "doctest", message=message, span=span)

    def _timed(self, name: str, time: float) -> bool:
        """Records how long a test case took; without failures before, it has passed."""
        known = [test for test in self.report.tests if name in test.path[:2]]
        if len(known) > 1 or not self._is_doctest:
            return self._is_doctest
        if known and known[0].path[-1] == name:
            test = known[0]
            self.report.add_test(
                test.path,
                test.state,
                test.source,
                duration=time,
                message=test.message,
                span=test.span,
            )
        elif not known:
            self.report.add_test((name,), TestState.PASSED, "doctest", duration=time)
        return True
