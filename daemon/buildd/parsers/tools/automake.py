"""Reads the test results that the drivers of automake and DejaGnu print."""

from __future__ import annotations

import re

from buildd.model import TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import LIMIT, ParseResult

_RESULT = re.compile(
    r"(?P<state>PASS|FAIL|XFAIL|XPASS|KFAIL|KPASS|SKIP|ERROR|UNTESTED|UNRESOLVED|UNSUPPORTED): "
    r"(?P<name>\S.*?)(?: # (?:SKIP|TODO) ?(?P<reason>.*)| \((?P<status>exit status: \d+)\))? *$"
)
_SUMMARY = re.compile(
    r"# TOTAL: +\d+$|Testsuite summary for |\t\t=== \S.* Summary ===$"
    r"|(?:All|\d+ of) \d+ tests? (?:passed|behaved as expected|failed|did not behave as expected)"
)
_ENDED = re.compile(
    r"(?P<state>PASS|FAIL|XFAIL|XPASS|SKIP|ERROR) (?P<name>\S.*) \((?P<status>exit status: \d+)\)$"
)
"""The line below a test's output in test-suite.log."""
_STATES = {
    "PASS": TestState.PASSED,
    "XFAIL": TestState.PASSED,
    "KFAIL": TestState.PASSED,
    "FAIL": TestState.FAILED,
    "XPASS": TestState.FAILED,
    "KPASS": TestState.FAILED,
    "ERROR": TestState.ERRORED,
    "UNRESOLVED": TestState.ERRORED,
}


class Automake(Parser):
    """Reads one line per test.

    Other tools print `PASS: NAME`, too. So results count only once a summary follows that confirms
    them.
    """

    TOOLS = "automake's and DejaGnu's tests"
    LEVEL = ("tests",)
    HINTS = (
        "\nPASS: ", "\nFAIL: ", "\nXFAIL: ", "\nXPASS: ", "\nKFAIL: ", "\nKPASS: ", "\nSKIP: ",
        "\nERROR: ", "\nUNTESTED: ", "\nUNRESOLVED: ", "\nUNSUPPORTED: ", "\n# TOTAL: ",
        "\nTestsuite summary for ", " Summary ===", " test passed", " tests passed",
        " test failed", " tests failed", "ed as expected", "behave as expected",
        "\n=====", " (exit status: ",
    )  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._results: list[re.Match[str]] = []
        """The results that no summary has confirmed yet."""

    def begin(self, line: str) -> bool:
        if match := _RESULT.match(line):
            if len(self._results) < LIMIT:
                self._results.append(match)
            # Another parser may take the line.
            return False
        if match := _ENDED.match(line):
            if all(test.path != (match["name"],) for test in self.report.tests):
                self._add(match["name"], match["state"], match["status"])
            return False
        if self._results and line == "=" * len(self._results[-1].group().rstrip()):
            # It was the heading of a test's output, not a result.
            self._results.pop()
            return False
        if not _SUMMARY.match(line):
            return False
        results, self._results = self._results, []
        for match in results:
            self._add(match["name"], match["state"], match["reason"] or match["status"] or "")
        return False

    def _add(self, name: str, state: str, message: str) -> None:
        if state in ("XPASS", "KPASS"):
            message = "unexpected pass"
        self.report.add_test(
            (name,), _STATES.get(state, TestState.SKIPPED), "automake", message=message
        )
