"""Reads the standard output of cmocka, a test framework for C."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_PLACE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(][^:(\n]*)(?::(?P<line>\d+)|\((?P<row>\d+)\)): "
_GROUP = re.compile(r"\[={10}\] (?:(?P<group>.+): )?Running \d+ test\(s\)\.")
_STATUS = re.compile(r"\[ +(?P<status>RUN|OK|FAILED|SKIPPED) +\] (?P<name>[\w ()/<>,-]+)$")
_WHY = "[  ERROR   ] --- "
_BROKEN = re.compile(r"\[  ERROR   \] (?P<name>\w+)$")
_LINE = re.compile(rf"(?:.*\[   LINE   \] --- )?{_PLACE}error: Failure!$")
# In TAP and subunit output, the places stand on lines of their own.
_ALONE = re.compile(
    rf"(?:# )?{_PLACE}error: (?P<message>Failure!|Check of parameter .* failed|"
    r"Could not get value .*)$"
)
_NOTE = re.compile(rf"(?:# )?{_PLACE}note: (?P<message>.*)")
_MARK = re.compile(r"\[ +(?:RUN|OK|FAILED|SKIPPED|ERROR) +\] ")
_CHECKED = re.compile(rf"{_PLACE}(?P<kind>error|note): (?P<message>.*)")
_STATES = {"OK": TestState.PASSED, "FAILED": TestState.FAILED, "SKIPPED": TestState.SKIPPED}


class Cmocka(Parser):
    """Reads a test's name, its errors with a place below, and the name again."""

    TOOLS = "cmocka"
    LEVEL = ("text", "tests")
    HINTS = ("\n[==========] ", "\n[ RUN      ] ", "\n[       OK ] ", "\n[  FAILED  ] ",
             "\n[  SKIPPED ] ", "\n[  ERROR   ] ",
             ": error: Failure!", ": error: Check of parameter ",
             ": error: Could not get value ")  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._group: tuple[str, ...] = ()
        self._name = ""
        """The name of the test that has begun."""
        self._message: list[str] = []
        self._span: Span | None = None
        self._notes: list[tuple[Span, str]] = []
        self._output: list[str] = []
        self._is_open = False
        """Whether an error has begun whose place is still to come."""

    def begin(self, line: str) -> bool:
        if match := _GROUP.match(line):
            self._group = (match["group"],) if match["group"] else ()
        elif match := _STATUS.match(line):
            return self._status(match["status"], match["name"])
        elif line.startswith(_WHY) and self._name:
            self._is_open = True
            self._read(line.removeprefix(_WHY))
        elif (match := _BROKEN.match(line)) and match["name"] == self._name:
            why = "\n".join(self._output[-1:]).removeprefix("Could not run test: ")
            self._add_test(TestState.ERRORED, why)
        elif not self._name and (match := _ALONE.match(line)):
            self._failed_alone(match)
        else:
            return False
        return True

    def _failed_alone(self, match: re.Match[str]) -> None:
        span = self._place(match)
        last = self.report.diagnostics[-1:]
        if match["message"] != "Failure!" or not last or last[0].span != span:
            self.add(span, Severity.ERROR, match["message"], "cmocka")

    def more(self, line: str) -> bool | None:
        if not self._name and self.at is not None and (match := _NOTE.match(line)):
            self.note(self._place(match), match["message"])
            return True
        if not self._name or _MARK.match(line):
            return False
        if not self._is_open:
            # This is the test's own output.
            if len(self._output) < 1000:
                self._output.append(line)
            return None
        if len(self._message) > 100:
            return False
        self._read(line)
        return True

    def finish(self) -> None:
        if self._name:
            self._add_test(TestState.ERRORED, "It did not end.")

    def _status(self, status: str, name: str) -> bool:
        if status == "RUN":
            # Names with a dot in them are GoogleTest's.
            self.finish()
            self._name = name
            self._clear()
            return True
        if name != self._name:
            # The summary names the tests again, and GoogleTest prints such a summary, too.
            return False
        if status == "FAILED":
            self._fail()
        else:
            self._add_test(_STATES[status], "")
        return True

    def _read(self, line: str) -> None:
        if match := _LINE.match(line):
            self._span = self._span or self._place(match)
            self._is_open = False
        elif match := _CHECKED.match(line):
            if match["kind"] == "error":
                self._span = self._span or self._place(match)
                self._message.append(match["message"])
            else:
                self._notes.append((self._place(match), match["message"]))
        elif line.strip():
            self._message.append(line.removeprefix("ERROR: "))

    def _fail(self) -> None:
        errors = [line for line in self._output[-1:] if line.startswith("ERROR: ")]
        lines = self._message or [line.removeprefix("ERROR: ") for line in errors]
        message = "\n".join(lines).strip() or "Failure!"
        if not self._span and self._notes:
            self._span = self._notes.pop(0)[0]
        self.add(self._span or NOWHERE, Severity.ERROR, message, "cmocka")
        for span, note in self._notes:
            self.note(span, note)
        self._add_test(TestState.FAILED, message)

    def _add_test(self, state: TestState, message: str) -> None:
        path = (*self._group, self._name)
        output = "\n".join(self._output)
        self.report.add_test(path, state, "cmocka", message=message, span=self._span, output=output)
        self._name = ""
        self._clear()

    def _clear(self) -> None:
        self._message, self._span, self._notes = [], None, []
        self._output, self._is_open = [], False

    def _place(self, match: re.Match[str]) -> Span:
        return self.report.span(match["file"], match["line"] or match["row"])
