"""GoogleTest's report on the console: each test, and where what it expects does not hold."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, Report

_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:()][^:()\n]*)"
# ctest -V puts a test's number before each line.
_CTEST = re.compile(r"\d+: ")
_STATUS = re.compile(
    r"\[ +(?P<status>RUN|OK|FAILED|SKIPPED|DISABLED) +\] (?P<suite>\S+?)\.(?P<test>[^\s.,]+)"
    r"(?:, where .*?)?(?: \((?P<time>\d+) ms\))?$"
)
_OTHER = re.compile(r"\[(?:[-=]{10}| +[A-Z]+ +)\]")
_FAILURE = re.compile(
    rf"(?:{_FILE}(?::(?P<line>\d+)|\((?P<row>\d+)\))|unknown file): "
    r"(?:(?P<kind>Failure|Skipped)$|error: (?P<message>.*))"
)
_TRACE = re.compile(rf"{_FILE}(?::(?P<line>\d+)|\((?P<row>\d+)\)): (?P<message>.*)")
_FOREIGN = re.compile(r"=+$|==\d+==|\S+:\d+:\d+: runtime error: |WARNING: ThreadSanitizer")

_STATES = {
    "OK": TestState.PASSED,
    "FAILED": TestState.FAILED,
    "SKIPPED": TestState.SKIPPED,
    "DISABLED": TestState.SKIPPED,
}
_Path = tuple[str, str]
_LINES = 60
"""Of one failure; what the test itself prints after it looks no different."""


class GoogleTest(Parser):
    """A failure's text has no end but the next failure or the test's."""

    TOOLS = "GoogleTest, GoogleMock"
    LEVEL = ("text", "tests")
    HINTS = (
        "[ RUN      ] ",
        "[       OK ] ",
        "[  FAILED  ] ",
        "[  SKIPPED ] ",
        "[ DISABLED ] ",
        ": Failure",
        ": Skipped",
        "): error: ",
    )

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._running: dict[_Path, None] = {}
        """The tests that have begun and not ended."""
        self._ended: set[_Path] = set()
        self._first: int | None = None
        """The number of the first failure of the test that ends next."""
        self._span = NOWHERE
        """Where it is."""
        self._message = ""
        """Why that test is skipped."""
        self._output: list[str] = []
        self._part = ""
        self._lines = 0

    def begin(self, line: str) -> bool:
        line = _bare(line)
        if match := _STATUS.match(line):
            self._part = ""
            return self._status(match)
        match = _FAILURE.match(line)
        # In the form of Visual Studio it could be a compiler's.
        if match and (match["kind"] or self._running):
            self._failure(match)
            return True
        return False

    def more(self, line: str) -> bool | None:
        line = _bare(line)
        if _OTHER.match(line) or _FOREIGN.match(line) or _FAILURE.match(line):
            return False
        if self._running and len(self._output) < 1000:
            self._output.append(line)
        if not self._part:
            return None
        self._lines += 1
        if self._lines > _LINES:
            self._part = ""
        elif line == "Google Test trace:":
            self._part = "trace"
        elif self._part == "trace" and (match := _TRACE.match(line)):
            self.note(self._place(match), match["message"])
        elif self._part == "skip":
            self._message = f"{self._message}\n{line}".strip()
        else:
            self.lengthen(line)
        return True

    def finish(self) -> None:
        """What has begun and not ended has taken the program with it."""
        for path in self._running:
            self.report.add_test(path, TestState.ERRORED, "googletest", message="It did not end.")

    def _status(self, match: re.Match[str]) -> bool:
        path = match["suite"], match["test"]
        status = match["status"]
        if status == "RUN":
            self._running[path] = None
            self._clear()
            return True
        # The summary names the tests once more, without a time.
        is_new = path in self._running or match["time"] or status == "DISABLED"
        if not is_new or (path in self._ended and path not in self._running):
            return True
        self._running.pop(path, None)
        self._ended.add(path)
        message = self._message
        if status == "FAILED" and self._first is not None:
            message = self.report.diagnostics[self._first].message
        self.report.add_test(
            path,
            _STATES[status],
            "googletest",
            duration=int(match["time"]) / 1000 if match["time"] else None,
            message=message if status != "OK" else "",
            span=self._span if self._span.file else None,
            output="\n".join(self._output) if status != "DISABLED" else "",
        )
        self._clear()
        return True

    def _clear(self) -> None:
        self._first, self._span, self._message, self._output = None, NOWHERE, "", []

    def _failure(self, match: re.Match[str]) -> None:
        span = self._place(match)
        self._lines = 0
        if not self._span.file:
            self._span = span
        if match["kind"] == "Skipped":
            self._part = "skip"
            return
        self._part = "failure"
        # Other tests may fail at the same place, for the same reason but for the values.
        name = ".".join(next(reversed(self._running), ("",)))
        text = match["message"] or ""
        self.at = self.report.add(span, Severity.ERROR, f"{text}\n{name}", "googletest")
        if self.at is not None:
            self.report.amend(self.at, message=text)
            if self._first is None:
                self._first = self.at

    def _place(self, match: re.Match[str]) -> Span:
        return self.report.span(match["file"], match["line"] or match["row"])


def _bare(line: str) -> str:
    match = _CTEST.match(line)
    return line[match.end() :] if match else line
