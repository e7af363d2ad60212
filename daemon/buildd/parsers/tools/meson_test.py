"""Reads Meson's list of tests, with how each ended."""

from __future__ import annotations

import re

from buildd.model import TestState
from buildd.parsers.base import Parser

_RESULT = re.compile(
    r" *\d+/\d+ (?:(?P<suite>\S[^/]*?) / )?(?P<name>\S.*?) +"
    r"(?P<state>OK|FAIL|SKIP|TIMEOUT|ERROR|INTERRUPT|EXPECTEDFAIL|UNEXPECTEDPASS|IGNORED) +"
    r"(?P<time>\d+\.\d+) ?s(?: +(?P<rest>\S.*?))? *$"
)
_STATES = {
    "OK": TestState.PASSED,
    "EXPECTEDFAIL": TestState.PASSED,
    "FAIL": TestState.FAILED,
    "TIMEOUT": TestState.FAILED,
    "UNEXPECTEDPASS": TestState.FAILED,
    "SKIP": TestState.SKIPPED,
    "IGNORED": TestState.SKIPPED,
    "ERROR": TestState.ERRORED,
    "INTERRUPT": TestState.ERRORED,
}
_WORDS = {"UNEXPECTEDPASS": "unexpected pass", "TIMEOUT": "timed out"}


class MesonTest(Parser):
    """Reads one line per test; other parsers read the output of the tests."""

    TOOLS = "Meson's tests"
    LEVEL = ("tests",)
    HINTS = (" OK ", " FAIL ", " SKIP ", " TIMEOUT ", " ERROR ", " INTERRUPT ", " IGNORED ",
             "EXPECTEDFAIL ", "UNEXPECTEDPASS ")  # fmt: skip

    def begin(self, line: str) -> bool:
        match = _RESULT.match(line)
        if not match:
            return False
        state = _STATES[match["state"]]
        message = ""
        if state is not TestState.PASSED:
            message = (match["rest"] or _WORDS.get(match["state"], "")).strip("()")
        names = (match["suite"], match["name"])
        self.report.add_test(
            tuple(name for name in names if name),
            state,
            "meson",
            duration=float(match["time"]),
            message=message,
        )
        return True
