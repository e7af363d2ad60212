"""Reads the results of hspec, a test framework for Haskell."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_PLACE = re.compile(r"  (?P<file>\S[^\n]*?\.l?hs):(?P<line>\d+)(?::(?P<column>\d+))?: *$")
_ITEM = re.compile(r"  \d+\) (?P<name>\S.*)$")
_RESULT = re.compile(
    r"(?P<indent> *)(?P<name>\S.*?)(?: \((?P<time>[\d.]+)ms\))? \[(?P<mark>[✔✘‐])\]$|"
    r"(?P<old_indent> +)(?P<old>\S.*?) (?P<failed>FAILED) \[\d+\]$"
)
_CALLED = re.compile(
    r"\s+\w+, called at (?P<file>\S[^\n]*?\.l?hs):(?P<line>\d+):(?P<column>\d+) in "
)
_END = re.compile(r"(?:Randomized with seed|Finished in) ")
_STATES = {"✔": TestState.PASSED, "✘": TestState.FAILED, "‐": TestState.SKIPPED}


class Hspec(Parser):
    """Reads a tree of results, and below it one block per failure: place, name, message."""

    TOOLS = "hspec"
    LEVEL = ("text", "tests")
    HINTS = ("\nFailures:", " [✔]", " [✘]", " [‐]", " FAILED [")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_failures = False
        self._place = NOWHERE
        self._name = ""
        self._message: list[str] = []
        self._span = NOWHERE
        """The place of the failure; `_of` is the place of the expectation."""
        self._expected = NOWHERE

    def begin(self, line: str) -> bool | None:
        self._is_failures = False
        if line == "Failures:":
            # RSpec and other tools print that, too.
            self._is_failures = True
            self._place, self._name = NOWHERE, ""
            return None
        match = _RESULT.match(line)
        if match and (match["failed"] or _STATES[match["mark"]] is TestState.FAILED):
            return True  # printed in full below
        if match:
            time = match["time"]
            self.report.add_test(
                (match["name"],),
                _STATES[match["mark"]],
                "hspec",
                duration=float(time) / 1000 if time and re.fullmatch(r"\d+\.\d+", time) else None,
            )
        return match is not None

    def more(self, line: str) -> bool | None:
        if not self._is_failures:
            return False
        if _END.match(line):
            self._close()
            self._is_failures = False
            return False
        if match := _PLACE.match(line):
            self._close()
            self._place = self._at(match)
            return True
        if match := _ITEM.match(line):
            self._close()
            if not self._place.file:
                self._is_failures = False
                return False
            self._name, self._message = match["name"], []
            self._span = self._expected = self._place
            self._place = NOWHERE
            return True
        if not self._name:
            if line.strip():
                self._is_failures = False
                return False
            return None
        if match := _CALLED.match(line):
            self._span = self._at(match)
        elif line.startswith(("  To rerun use:", "    To rerun use:")):
            self._close()
        elif len(self._message) < 60:
            self._message.append(line.removeprefix("     ").removeprefix("  "))
        return True

    def finish(self) -> None:
        self._close()

    def _at(self, match: re.Match[str]) -> Span:
        return self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT
        )

    def _close(self) -> None:
        name, self._name = self._name, ""
        if name:
            text = "\n".join(self._message).strip()
            self.add(self._span, Severity.ERROR, text or "failed", "hspec")
            if self._expected != self._span:
                self.note(self._expected, "expected here")
            self.report.add_test((name,), TestState.FAILED, "hspec", message=text, span=self._span)
