"""Reads the reporters of mocha, and tools that print like it, such as cypress and jasmine."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import LIMIT, ParseResult
from buildd.parsers.tools.jest import is_other

_START = re.compile(
    r"(?:> |\$ |\+ )(?:\S+ )*?\S*\b(?:mocha|cypress)\b|  Running:  \S.*\(\d+ of \d+\)"
)
_COUNT = re.compile(r"  (?P<number>\d+) (?P<what>passing|failing|pending)(?: \(.*\))?$")
_EXECUTED = re.compile(r".*\bExecuted \d+ of \d+\b")
_FAILURE = re.compile(r"  (?P<number>\d+)\) (?P<title>\S.*?):?$")
_SUITE = re.compile(r" {7,}(?P<title>\S.*?)(?P<end>:)?$")
_FRAME = re.compile(
    r"\s+at (?:.*?[( ])?(?:file://|webpack://[^/]*/(?:\./)?)?(?P<file>(?:[A-Za-z]:[\\/])?/?[^\s():][^():\n]*\.[cm]?[jt]sx?)(?:\?[^:]*)?"
    r":(?P<line>\d+):(?P<column>\d+)\)?$"
)
_PASS = re.compile(
    r"(?P<indent> +)[✔✓√] (?P<name>.+?)(?: \((?P<time>\d+)ms\)|: (?P<time2>\d+)ms)?$"
)
_PENDING = re.compile(r"(?P<indent> +)- (?P<name>\S.*)$")
_FAILED = re.compile(r"(?P<indent> +)\d+\) (?P<name>\S.*)$")
_GROUP = re.compile(r"(?P<indent>(?:  )+)(?P<name>[^\s].*)$")
_TIMEOUT = re.compile(r".*\((?P<file>(?:/|[A-Za-z]:)[^()]*\.[cm]?[jt]sx?)\)$")
_LIMIT = 200
"""The most lines of one failure, or between two tests."""


class Mocha(Parser):
    """Reads rows of tests, and after the counts the failures: titles, message and stack.

    Columns count UTF-16 units.
    """

    TOOLS = "mocha, cypress"
    LEVEL = ("text", "tests")
    HINTS = (
        " passing",
        " failing",
        " pending",
        "  ✔ ",
        "  ✓ ",
        "  √ ",
        "mocha",
        "cypress",
        "  Running:  ",
        "Executed ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._in_rows = False
        self._is_sure = False
        """Whether the rows are tests: many tools print a check mark for what they have done."""
        self._unconfirmed: list[tuple[tuple[str, ...], TestState, float | None]] = []
        self._groups: list[tuple[int, str]] = []
        self._titles: list[str] = []
        self._has_title = False
        self._message: list[str] = []
        self._has_message = False
        """Whether the message is complete; the difference of expected and actual follows."""
        self._lines = 0

    def begin(self, line: str) -> bool:
        if _COUNT.match(line):
            self._in_rows, self._titles = False, []
            self._confirm()
            return True
        if _START.match(line):
            self._in_rows, self._groups, self._lines = True, [], 0
            self._is_sure = True
            return True
        if _EXECUTED.match(line):
            self._confirm()
            return False
        if _PASS.match(line):
            if not self._in_rows:
                self._in_rows, self._groups = True, []
            self._lines = 0
            return bool(self._row(line))
        return False

    def more(self, line: str) -> bool | None:
        if _COUNT.match(line):
            self._in_rows = False
            self._confirm()
            return True
        if self._in_rows:
            self._lines += 1
            return self._row(line) if self._lines < _LIMIT else False
        if not line.strip():
            return True
        if match := _FAILURE.match(line):
            self._close(None)
            self._titles = [match["title"]]
            self._has_title = line.endswith(":")
            self._message, self._lines, self._has_message = [], 0, False
            return True
        if not self._titles:
            # It is the rest of a stack, or what follows the last failure.
            return None
        if not self._has_title:
            if match := _SUITE.match(line):
                self._titles.append(match["title"])
                self._has_title = bool(match["end"])
            return True
        if match := _FRAME.match(line):
            if not is_other(match["file"]):
                self._close(match)
            return True
        self._lines += 1
        text = line.strip()
        if text == "+ expected - actual":
            self._has_message = True
        if not text.startswith("at ") and len(self._message) < 20 and not self._has_message:
            self._message.append(text)
        return self._lines < _LIMIT

    def finish(self) -> None:
        self._close(None)

    def _row(self, line: str) -> bool | None:
        """Reads a test or a group of tests; other parsers read what the tests print."""
        match = _PASS.match(line) or _PENDING.match(line)
        if match:
            self._lines = 0
            path = (*self._within(len(match["indent"])), match["name"])
            is_passed = match.re is _PASS
            number = (match["time"] or match["time2"]) if is_passed else None
            time = int(number) / 1000 if number and len(number) < 12 else None
            state = TestState.PASSED if is_passed else TestState.SKIPPED
            if (is_passed or self._groups) and len(self._unconfirmed) < LIMIT:
                self._unconfirmed.append((path, state, time))
                if self._is_sure:
                    self._confirm()
            return True
        if _FAILED.match(line) or not line.strip():
            # Failed tests are printed below, with all their titles.
            return True
        if match := _GROUP.match(line):
            self._within(len(match["indent"]))
            self._groups.append((len(match["indent"]), match["name"]))
            del self._groups[:-20]
        return None

    def _confirm(self) -> None:
        """Adds the results, because they are certainly tests."""
        unconfirmed, self._unconfirmed = self._unconfirmed, []
        for path, state, time in unconfirmed:
            self.report.add_test(path, state, "mocha", duration=time)

    def _within(self, indent: int) -> tuple[str, ...]:
        """Returns the groups that enclose a row with this indent."""
        while self._groups and self._groups[-1][0] >= indent:
            self._groups.pop()
        return tuple(name for _, name in self._groups)

    def _close(self, frame: re.Match[str] | None) -> None:
        titles, self._titles = self._titles, []
        if not titles or (frame is None and not self._message):
            return
        span: Span | None = None
        message = "\n".join(self._message[:20])
        if frame:
            span = self.report.span(
                frame["file"], frame["line"], frame["column"], unit=ColumnUnit.UTF16
            )
        elif match := _TIMEOUT.match(message):
            span = self.report.span(match["file"], 1)
        if span:
            self.add(span, Severity.ERROR, message, "mocha")
        self.report.add_test(titles, TestState.FAILED, "mocha", message=message, span=span)
