"""Reads the results of GLib's tests in the format that GLib printed before TAP."""

from __future__ import annotations

import re

from buildd.model import TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_LINE = re.compile(
    r" {0,2}(?P<path>/[\w/.+%-]+): +(?P<status>OK|FAIL|SKIP(?:PED)?)(?: (?P<why>\S.*))?$"
)
_SURE = re.compile(r"TEST: \S+\.\.\. \(pid=\d+\)$|# random seed: R0")
_STATES = {"OK": TestState.PASSED, "FAIL": TestState.FAILED}


class GlibTest(Parser):
    """Reads a path and its result on one line.

    Tools that check files print the same. So a line that only such a test prints has to come first.
    """

    TOOLS = "GLib's g_test, gtester"
    LEVEL = ("tests",)
    HINTS = ("\nTEST: ", "# random seed: R0", ": OK", "  OK", ": FAIL", "  FAIL", ": SKIP",
             "  SKIP")  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_sure = False

    def begin(self, line: str) -> bool:
        if _SURE.match(line):
            self._is_sure = True
            return True
        match = _LINE.match(line) if self._is_sure else None
        path = tuple(part for part in match["path"].split("/") if part) if match else ()
        if not match or not path:
            return False
        state = _STATES.get(match["status"], TestState.SKIPPED)
        self.report.add_test(path, state, "glib", message=(match["why"] or "").strip("()"))
        return True
