"""Reads the results of Unity, a test framework for C, also from PlatformIO and Ceedling."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*\.(?:[chCH]|cc|cpp|cxx|hpp|hh|ino|m))"
_LINE = re.compile(
    rf"(?:TEST\([^()\n]*\)|\.+(?=[^./\\]))?{_FILE}:(?P<line>\d+):(?P<test>[^\n]*?):"
    r"(?P<status>PASS|FAIL|IGNORE)(?P<rest>:.*| \(\d+ \w+\))?$"
)
_PLATFORMIO = re.compile(
    rf"{_FILE}:(?P<line>\d+): (?P<test>[^:\t\n]+)(?:: (?P<rest>.*))?\t"
    r"\[(?P<status>PASSED|FAILED|SKIPPED|IGNORED|WARNED|ERRORED)\]"
)
_FIXTURE = re.compile(r"TEST\((?P<group>\w+), (?P<test>\w+)\)")
_VERBOSE = re.compile(rf"{_FIXTURE.pattern} (?P<status>PASS)(?: \(\d+ ms\))?$")
_SUMMARY = re.compile(r"(?P<status>FAILED|IGNORED) TEST SUMMARY$")
_CEEDLING = re.compile(
    r"\[(?P<file>[^\]\n]+\.\w+)\]$|  Test: (?P<test>\S.*)|  At line \((?P<line>\d+)\)"
    r"(?:: \"(?P<message>.*)\")?$"
)
_TIME = re.compile(r" \((?P<time>\d+) ms\)$")
_STATES = {
    "PASS": TestState.PASSED,
    "FAIL": TestState.FAILED,
    "IGNORE": TestState.SKIPPED,
    "SKIPPED": TestState.SKIPPED,
    "IGNORED": TestState.SKIPPED,
    "FAILED": TestState.FAILED,
    "ERRORED": TestState.ERRORED,
}


class Unity(Parser):
    """Reads one line per test."""

    TOOLS = "Unity, PlatformIO, Ceedling"
    LEVEL = ("text", "tests")
    HINTS = (":PASS", ":FAIL", ":IGNORE", ") PASS", "\t[PASSED]", "\t[FAILED]", "\t[SKIPPED]",
             "\t[IGNORED]", "\t[WARNED]", "\t[ERRORED]", " TEST SUMMARY")  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._summary = ""
        """Which of Ceedling's lists is open; `_file` and `_test` are those of the next line."""
        self._file = self._test = ""

    def begin(self, line: str) -> bool:
        self._summary = ""
        if match := _LINE.match(line):
            rest = match["rest"] or ""
            time = _TIME.search(rest)
            message = rest[: time.start()] if time else rest
            self._add(
                match["file"],
                match["line"],
                match["test"],
                match["status"],
                message.removeprefix(":").strip(),
                int(time["time"]) / 1000 if time and len(time["time"]) < 12 else None,
            )
        elif match := _PLATFORMIO.match(line):
            self._add(match["file"], match["line"], match["test"].strip(), match["status"],
                      (match["rest"] or "").strip(), None)  # fmt: skip
        elif match := _VERBOSE.match(line):
            self.report.add_test((match["group"], match["test"]), TestState.PASSED, "unity")
        elif match := _SUMMARY.match(line):
            self._summary = match["status"]
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if not self._summary:
            return False
        match = _CEEDLING.match(line)
        if not match:
            return None if not line.strip() or line.startswith("---") else False
        if match["file"]:
            self._file = match["file"]
        elif match["test"]:
            self._test = match["test"].strip()
        else:
            self._add(self._file, match["line"], self._test, self._summary,
                      match["message"] or "", None)  # fmt: skip
        return True

    def _add(
        self, file: str, line: str, test: str, status: str, message: str, time: float | None
    ) -> None:
        state = _STATES.get(status, TestState.PASSED)
        span: Span | None = None
        if state is not TestState.PASSED:
            span = self.report.span(file, line)
        if span and state is not TestState.SKIPPED:
            self.add(span, Severity.ERROR, message or f"{test} failed", "unity")
        fixture = _FIXTURE.match(test)
        path = fixture.groups() if fixture else (test or "?",)
        self.report.add_test(path, state, "unity", duration=time, message=message, span=span)
