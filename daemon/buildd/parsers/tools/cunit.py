"""Reads the basic interface of CUnit, a test framework for C, in normal and verbose mode."""

from __future__ import annotations

import re

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_TEST = re.compile(r"  Test: (?P<name>.+?) \.\.\.(?P<rest>.*)$")
_FAILED = re.compile(r"Suite (?P<suite>.+), Test (?P<name>.+) had failures:$")
_END = re.compile(r"(?P<output>.*?)(?P<status>passed|FAILED)$")
_FAILURE = re.compile(r"    \d+\. (?P<file>\S[^\n]*?):(?P<line>\d+)  - (?P<message>.*)")
_BROKEN = re.compile(
    r"WARNING - (?P<message>Suite (?:initialization|cleanup) failed for '(?P<suite>.*)'\.)$"
)


class Cunit(Parser):
    """Reads a suite, its tests with their results, and below each what failed in it."""

    TOOLS = "CUnit"
    LEVEL = ("text", "tests")
    HINTS = ("\nSuite: ", "\n  Test: ", "\nSuite ", "\nWARNING - Suite ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._suite = ""
        self._path: tuple[str, ...] = ()
        self._output: list[str] | None = None
        """The output of the test that has not ended yet."""
        self._has_failed = False

    def begin(self, line: str) -> bool | None:
        if line.startswith("Suite: "):
            # Other tools print that, too.
            self._suite, self._output, self._has_failed = line[7:].strip(), None, False
            return None
        if match := _FAILED.match(line):
            self._path, self._output = (match["suite"], match["name"]), None
            self._fail()
        elif match := _BROKEN.match(line):
            self.add(NOWHERE, Severity.WARNING, match["message"], "cunit")
            if "initialization" in match["message"] and match["suite"]:
                self.report.add_test(
                    (match["suite"],), TestState.ERRORED, "cunit", message=match["message"]
                )
            self._has_failed = False
        elif self._suite and (match := _TEST.match(line)):
            self._path = (self._suite, match["name"])
            self._output, self._has_failed = [], False
            self._read(match["rest"])
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if self._output is not None:
            # Another parser may want what the test prints.
            return self._read(line) or None
        match = _FAILURE.match(line) if self._has_failed else None
        if not match:
            return False
        span = self.report.span(match["file"], match["line"])
        self.add(span, Severity.ERROR, match["message"], "cunit")
        if all(test.path != self._path or test.span is None for test in self.report.tests[-1:]):
            self._fail(match["message"], match)
        return True

    def _read(self, text: str) -> bool:
        match = _END.match(text)
        if self._output is None:
            return False
        self._output.append(match["output"] if match else text)
        if not match or len(self._output) > 1000:
            return False
        output = "\n".join(self._output).strip()
        if match["status"] == "passed":
            self.report.add_test(self._path, TestState.PASSED, "cunit", output=output)
        else:
            self._fail(output=output)
        self._output = None
        return True

    def _fail(
        self, message: str = "", match: re.Match[str] | None = None, output: str = ""
    ) -> None:
        span = self.report.span(match["file"], match["line"]) if match else None
        if span:
            output = next((test.output for test in self.report.tests[-1:]), "")
        self._has_failed = True
        self.report.add_test(
            self._path, TestState.FAILED, "cunit", message=message, span=span, output=output
        )
