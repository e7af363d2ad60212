"""Reads GoogleTest's console output: test results, and the places of failed expectations."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:()][^:()\n]*)"
# `ctest -V` prints the test's number before each line.
_CTEST = re.compile(r"\d+: ")
_STATUS = re.compile(
    r"\[ +(?P<status>RUN|OK|FAILED|SKIPPED|DISABLED) +\] (?P<suite>\S+?)\.(?P<test>[^\s.,]+)"
    r"(?:, where .*?)?(?: \((?P<time>\d+(?:\.\d+)?) ?(?P<unit>ns|us|ms|s)\))?$"
)
_OTHER = re.compile(r"\[(?:[-=]{10}| +(?!DEATH)[A-Z]+ +)\]")
_FAILURE = re.compile(
    rf"(?:{_FILE}(?::(?P<line>\d+)|\((?P<row>\d+)\))|unknown file): "
    r"(?:(?P<kind>Failure|Skipped)$|error: (?P<message>.*))"
)
_TRACE = re.compile(rf"{_FILE}(?::(?P<line>\d+)|\((?P<row>\d+)\)): (?P<message>.*)")
_EXPECTATION = re.compile(rf"{_FILE}(?::(?P<line>\d+)|\((?P<row>\d+)\)): (?P<message>(?:tried "
                          r"expectation #\d+(?:: \S*|): )?EXPECT_CALL\(.*)\.\.\.$")  # fmt: skip
# GoogleMock: a wrong set-up of an expectation, or an object that outlives its check.
_MOCK = re.compile(
    rf"{_FILE}(?::(?P<line>\d+)|\((?P<row>\d+)\)): (?P<message>(?P<kind>Too (?:few|many) actions "
    r"specified in |Actions ran out in |ERROR: this mock object )[^\n]*?)(?:\.\.\.)?$"
)
_FOREIGN = re.compile(
    r"=+$|==\d+==|\S+:\d+:\d+: runtime error: |WARNING: ThreadSanitizer| *\d+/\d+ Test +#\d+: "
)

_STATES = {
    "OK": TestState.PASSED,
    "FAILED": TestState.FAILED,
    "SKIPPED": TestState.SKIPPED,
    "DISABLED": TestState.SKIPPED,
}
_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
_Path = tuple[str, str]
_LINES = 60
"""The most lines of one failure; what the test prints after it may look the same."""


class _Failure:
    """Holds what is known of a failure while its text is read."""

    def __init__(self, span: Span, test: str, lines: list[str]) -> None:
        self.span = span
        self.test = test
        self.lines = lines
        self.text: list[str] = []
        self.notes: list[tuple[Span, str]] = []


class GoogleTest(Parser):
    """Reads failures; one ends at an empty line, the next failure or the test's end."""

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
        "unknown file: error: ",
        " actions specified in ",
        ": Actions ran out in ",
        ": ERROR: this mock object ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._running: dict[_Path, None] = {}
        """The tests that have begun and not ended."""
        self._ended: set[_Path] = set()
        self._span = NOWHERE
        """The place of the first failure of the test that ends next."""
        self._message: list[str] = []
        """The message of that failure, or the reason why the test is skipped."""
        self._is_first = True
        """Whether the failure that is being read is the first."""
        self._output: list[str] = []
        self._failed: _Failure | None = None
        """The failure that is being read."""
        self._part = ""
        """`text`, or the title of the trace that follows it."""
        self._has_text = self._is_halfway = False
        self._lines = 0

    def begin(self, line: str) -> bool:
        line = _bare(line)
        if match := _STATUS.match(line):
            self._flush()
            self._part = ""
            return self._status(match)
        match = _FAILURE.match(line)
        # In Visual Studio's format it could be a compiler's line.
        if match and (match["kind"] or self._running):
            self._failure(match, line)
            return True
        if match := _MOCK.match(line):
            self._flush()
            is_error = match["kind"].startswith("ERROR")
            severity = Severity.ERROR if is_error else Severity.WARNING
            message = match["message"].removeprefix("ERROR: ").partition(" Its address is ")[0]
            self.add(self._place(match), severity, message, "googletest")
            self._part = ""
            return True
        return False

    def more(self, line: str) -> bool | None:
        line = _bare(line)
        if _OTHER.match(line) or _FOREIGN.match(line) or _FAILURE.match(line):
            self._flush()
            return False
        if self._running and len(self._output) < 1000:
            self._output.append(line)
        self._lines += 1
        if not self._part or self._lines > _LINES:
            self._part = ""
            self._flush()
            return None
        if line in ("Google Test trace:", "Stack trace:"):
            self._part = line
        elif self._part == "Google Test trace:" and (match := _TRACE.match(line)):
            if self._failed:
                self._failed.notes.append((self._place(match), match["message"]))
        elif not line and self._has_text and not self._is_halfway:
            # What follows is the program's own output, which other parsers may read.
            self._part = ""
            self._flush()
        elif self._part == "text":
            self._read(line)
        if self._failed:
            self._failed.lines.append(line)
        return True

    def finish(self) -> None:
        """Reports the tests that never ended: they took the program with them."""
        self._flush()
        for path in self._running:
            self.report.add_test(path, TestState.ERRORED, "googletest", message="It did not end.")

    def _status(self, match: re.Match[str]) -> bool:
        path = match["suite"], match["test"]
        status = match["status"]
        if status == "RUN":
            self._running[path] = None
            self._clear()
            return True
        # The summary lists the tests again, without a time.
        is_new = path in self._running or match["time"] or status == "DISABLED"
        if not is_new or (path in self._ended and path not in self._running):
            return True
        self._running.pop(path, None)
        self._ended.add(path)
        time = float(match["time"]) * _SECONDS[match["unit"]] if match["time"] else None
        self.report.add_test(
            path,
            _STATES[status],
            "googletest",
            duration=round(time, 9) if time is not None else None,
            message="\n".join(self._message) if status != "OK" else "",
            span=self._span if self._span.file else None,
            output="\n".join(self._output) if status != "DISABLED" else "",
        )
        self._clear()
        return True

    def _clear(self) -> None:
        self._span, self._message, self._output = NOWHERE, [], []
        self._is_first = True

    def _failure(self, match: re.Match[str], line: str) -> None:
        self._flush()
        self._lines = 0
        self._part = "text"
        self._has_text = self._is_halfway = False
        self._is_first = not self._message
        self.at = None
        span = self._place(match)
        if not self._span.file:
            self._span = span
        if match["kind"] != "Skipped":
            name = ".".join(next(reversed(self._running), ("",)))
            self._failed = _Failure(span, name, [line])
        if match["message"]:
            self._read(match["message"])

    def _read(self, line: str) -> None:
        """Reads a line of a failure's own text."""
        line = line.rstrip()
        self._has_text = self._has_text or bool(line)
        # GoogleMock prints an empty line above what it tried, and one follows a difference.
        self._is_halfway = line.endswith(":") or line.startswith(("With diff:", "@@ "))
        if self._is_first and (line or self._message):
            self._message.append(line)
        if self._failed:
            self._failed.text.append(line)
            if match := _EXPECTATION.match(line):
                self._failed.notes.append((self._place(match), match["message"]))

    def _flush(self) -> None:
        """Adds a failure whose text is complete."""
        failed, self._failed = self._failed, None
        if not failed:
            return
        message = "\n".join(failed.text).strip()
        # Other tests may fail at the same place for the same reason.
        key = f"{message}\n{failed.test}"
        self.at = self.report.add(failed.span, Severity.ERROR, key, "googletest")
        if self.at is not None:
            self.report.amend(self.at, message=message, rendered="\n".join(failed.lines))
        for span, note in failed.notes:
            self.note(span, note)

    def _place(self, match: re.Match[str]) -> Span:
        return self.report.span(match["file"], match["line"] or match["row"])


def _bare(line: str) -> str:
    match = _CTEST.match(line)
    return line[match.end() :] if match else line
