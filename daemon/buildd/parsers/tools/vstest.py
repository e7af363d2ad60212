"""Reads .NET test results: `dotnet test` with any framework, and NUnit's and xUnit's consoles."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.tools.dotnet_trace import FOREIGN

_TIME = r"\[(?:< )?(?P<time>\d[\d.,]* ?(?:h|m|s|ms)(?: \d+ ?(?:m|s|ms))*)\]"
_RESULT = re.compile(
    rf"(?: {{0,4}}(?P<word>Failed|Passed|Skipped) +(?P<name>\S.*?)(?: {_TIME})?$"
    rf"|  (?P<mark>[X√V!]) (?P<marked>\S.*?) {_TIME.replace('time', 'time2')}$)"
)
_NUNIT = re.compile(r"\d+\) (?P<kind>Failed|Error|Invalid|Ignored) : (?P<name>\S.*)")
_XUNIT = re.compile(r" {4}(?P<name>[A-Za-z_]\S*?(?:\(.*\))?) \[(?P<kind>FAIL|SKIP)\]$")
_FRAME = re.compile(
    r"\s+at (?P<method>\S.*?)(?: in (?P<file>[^\n]+):line (?P<line>\d+))?\s*$"
    r"|\s+(?P<file2>\S[^\n()]*\.(?:cs|fs|vb))\((?P<line2>\d+),\d+\): at "
)
_SECTION = re.compile(r" *(?P<name>Error Message|Stack Trace|Standard \w+ Messages):?\s*$")
_SUMMARY = re.compile(
    r"(?:Failed|Passed|Skipped)!  - |Total tests: |Test Run (?:Failed|Successful)"
)
_STATES = {
    "Failed": TestState.FAILED,
    "X": TestState.FAILED,
    "FAIL": TestState.FAILED,
    "Error": TestState.ERRORED,
    "Invalid": TestState.ERRORED,
    "Skipped": TestState.SKIPPED,
    "Ignored": TestState.SKIPPED,
    "SKIP": TestState.SKIPPED,
    "!": TestState.SKIPPED,
}
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


class VsTest(Parser):
    """Reads one line per test, with the message and the stack frames below a failed one.

    The innermost frame comes first.
    """

    TOOLS = "dotnet test, NUnit, xUnit, MSTest"
    LEVEL = ("text", "tests")
    HINTS = (
        *("  Failed ", "  Passed ", "  Skipped ", "\nFailed ", "\nPassed ", "\nSkipped "),
        *("  X ", "  √ ", "  V ", "  ! ", ") Failed : ", ") Error : ", ") Invalid : "),
        *(") Ignored : ", " [FAIL]", " [SKIP]", "\nTest run for "),
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_run = False
        """Whether the test host has printed what it runs; then results without a time count, too.
        """
        self._name = ""
        self._state = TestState.FAILED
        self._duration: float | None = None
        self._part = ""
        self._message: list[str] = []
        self._frames: list[Span] = []

    def begin(self, line: str) -> bool:
        self._close()
        if line.startswith("Test run for "):
            self._is_run = True
            return True
        if _SUMMARY.match(line):
            return False
        if (match := _RESULT.match(line)) and (match["time"] or match["time2"] or self._is_run):
            word, name = match["word"] or match["mark"], match["name"] or match["marked"]
            self._open(name, word, _seconds(match["time"] or match["time2"] or ""))
            return True
        if match := _NUNIT.match(line) or _XUNIT.match(line):
            self._open(match["name"], match["kind"], None)
            return True
        return False

    def more(self, line: str) -> bool | None:
        if not self._name:
            return False
        if _SUMMARY.match(line) or _RESULT.match(line) or _NUNIT.match(line) or _XUNIT.match(line):
            self._close()
            return False
        if match := _SECTION.match(line):
            self._part = match["name"]
        elif match := _FRAME.match(line):
            self._part = "Stack Trace"
            file, number = match["file"] or match["file2"], match["line"] or match["line2"]
            if file and not FOREIGN.match(file):
                self._frames.append(self.report.span(file, number))
        elif self._part in ("", "Error Message") and len(self._message) < 100:
            self._message.append(line)
        elif line.strip() and not line.startswith((" ", "---")):
            self._close()
            return False
        return True

    def finish(self) -> None:
        self._close()

    def _open(self, name: str, word: str, duration: float | None) -> None:
        state = _STATES.get(word, TestState.PASSED)
        if state in (TestState.FAILED, TestState.ERRORED):
            self._name, self._state, self._duration = name, state, duration
            self._part, self._message, self._frames = "", [], []
        else:
            self.report.add_test((name,), state, "dotnet", duration=duration)

    def _close(self) -> None:
        name, self._name = self._name, ""
        if not name:
            return
        text = "\n".join(line.strip() for line in self._message[:60]).strip()
        span = self._frames[0] if self._frames else NOWHERE
        if text or span.file:
            self.add(span, Severity.ERROR, text or f"{name} failed", "dotnet")
            for frame in self._frames[1:20]:
                self.note(frame, "called from here")
        self.report.add_test(
            (name,),
            self._state,
            "dotnet",
            duration=self._duration,
            message=text,
            span=span if span.file else None,
        )


def _seconds(text: str) -> float | None:
    """Returns the seconds of a duration such as `1 m 3 s`, `12 ms` or `1.5s`."""
    parts = re.findall(r"(\d{1,9}(?:[.,]\d{1,9})?) ?(ms|h|m|s)", text)
    if not parts:
        return None
    return sum(float(number.replace(",", ".")) * _UNITS[unit] for number, unit in parts)
