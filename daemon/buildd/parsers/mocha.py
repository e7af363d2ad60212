"""mocha's spec reporter, and jasmine's."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.jest import is_other
from buildd.parsers.report import Report

_COUNT = re.compile(r"  (?P<number>\d+) (?P<what>passing|failing|pending)(?: \(.*\))?$")
_FAILURE = re.compile(r"  (?P<number>\d+)\) (?P<title>\S.*?):?$")
_SUITE = re.compile(r" {7,}(?P<title>\S.*?)(?P<end>:)?$")
_FRAME = re.compile(
    r" +at (?:.*?[( ])?(?:file://)?(?P<file>/?[^\s():][^():\n]*\.[cm]?[jt]sx?):(?P<line>\d+):(?P<column>\d+)\)?$"
)
_LIMIT = 200
"""Lines of one failure."""


class Mocha(Parser):
    """The failures after the count, each with its titles, its message and its stack."""

    TOOLS = "mocha"
    LEVEL = ("text", "tests")
    HINTS = (" passing", " failing")

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._titles: list[str] = []
        self._has_title = False
        self._message: list[str] = []
        self._lines = 0

    def begin(self, line: str) -> bool:
        match = _COUNT.match(line)
        if match:
            self._titles = []
        return bool(match)

    def more(self, line: str) -> bool | None:
        if _COUNT.match(line) or not line.strip():
            return True
        if match := _FAILURE.match(line):
            self._close(None)
            self._titles = [match["title"]]
            self._has_title = line.endswith(":")
            self._message, self._lines = [], 0
            return True
        if not self._titles:
            # What is left of a stack, or what follows the last failure.
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
        if not text.startswith(("at ", "+", "-")) and len(self._message) < 20:
            self._message.append(text)
        return self._lines < _LIMIT

    def finish(self) -> None:
        self._close(None)

    def _close(self, frame: re.Match[str] | None) -> None:
        titles, self._titles = self._titles, []
        if frame is None and not (titles and self._message):
            return
        if not titles:
            return
        span: Span | None = None
        message = "\n".join(self._message[:20])
        if frame:
            span = self.report.span(
                frame["file"], frame["line"], frame["column"], unit=ColumnUnit.UTF16
            )
            self.add(span, Severity.ERROR, message, "mocha")
        self.report.add_test(titles, TestState.FAILED, "mocha", message=message, span=span)
