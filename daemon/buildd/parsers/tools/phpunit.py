"""Reads the results of PHPUnit, a test framework for PHP."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.tools.php import is_other

_SECTION = re.compile(
    r"(?:There (?:was|were)|\d+ tests? triggered) \d+ (?:PHPUnit )?(?:PHP )?"
    r"(?P<what>error|failure|risky test|warning|skipped test|incomplete test|notice|deprecation)s?:"
)
_TRIGGERED = re.compile(
    r"\d+ tests? triggered \d+ (?:PHPUnit )?(?:PHP )?(?P<what>warning|notice|deprecation)s?:"
)
_ITEM = re.compile(
    r"\d+\) (?:(?P<file>(?:[A-Za-z]:)?[/\\][^:\n]+):(?P<line>\d+)"
    r"|(?P<class>[A-Za-z_][\w\\]*)::(?P<name>\S.*))$"
)
_FRAME = re.compile(r"(?P<file>(?:[A-Za-z]:)?[/\\][^:\n]+\.\w+):(?P<line>\d+)$")
_END = re.compile(r"(?:OK|FAILURES!|ERRORS!|WARNINGS!|Tests: |Time: )")


class Phpunit(Parser):
    """Reads numbered blocks: the test, its message, and the stack frames, the innermost first."""

    TOOLS = "PHPUnit"
    LEVEL = ("text", "tests")
    HINTS = ("\nThere was ", "\nThere were ", " triggered ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._what = ""
        self._item: re.Match[str] | None = None
        self._message: list[str] = []
        self._frames: list[Span] = []

    def begin(self, line: str) -> bool:
        match = _SECTION.match(line) or _TRIGGERED.match(line)
        self._what = match["what"] if match else ""
        return match is not None

    def more(self, line: str) -> bool | None:
        if not self._what:
            return False
        if match := _SECTION.match(line) or _TRIGGERED.match(line):
            self._close()
            self._what = match["what"]
        elif _END.match(line):
            self._close()
            self._what = ""
            return False
        elif match := _ITEM.match(line):
            self._close()
            self._item = match
        elif match := _FRAME.match(line):
            if not is_other(match["file"]):
                self._frames.append(self.report.span(match["file"], match["line"]))
        elif not self._frames and line != "--":
            self._message.append(line)
        return True

    def finish(self) -> None:
        self._close()

    def _close(self) -> None:
        item, frames = self._item, self._frames
        text = "\n".join(self._message[:40]).partition("\nTriggered by:")[0].strip()
        self._item, self._frames, self._message = None, [], []
        if not item:
            return
        is_bad = self._what in ("error", "failure")
        severity = Severity.ERROR if is_bad else Severity.WARNING
        if self._what == "notice":
            severity = Severity.INFORMATION
        if item["file"]:
            span = self.report.span(item["file"], item["line"])
            self.add(span, severity, text, "phpunit")
            return
        # The innermost frame comes first.
        span = frames[0] if frames else NOWHERE
        path = (item["class"], item["name"])
        if self._what in ("skipped test", "incomplete test"):
            self.report.add_test(path, TestState.SKIPPED, "phpunit", message=text, span=span)
            return
        self.add(span, severity, text, "phpunit")
        for frame in frames[1:20]:
            self.note(frame, "called from here")
        state = TestState.ERRORED if self._what == "error" else TestState.FAILED
        if not is_bad:
            state = TestState.PASSED
        place = span if span.file else None
        self.report.add_test(path, state, "phpunit", message=text, span=place)
