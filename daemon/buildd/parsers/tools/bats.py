"""Reads the results of bats, a test framework for Bash, in its pretty format and in TAP."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_FILE = re.compile(r"(?P<file>[^\s:][^:\n]*\.bats)$")
_TEST = re.compile(
    # on a terminal, the test that is running comes first, and is overwritten
    r"(?: {3}\S[^\n]{0,200}?\d+/\d+(?: in \d+ ?sec)?)? (?P<mark>[✓✗-]) (?P<name>\S.*?)"
    r"(?: \(skipped(?:: (?P<why>.*?))?\))?(?: \[(?P<time>\d+)(?:ms)?\])?$"
)
_PLACE = re.compile(
    r"(?: {3}|# )[( ](?:from function .*? )?in (?:test )?file (?P<file>\S[^\n]*?), line "
    r"(?P<line>\d+)[,)]$"
)
_WHAT = re.compile(r"(?: {5}|# {3})`(?P<what>.*)' (?P<how>failed.*)$")
_OUTPUT = re.compile(r"(?: {3}|# )(?P<text>.*)$")


class Bats(Parser):
    """Reads one line per test.

    Below a failed test are its places, the innermost first, and the command that failed.
    """

    TOOLS = "bats"
    LEVEL = ("text", "tests")
    HINTS = (".bats", "(from function `", " ✓ ", " ✗ ", "\n - ", " (skipped")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._file = ""
        self._failed: str | None = None
        """The name of the failed test; empty within TAP, where another line names it."""
        self._places: list[Span] = []
        self._what = ""
        self._output: list[str] = []

    def begin(self, line: str) -> bool | None:
        self._close()
        if match := _PLACE.match(line):
            self._failed = ""
            return self._read(line)
        if match := _FILE.match(line):
            self._file = match["file"]
            return True
        if self._file and (match := _TEST.match(line)):
            return self._result(match)
        return False

    def more(self, line: str) -> bool | None:
        if self._failed is None:
            return False
        if not (self._file and _TEST.match(line)) and self._read(line):
            return True
        self._close()
        return False

    def finish(self) -> None:
        self._close()

    def _result(self, match: re.Match[str]) -> bool:
        if match["mark"] == "✗":
            self._failed = match["name"]
            return True
        state = TestState.PASSED if match["mark"] == "✓" else TestState.SKIPPED
        time = match["time"]
        duration = int(time) / 1000 if time and len(time) < 12 else None
        path = (self._file, match["name"])
        self.report.add_test(path, state, "bats", duration=duration, message=match["why"] or "")
        return True

    def _read(self, line: str) -> bool:
        if match := _PLACE.match(line):
            self._places.append(self.report.span(match["file"], match["line"]))
        elif match := _WHAT.match(line):
            self._what = f"`{match['what']}' {match['how']}"
        elif (match := _OUTPUT.match(line)) and (self._places or self._failed):
            if len(self._output) < 40:
                self._output.append(match["text"])
        else:
            return False
        return True

    def _close(self) -> None:
        failed, self._failed = self._failed, None
        places, what, output = self._places, self._what, self._output
        self._places, self._what, self._output = [], "", []
        if failed is None:
            return
        text = "\n".join([what, *output]).strip()
        span = places[0] if places else NOWHERE
        if text or places:
            self.add(span, Severity.ERROR, text or "failed", "bats")
            for place in places[1:20]:
                self.note(place, "called from here")
        if failed:
            self.report.add_test(
                (self._file, failed),
                TestState.FAILED,
                "bats",
                message=text,
                span=span if span.file else None,
            )
