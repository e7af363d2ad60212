"""Reads the results of `forge test`, of the Ethereum toolkit Foundry."""

from __future__ import annotations

import re

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_SUITE = re.compile(
    r"(?:Ran \d+ tests? for|Encountered \d+ failing tests? in) "
    r"(?P<file>[^\s:][^:\n]*\.sol):(?P<name>\w+)$"
)
_RESULT = re.compile(
    r"\[(?P<state>PASS|FAIL|SKIP)(?:[:.] ?(?:Reason: )?(?P<message>[^\n]*?))?\] "
    r"(?P<test>\w+\([^()\n]*\))"
    r"(?: \([^\n]*\))?$"
)
_STATES = {"PASS": TestState.PASSED, "FAIL": TestState.FAILED, "SKIP": TestState.SKIPPED}


class ForgeTest(Parser):
    """Reads the file and the contract, and one line per test below.

    Failed tests are printed again at the end.
    """

    TOOLS = "forge test"
    LEVEL = ("text", "tests")
    HINTS = ("\nRan ", "\nEncountered ", "\n[PASS", "\n[FAIL", "\n[SKIP")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._suite: tuple[str, str] | None = None

    def begin(self, line: str) -> bool:
        if match := _SUITE.match(line):
            self._suite = match["file"], match["name"]
            return True
        match = _RESULT.match(line) if self._suite else None
        if match is None or self._suite is None:
            return False
        state, message = _STATES[match["state"]], match["message"] or ""
        # Only the file is known.
        span = self.report.span(self._suite[0], 1)
        is_failed = state is TestState.FAILED
        if is_failed:
            text = f"{match['test']}: {message}" if message else f"{match['test']} failed"
            self.add(span, Severity.ERROR, text, "forge")
        path = (*self._suite, match["test"])
        self.report.add_test(path, state, "forge", message=message)
        return True
