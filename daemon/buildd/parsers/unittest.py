"""Python's unittest and doctest."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, Report
from buildd.parsers.traceback import is_other

_HEAD = re.compile(r"(?P<kind>FAIL|ERROR): (?P<name>[\w<>]+) \((?P<group>[\w.<>]+)\)(?P<sub> .*)?$")
_VERBOSE = re.compile(
    r"(?P<name>\w+) \((?P<group>[\w.<>]+)\)(?: \.\.\. |.* \.\.\. )"
    r"(?P<state>ok|FAIL|ERROR|skipped.*|expected failure)$"
)
_FRAME = re.compile(r' *File "(?P<file>[^"\n]+)", line (?P<line>\d+)')
_DOCTEST = re.compile(r'File "(?P<file>[^"\n]+)", line (?P<line>\d+), in (?P<name>.+)$')
_STATES = {
    "ok": TestState.PASSED,
    "FAIL": TestState.FAILED,
    "ERROR": TestState.ERRORED,
    "expected failure": TestState.PASSED,
}


class Unittest(Parser):
    """A block for each failing test, between lines of `=` and `-`."""

    TOOLS = "Python's unittest, doctest"
    LEVEL = ("text", "tests")
    HINTS = (
        "\nFAIL: ",
        "\nERROR: ",
        " ... ok",
        " ... FAIL",
        " ... ERROR",
        " ... skipped",
        "\n*****",
    )

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        self._frames: list[Span] = []
        self._doctest = ""
        self._place = NOWHERE
        self._got: list[str] = []

    def begin(self, line: str) -> bool:
        self._doctest = ""
        self._head = None
        if match := _HEAD.match(line):
            self._head, self._frames = match, []
            return True
        if match := _VERBOSE.match(line):
            state = _STATES.get(match["state"], TestState.SKIPPED)
            self._add_test(match, state, "", None)
            return True
        if line and not line.strip("*") and len(line) > 60:
            self._doctest = "head"
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._doctest:
            return self._doctest_line(line)
        if not self._head:
            return False
        if match := _FRAME.match(line):
            self._frames.append(self.report.span(match["file"], match["line"]))
        elif line.startswith(("===", "Ran ")):
            return False
        elif line and not line.startswith((" ", "---", "Traceback")) and self._frames:
            self._end(line)
            return True
        return True

    def _end(self, message: str) -> None:
        head, self._head = self._head, None
        assert head  # noqa: S101 (the caller has looked)
        own = [one for one in self._frames if not is_other(one.file)] or self._frames
        *outer, inner = own
        self.add(inner, Severity.ERROR, message, "unittest")
        for one in reversed(outer[-20:]):
            self.note(one, "called from here")
        state = TestState.FAILED if head["kind"] == "FAIL" else TestState.ERRORED
        self._add_test(head, state, message, inner)

    def _add_test(
        self, match: re.Match[str], state: TestState, message: str, span: Span | None
    ) -> None:
        group, name = match["group"], match["name"]
        # Since 3.11 the group ends with the name.
        group = group.removesuffix(f".{name}")
        path = (*group.split("."), name)
        self.report.add_test(path, state, "unittest", message=message, span=span)

    def _doctest_line(self, line: str) -> bool:
        if self._doctest == "head":
            match = _DOCTEST.match(line)
            if not match:
                return False
            self._place = self.report.span(match["file"], match["line"])
            self._doctest, self._got = match["name"], []
            return True
        if not line or line.startswith("***"):
            message = "\n".join(self._got[:20])
            self.add(self._place, Severity.ERROR, message, "doctest")
            self._doctest = "head" if line else ""
            return bool(line)
        self._got.append(line)
        return True
