"""Reads the results of test-unit, a test framework for Ruby."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.tools.ruby import is_other

_RULE = re.compile(r"={60,}$")
_HEAD = re.compile(r"(?P<kind>Failure|Error|Pending|Omission): (?P<rest>\S.*)")
_TEST = re.compile(r"(?P<name>\S.*?)\((?P<class>[A-Z][^()\n]*)\)(?:: ?(?P<message>.*))?$")
_OMITTED = re.compile(r"(?P<message>.*) \[(?P<name>\S.*?)\((?P<class>[A-Z][^()\n]*)\)\]$")
_FRAME = re.compile(r"(?P<file>[^\s:<][^:\n]*):(?P<line>\d+):in [`'].*'$")
_SOURCE = re.compile(r" +(?:=> )?\d+: ?")
_STATES = {
    "Failure": TestState.FAILED,
    "Error": TestState.ERRORED,
    "Pending": TestState.SKIPPED,
    "Omission": TestState.SKIPPED,
}


class TestUnit(Parser):
    """Reads one block between rules per test that did not pass.

    It holds the test's name, stack frames, source lines and the message.
    """

    TOOLS = "test-unit"
    LEVEL = ("text", "tests")
    HINTS = ("\n" + "=" * 60,)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        self._path: tuple[str, str] = ("", "")
        self._frames: list[Span] = []
        self._message: list[str] = []
        self._lines = 0

    def begin(self, line: str) -> bool | None:
        self._head = None
        return None if _RULE.match(line) else False

    def more(self, line: str) -> bool:
        if self._head is None:
            return self._begin_block(line)
        self._lines += 1
        if _RULE.match(line) or self._lines > 500:
            self._close()
            return True
        if match := _FRAME.match(line):
            if not is_other(match["file"]):
                self._frames.append(self.report.span(match["file"], match["line"]))
        elif not _SOURCE.match(line):
            self._message.append(line.removeprefix("  "))
        return True

    def finish(self) -> None:
        if self._head:
            self._close()

    def _begin_block(self, line: str) -> bool:
        head = _HEAD.match(line)
        match = head and (_OMITTED.match(head["rest"]) or _TEST.match(head["rest"]))
        if not head or not match:
            return False
        self._head, self._path = head, (match["class"], match["name"].removeprefix("test: "))
        self._frames, self._lines = [], 0
        self._message = [match["message"]] if match["message"] else []
        return True

    def _close(self) -> None:
        head, self._head = self._head, None
        assert head  # noqa: S101 (the caller has looked)
        text = "\n".join(self._message[:60]).strip()
        span = self._frames[0] if self._frames else NOWHERE
        state = _STATES[head["kind"]]
        if state is not TestState.SKIPPED:
            kind = text.partition(":")[0] if head["kind"] == "Error" else ""
            code = kind if kind and " " not in kind and "\n" not in kind else ""
            self.add(span, Severity.ERROR, text or "failed", "test-unit", code)
            for frame in self._frames[1:20]:
                self.note(frame, "called from here")
        place = span if span.file else None
        self.report.add_test(self._path, state, "test-unit", message=text, span=place)
