"""Reads the results of AVA, a test runner for JavaScript."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.web_files import PLACE, STACK
from buildd.parsers.tools.jest import is_other

_ROW = re.compile(
    r" {2}(?P<sign>[✔✘✖×√-]) (?:\[(?P<kind>fail|unexpected pass|expected fail|skip|todo)\]:? )?"
    r"(?P<title>\S.*?)(?: \((?P<time>[\d.]+)(?P<unit>ms|s)\))?$"
)
_EXITED = re.compile(r" {2}[✘✖×] (?P<file>\S.*) exited (?:with a non-zero exit code|due to)")
_NO_TESTS = re.compile(r" {2}[✘✖×] (?P<message>No tests found in (?P<file>\S.*))$")
_UNCAUGHT = re.compile(r" {2}(?:Uncaught exception|Unhandled rejection) in (?P<file>\S.*)$")
_TALLY = re.compile(r" {2}\d+ (?:tests? (?:passed|failed|skipped|todo)|known failures?|uncaught )")
_AT_LINE = re.compile(r" {2}(?:file://)?(?P<file>[^\s:][^:\n]*\.[cm]?[jt]sx?):(?P<line>\d+)$")
_FRAME = re.compile(
    r" {2}› (?:[^(\n]*\()?(?:async )?(?:file://)?(?P<file>[^\s():][^():\n]*)" + PLACE + r"\)?$"
)
_STACK = re.compile(STACK + "$")
_OTHER = re.compile(r" *\d+: |\s+\^+\s*$|  ℹ |\s+at |  › |  ─$")
"""Source lines, marks, what a test logs, and stack frames without a place."""
_ERROR = re.compile(r" {2}(?P<message>[A-Z]\w*(?:Error|Exception): .*)$")
_LINES = 16


class Ava(Parser):
    """Reads one row per test, and below a rule each failure: title, excerpt and stack frames.

    Mocha's rows look the same. So rows count only once the log shows that they are AVA's: by a
    failure, or by a file name before the title, which is there if several files ran. Columns count
    UTF-16 units.
    """

    TOOLS = "AVA"
    LEVEL = ("text", "tests")
    HINTS = ("\n  ✔ ", "\n  ✘ ", "\n  ✖ ", "\n  × ", "\n  √ ", "\n  - [skip] ", "\n  - [todo] ",
             "\n  Uncaught exception in ", "\n  Unhandled rejection in ", "\n  ─")  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_ava = False
        self._failed: list[str] = []
        """Titles of failed tests; more text may follow them in the log."""
        self._title = self._file = ""
        """The test whose failure is being read; `_file` is the file of an uncaught error."""
        self._message: list[str] = []
        self._span = NOWHERE
        self._is_below = False
        """Whether the rule has been read."""

    def begin(self, line: str) -> bool | None:
        self._close()
        if line.strip() == "─":
            self._is_below = True
            return True if self._is_ava else None
        if match := _UNCAUGHT.match(line):
            self._is_ava, self._file = True, match["file"]
            return True
        if _EXITED.match(line):
            return self._is_ava
        if match := _NO_TESTS.match(line):
            span = self.report.span(match["file"], 1)
            self.add(span, Severity.ERROR, match["message"], "ava")
            return True
        match = _ROW.match(line)
        if not match:
            return False
        self._is_below = False
        return self._row(match)

    def more(self, line: str) -> bool | None:
        if _TALLY.match(line):
            self._close()
            return self._is_below
        if self._is_below and any(
            title.startswith(line[2:]) for title in self._failed if line.strip()
        ):
            self._close()
            self._title = line.strip()
            return True
        if not self._title and not self._file:
            is_empty = not line.strip()
            return (self._is_ava or None) if is_empty else False
        if _ROW.match(line) and not self._is_below:
            return False
        self._detail(line)
        return True

    def finish(self) -> None:
        self._close()

    def _row(self, match: re.Match[str]) -> bool:
        kind, title = match["kind"] or "", match["title"]
        if match["sign"] in "✘✖×":
            if kind not in ("fail", "unexpected pass"):
                return False
            self._is_ava = True
            self._failed.append(title)
            return True
        if match["sign"] == "-" and kind not in ("skip", "todo"):
            return False
        self._is_ava = self._is_ava or bool(kind) or " › " in title
        if not self._is_ava:
            return False
        state = TestState.SKIPPED if kind in ("skip", "todo") else TestState.PASSED
        time = None
        if match["time"] and match["time"].count(".") < 2 and match["time"] != ".":
            time = round(float(match["time"]) / (1000 if match["unit"] == "ms" else 1), 6)
        self.report.add_test(title.split(" › "), state, "ava", duration=time)
        return True

    def _detail(self, line: str) -> None:
        match = _FRAME.match(line) or _STACK.match(line)
        if match and self._span.column is None and not is_other(match["file"]):
            span = self._at(match["file"], match["line"], match["column"])
            # The stack may be in another file than the assertion.
            if self._span is NOWHERE or span.line == self._span.line:
                self._span = span
        elif not match and (place := _AT_LINE.match(line)):
            if self._span is NOWHERE:
                self._span = self._at(place["file"], place["line"])
        elif not match and line.strip() and not _OTHER.match(line):
            if self._file and (error := _ERROR.match(line)):
                self._message = [error["message"]]
            elif len(self._message) < _LINES and (text := line.strip()) not in self._message:
                self._message.append(text)

    def _at(self, file: str, line: str, column: str | None = None) -> Span:
        return self.report.span(file, line, column, unit=ColumnUnit.UTF16)

    def _close(self) -> None:
        title, self._title, file, self._file = self._title, "", self._file, ""
        message, self._message = "\n".join(self._message), []
        span, self._span = self._span, NOWHERE
        if title:
            self.add(span, Severity.ERROR, message or title, "ava")
            place = None if span is NOWHERE else span
            path = tuple(title.split(" › "))
            self.report.add_test(path, TestState.FAILED, "ava", message=message, span=place)
        elif file and message:
            span = self.report.span(file, 1) if span is NOWHERE else span
            self.add(span, Severity.ERROR, message, "ava")
