"""Reads CppUnit's outputters `text` and `compiler`, and its brief progress listener."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_TEXT = re.compile(
    r"\d+\) test: (?P<test>\S.*?) \((?P<kind>[FE])\) (?:line: (?P<line>\d+) (?P<file>\S.*))?$"
)
_COMPILER = re.compile(
    r"(?:##Failure Location unknown##(?: : )?|(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(][^:(\n]*)"
    r"(?::(?P<line>\d+):|\((?P<row>\d+)\) ?: ?(?:error ?: ?)?))(?P<kind>Assertion|Error)$"
)
_NAME = re.compile(r"Test name: (?P<test>\S.*)$")
_PROGRESS = re.compile(r"(?P<test>\S.*::\S.*?) : (?P<status>OK|assertion|error)$")
_STATES = {
    "OK": TestState.PASSED,
    "assertion": TestState.FAILED,
    "error": TestState.ERRORED,
    "F": TestState.FAILED,
    "Assertion": TestState.FAILED,
    "E": TestState.ERRORED,
    "Error": TestState.ERRORED,
}


class CppUnit(Parser):
    """Reads a first line with the test and the place, and the message up to an empty line."""

    TOOLS = "CppUnit"
    LEVEL = ("text", "tests")
    HINTS = (") test: ", ":Assertion", ":Error", ": Assertion", " : Error", " : OK",
             " : assertion", " : error")  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        """What may be the first line of a failure, if the next line names a test."""
        self._path: tuple[str, ...] = ()
        self._state = TestState.FAILED
        self._span = NOWHERE
        self._message: list[str] = []
        self._is_open = False

    def begin(self, line: str) -> bool | None:
        self._head, self._is_open = None, False
        if match := _TEXT.match(line):
            span = self.report.span(match["file"], match["line"])
            self._begin_failure(match["test"], match["kind"], span)
            return True
        if match := _PROGRESS.match(line):
            self.report.add_test(_path(match["test"]), _STATES[match["status"]], "cppunit")
            return True
        self._head = _COMPILER.match(line)
        return None if self._head else False

    def more(self, line: str) -> bool | None:
        if head := self._head:
            self._head = None
            match = _NAME.match(line)
            if match:
                span = self.report.span(head["file"], head["line"] or head["row"])
                self._begin_failure(match["test"], head["kind"], span)
            return bool(match)
        if not self._is_open:
            return False
        if not line.strip() and self._message:
            self.finish()
            return False
        if line.strip():
            self._message.append(line)
        return len(self._message) < 100

    def finish(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        message = "\n".join(self._message).strip() or "failed"
        self.add(self._span, Severity.ERROR, message, "cppunit")
        span = self._span if self._span.file else None
        self.report.add_test(self._path, self._state, "cppunit", message=message, span=span)

    def _begin_failure(self, test: str, kind: str, span: Span) -> None:
        self._path, self._state, self._span = _path(test), _STATES[kind], span
        self._message, self._is_open = [], True


def _path(name: str) -> tuple[str, ...]:
    return tuple(part for part in name.rsplit("::", 1) if part) or (name,)
