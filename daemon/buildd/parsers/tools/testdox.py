"""Reads `phpunit --testdox`: one sentence per test, and a tree of lines below a failed one."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.tools.php import is_other

_TEST = re.compile(r" (?P<mark>[✔✘⚠☢∅↩]) (?P<name>\S.*?)(?: \[[\d.]+ ms\])?$")
_BRANCH = re.compile(r" {3}[│├┐┴┊](?: (?P<text>.*))?$")
_FRAME = re.compile(r"(?P<file>(?:[A-Za-z]:)?[/\\][^:\n]+\.\w+):(?P<line>\d+)$")
_GROUP = re.compile(r"(?P<name>\S.*?)(?: \((?P<class>[\w\\]+)\))?$")
_STATES = {
    "✔": TestState.PASSED,
    "⚠": TestState.PASSED,
    "☢": TestState.PASSED,
    "✘": TestState.FAILED,
    "∅": TestState.SKIPPED,
    "↩": TestState.SKIPPED,
}


class Testdox(Parser):
    """Reads test results; the innermost stack frame comes first."""

    TOOLS = "PHPUnit --testdox"
    LEVEL = ("text", "tests")
    HINTS = ("\nPHPUnit ", *(f"\n {mark} " for mark in _STATES))

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._group = ""
        self._is_after_empty = False
        self._is_phpunit = False
        self._lines_before_class = 0
        """The number of lines that may still precede the first class."""
        self._test: re.Match[str] | None = None
        self._message: list[str] = []
        self._frames: list[Span] = []

    def begin(self, line: str) -> bool | None:
        if line.startswith("PHPUnit ") and " by Sebastian" in line:
            self._lines_before_class, self._is_phpunit = 12, True
            return None
        self._lines_before_class = 0
        # Other tools print such marks, too.
        return self._is_phpunit and self._begin_test(line)

    def more(self, line: str) -> bool | None:
        if match := _BRANCH.match(line):
            self._read((match["text"] or "").rstrip())
            return True
        self._close()
        was_empty, self._is_after_empty = self._is_after_empty, not line
        if self._begin_test(line):
            self._lines_before_class = 0
            return True
        # It may be the name of the next class.
        if was_empty and line and not line[0].isspace():
            self._group = line
        if self._lines_before_class:
            self._lines_before_class -= 1
            return None if self._lines_before_class else False
        return True if not line else None

    def finish(self) -> None:
        self._close()

    def _begin_test(self, line: str) -> bool:
        self._close()
        match = _TEST.match(line)
        self._test, self._message, self._frames = match, [], []
        return match is not None

    def _read(self, text: str) -> None:
        if match := _FRAME.match(text):
            if not is_other(match["file"]):
                self._frames.append(self.report.span(match["file"], match["line"]))
        elif not self._frames and len(self._message) < 60:
            self._message.append(text)

    def _close(self) -> None:
        test, self._test = self._test, None
        if not test:
            return
        state = _STATES[test["mark"]]
        text = "\n".join(self._message).strip()
        span = self._frames[0] if self._frames else NOWHERE
        if state is TestState.FAILED and (text or span.file):
            self.add(span, Severity.ERROR, text or "failed", "phpunit")
            for frame in self._frames[1:20]:
                self.note(frame, "called from here")
        group = _GROUP.match(self._group)
        name = (group["class"] or group["name"]) if group else ""
        path = (name, test["name"]) if name else (test["name"],)
        place = span if span.file else None
        self.report.add_test(path, state, "phpunit", message=text, span=place)
