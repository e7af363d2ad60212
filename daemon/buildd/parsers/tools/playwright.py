"""Reads Playwright's test runner."""

from __future__ import annotations

import contextlib
import re

from buildd.model import ColumnUnit, Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.web_files import PLACE, STACK, is_frame
from buildd.parsers.tools.jest import is_other

_NAME = (
    r"(?:\[(?P<project>[^\]]+)\] › )?(?P<file>[^\s:›][^:›\n]*\.[cm]?[jt]sx?)"
    + PLACE
    + r" › (?P<title>.+?)"
)
_ROW = re.compile(
    r"  (?P<sign>[✓✘✔✖×-]|ok|x) +\d+ " + _NAME + r"(?: \((?P<retry>retry #\d+)\))?"
    r"(?: @[\w-]+)*(?: \((?P<time>[\d.]+)(?P<unit>ms|s|m)\))?$"
)
_BLOCK = re.compile(r"  (?P<number>\d+)\) " + _NAME + r"(?: ─+)?$")
_AT = re.compile(STACK + "$")
_ENDS = re.compile(
    r"  \d+ (?:failed|flaky|skipped|passed|did not run|interrupted)\b|\[\d+/\d+\] |::"
)
_SUMMARY = re.compile(r" {4}" + _NAME + r" ─+$")
_SKIPPED_LINES = ("Error Context:", "attachment #", "────", "Call log:", "Retry #", "Usage:")
_FACTOR = {"ms": 0.001, "s": 1.0, "m": 60.0}
_STATES = {
    **dict.fromkeys(("✓", "✔", "ok"), TestState.PASSED),
    **dict.fromkeys(("✘", "✖", "×", "x"), TestState.FAILED),
    "-": TestState.SKIPPED,
}


class Playwright(Parser):
    """Reads rows such as `  ✘  1 a.spec.ts:1:2 › suite › test (3ms)`, and failures.

    A failure is `  1) a.spec.ts:1:2 › …`, the message, a code frame, and `at /a.spec.ts:3:4`.
    Columns count UTF-16 units.
    """

    TOOLS = "playwright test (list, line, dot)"
    LEVEL = ("text", "tests")
    HINTS = (" › ",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._path: tuple[str, ...] = ()
        self._place = ("", "", "")
        self._message: list[str] = []
        self._is_open = self._is_over = False
        self._tests: dict[tuple[str, ...], tuple[str, ...]] = {}
        """The path of each test by its place, without the steps that end a failure's title."""

    def begin(self, line: str) -> bool:
        if match := _BLOCK.match(line):
            self._close()
            path = _path(match, match["title"].rstrip("─ "))
            self._path = self._tests.setdefault(_where(match), path)
            self._place = match["file"], match["line"], match["column"]
            self._message, self._is_open, self._is_over = [], True, False
            return True
        if match := _ROW.match(line):
            self._is_open = False
            time = None
            with contextlib.suppress(ValueError):
                time = round(float(match["time"] or "") * _FACTOR[match["unit"]], 6)
            path = self._tests[_where(match)] = _path(match, match["title"])
            self.report.add_test(path, _STATES[match["sign"]], "playwright", duration=time)
            return True
        if match := _SUMMARY.match(line):
            self._rename(match)
            return True
        return False

    def more(self, line: str) -> bool | None:
        if not self._is_open:
            return False
        if _ENDS.match(line) or _BLOCK.match(line):
            self._close()
            return False
        text = line.strip()
        if match := _AT.match(line):
            if not is_other(match["file"]) and not self._is_over:
                self._add(match["file"], match["line"], match["column"])
            return True
        if text.startswith("Retry #"):
            # The same message follows again, or another one.
            self._close_message()
            self._message, self._is_over = [], False
            return True
        if text.startswith(_SKIPPED_LINES):
            self._close_message()
            return True
        if not self._is_over and text and not is_frame(line) and len(self._message) < 20:
            self._message.append(text)
        return True

    def finish(self) -> None:
        self._close()

    def _rename(self, match: re.Match[str]) -> None:
        """Gives a test its own name, which the list at the end has."""
        path, known = _path(match, match["title"]), self._tests.get(_where(match))
        if known and known != path and known[: len(path)] == path:
            for number, test in enumerate(self.report.tests):
                if test.path == known:
                    self.report.rename_test(number, path)
            self._tests[_where(match)] = path

    def _close(self) -> None:
        if self._is_open:
            self._close_message()
        self._is_open = False

    def _close_message(self) -> None:
        """Adds a message without a place, at the place of the test."""
        if self._message and not self._is_over:
            self._add(*self._place)

    def _add(self, file: str, line: str, column: str) -> None:
        self._is_over = True
        span = self.report.span(file, line, column, unit=ColumnUnit.UTF16)
        message = "\n".join(self._message)
        self.add(span, Severity.ERROR, message, "playwright")
        known = next((test for test in self.report.tests if test.path == self._path), None)
        if known and known.state is TestState.PASSED:
            # The test passed when it was tried again.
            return
        self.report.add_test(
            self._path,
            TestState.FAILED,
            "playwright",
            duration=known.duration if known else None,
            message=message,
            span=span,
        )


def _where(match: re.Match[str]) -> tuple[str, ...]:
    return match["project"] or "", match["file"], match["line"], match["column"]


def _path(match: re.Match[str], title: str) -> tuple[str, ...]:
    project = (match["project"],) if match["project"] else ()
    return (*project, match["file"], *filter(None, title.split(" › ")))
