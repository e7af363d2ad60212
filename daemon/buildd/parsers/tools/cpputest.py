"""Reads the console output of CppUTest, a test framework for C and C++, normal and verbose."""

from __future__ import annotations

import re

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(][^:(\n]*)(?::(?P<line>\d+)|\((?P<row>\d+)\)): error:"
_NAME = r"(?P<macro>\w*TEST\w*)\((?P<group>[\w:<>]+), (?P<name>[^()\n]+)\)"
_FAILURE = re.compile(rf"{_FILE} Failure in {_NAME}$")
_CHECK = re.compile(rf"{_FILE}$")
_TEST = re.compile(rf"{_NAME}(?: - (?P<time>\d+) ms)?$")
_END = re.compile(r"(?P<output>.*?) - (?P<time>\d+) ms$")


class CppUTest(Parser):
    """Reads failures. If the failed check is outside of its test, the test's place comes first."""

    TOOLS = "CppUTest"
    LEVEL = ("text", "tests")
    HINTS = (" error: Failure in ", "\nTEST(", "\nIGNORE_TEST(", "\nTEST_ORDERED(")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._path: tuple[str, ...] = ()
        self._is_running = False
        """Whether a test has begun whose time will be printed."""
        self._is_sure = False
        """Whether a time was printed; without one, the text may be source code."""
        self._part = ""
        self._failed = False
        self._output: list[str] = []

    def begin(self, line: str) -> bool:
        if match := _FAILURE.match(line):
            self._fail(match)
            return True
        match = _TEST.match(line)
        if not match:
            return False
        self._path = (match["group"], match["name"])
        self._failed, self._part, self._output = False, "", []
        self._is_running = not match["time"]
        if match["time"]:
            self._end(match["time"], is_skipped=match["macro"].startswith("IGNORE"))
        return True

    def more(self, line: str) -> bool | None:
        if _FAILURE.match(line):
            return False
        if self._part == "head" and (match := _CHECK.match(line)):
            self._move(match)
            return True
        if self._part:
            if line.strip():
                self.lengthen(line.strip() if self._part == "head" else line.removeprefix("\t"))
                self._part = "text"
                return True
            self._part = ""
            self._complete()
            return True
        if not self._is_running or len(self._output) > 1000:
            return False
        if match := _END.match(line):
            self._output.append(match["output"])
            self._end(match["time"], is_skipped=False)
            self._is_running = False
            return True
        self._output.append(line)
        return None

    def finish(self) -> None:
        if self._is_running and self._is_sure:
            self.report.add_test(
                self._path, TestState.ERRORED, "cpputest", message="It did not end."
            )

    def _fail(self, match: re.Match[str]) -> None:
        self._path = (match["group"], match["name"])
        self._failed, self._part = True, "head"
        span = self.report.span(match["file"], match["line"] or match["row"])
        # Until its text is known, only the name distinguishes it from others.
        self.at = self.report.add(span, Severity.ERROR, match.group(), "cpputest")
        if self.at is not None:
            self.report.amend(self.at, message="")
        self._add_test(TestState.FAILED, None)

    def _move(self, match: re.Match[str]) -> None:
        """Moves the diagnostic to the place of the check; the test's place becomes a note."""
        self._part = "text"
        if self.at is None:
            return
        test = self.report.diagnostics[self.at].span
        span = self.report.span(match["file"], match["line"] or match["row"])
        self.report.amend(self.at, span=span)
        self.note(test, f"in {self._path[1]}")
        self._add_test(TestState.FAILED, None)

    def _complete(self) -> None:
        """Records a failure whose text is complete."""
        self._add_test(TestState.FAILED, None)

    def _end(self, time: str, *, is_skipped: bool) -> None:
        self._is_sure = True
        state = TestState.SKIPPED if is_skipped else TestState.PASSED
        self._add_test(TestState.FAILED if self._failed else state, int(time) / 1000)

    def _add_test(self, state: TestState, time: float | None) -> None:
        failure = None
        if state is TestState.FAILED and self.at is not None:
            failure = self.report.diagnostics[self.at]
        self.report.add_test(
            self._path,
            state,
            "cpputest",
            duration=time,
            message=failure.message if failure else "",
            span=failure.span if failure else None,
            output="\n".join(self._output).strip(),
        )
