"""Minitest, also as Rails prints it."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, Report
from buildd.parsers.ruby import is_other

_KIND = re.compile(r"(?: +\d+\) )?(?P<kind>Failure|Error|Skipped):$")
_NAME = re.compile(
    r"(?P<class>[A-Z][\w:]*)#(?P<name>\S+)(?: \[(?P<file>[^\]\n]+):(?P<line>\d+)\])?:$"
)
_FRAME = re.compile(r"    (?P<file>[^\s:][^:\n]*):(?P<line>\d+)(?::in .*)?$")
_VERBOSE = re.compile(
    r"(?P<class>[A-Z][\w:]*)#(?P<name>\S+) = (?P<seconds>\d+\.\d+) s = (?P<state>[.FES])$"
)
_STATES = {
    ".": TestState.PASSED,
    "F": TestState.FAILED,
    "E": TestState.ERRORED,
    "S": TestState.SKIPPED,
    "Failure": TestState.FAILED,
    "Error": TestState.ERRORED,
    "Skipped": TestState.SKIPPED,
}


class Minitest(Parser):
    """A block for each failing test: its place in brackets, or frames below an exception."""

    TOOLS = "Minitest"
    LEVEL = ("text", "tests")
    HINTS = (") Failure:", ") Error:", ") Skipped:", "\nFailure:", "\nError:", " s = ")

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._kind = ""
        self._path: tuple[str, ...] = ()
        self._span = NOWHERE
        self._callers: list[Span] = []
        self._message: list[str] = []
        self._seconds: dict[tuple[str, ...], float] = {}

    def begin(self, line: str) -> bool:
        self._close()
        if match := _KIND.match(line):
            self._kind = match["kind"]
            return True
        if match := _VERBOSE.match(line):
            path = (match["class"], match["name"])
            self._seconds[path] = float(match["seconds"])
            state = _STATES[match["state"]]
            self.report.add_test(path, state, "minitest", duration=self._seconds[path])
            return True
        return False

    def more(self, line: str) -> bool | None:
        if not self._kind:
            return False
        if not self._path:
            match = _NAME.match(line)
            if not match:
                self._kind = ""
                return False
            self._path = (match["class"], match["name"])
            self._span = self.report.span(match["file"], match["line"])
            return True
        if _KIND.match(line) or not line:
            # A message may hold an empty line, but what ends it is one, too.
            self._close()
            return not line
        if (match := _FRAME.match(line)) and self._kind == "Error":
            if not is_other(match["file"]):
                span = self.report.span(match["file"], match["line"])
                if self._span.file:
                    self._callers.append(span)
                else:
                    self._span = span
            return True
        if line.startswith(("bin/rails test ", "rails test ")):
            self._close()
            return True
        self._message.append(line)
        return True

    def finish(self) -> None:
        self._close()

    def _close(self) -> None:
        kind, path, span = self._kind, self._path, self._span
        text = "\n".join(self._message[:40])
        self._kind, self._path, self._span, self._message = "", (), NOWHERE, []
        callers, self._callers = self._callers, []
        if not path:
            return
        if kind != "Skipped":
            code = text.partition(":")[0] if kind == "Error" else ""
            self.add(span, Severity.ERROR, text, "minitest", code if " " not in code else "")
            for one in callers[:20]:
                self.note(one, "called from here")
        self.report.add_test(
            path,
            _STATES[kind],
            "minitest",
            duration=self._seconds.get(path),
            message=text,
            span=span if span.file else None,
        )
