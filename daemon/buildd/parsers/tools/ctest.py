"""Reads CTest's list of tests, with how each ended."""

from __future__ import annotations

import re

from buildd.model import TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_RESULT = re.compile(
    r" *\d+/\d+ (?:Test|MemCheck|Testing) +#?\d+: (?P<name>\S.*?) \.{3,} *"
    r"(?P<status>Passed .*|(?:[A-Z][\w ]*)?\*\*\*.*)"
)
_TIME = re.compile(r" +(?P<time>\d+\.\d+) sec *$")
_SUMMARY = re.compile(r"\t *\d+ - (?P<name>\S.*?) \((?P<status>[^()]*)\)(?:\s.*)?$")


class CTest(Parser):
    """Reads results; other parsers read what the tests print in between."""

    TOOLS = "CTest"
    LEVEL = ("tests",)
    HINTS = (" Test ", " MemCheck ", " Testing ", "The following tests FAILED:",
             "The following tests did not run:")  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._name = ""
        """The test whose status continues on the next line."""
        self._status = ""
        self._in_summary = False
        self._known: set[str] = set()

    def begin(self, line: str) -> bool:
        self._name = ""
        self._in_summary = line.startswith("The following tests ")
        if self._in_summary:
            return True
        match = _RESULT.match(line)
        if not match:
            return False
        self._name, self._status = match["name"], ""
        self._read_status(match["status"])
        return True

    def more(self, line: str) -> bool | None:
        if self._in_summary:
            match = _SUMMARY.match(line)
            if match and match["name"] not in self._known:
                self._add(match["name"], match["status"], None)
            return bool(match)
        if not self._name or len(self._status) > 4000:
            return False
        self._read_status(line)
        return True

    def _read_status(self, text: str) -> None:
        """Reads a part of a status, which may go over several lines."""
        match = _TIME.search(text)
        text = text[: match.start()] if match else text
        self._status = f"{self._status}\n{text}" if self._status else text
        if match:
            self._add(self._name, self._status, float(match["time"]))
            self._name = ""

    def _add(self, name: str, status: str, time: float | None) -> None:
        self._known.add(name)
        status = status.strip().removeprefix("***").rstrip(": ").replace("***", ": ")
        if status.startswith("Passed"):
            state, status = TestState.PASSED, ""
        elif status.startswith(("Skipped", "SKIP", "Disabled", "Not Run (Disabled)")):
            state = TestState.SKIPPED
        elif status.startswith(("Not Run", "Bad Command")):
            state = TestState.ERRORED
        else:
            state = TestState.FAILED
        self.report.add_test((name,), state, "ctest", duration=time, message=status)
