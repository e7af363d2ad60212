"""Reads the results of tasty, a test framework for Haskell."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import LIMIT, NOWHERE, ParseResult

_RESULT = re.compile(
    r"(?P<indent> +)(?P<name>\S.*?): +(?P<state>OK|FAIL)(?: \((?P<time>[\d.]+)s\))?$"
)
_PLACE = re.compile(r"\s+(?P<file>\S[^\n]*?\.l?hs):(?P<line>\d+)(?::(?P<column>\d+))?:?$")
_SUMMARY = re.compile(r"(?:All \d+ tests? passed|\d+ out of \d+ tests? failed)\b")
_CALLED = re.compile(
    r"\s+\w+, called at (?P<file>\S[^\n]*?\.l?hs):(?P<line>\d+):(?P<column>\d+) in "
)


class Tasty(Parser):
    """Reads a tree of results; failures are indented further below their test."""

    TOOLS = "tasty"
    LEVEL = ("text", "tests")
    HINTS = (" OK", " FAIL", "\nAll ", " out of ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._failed: re.Match[str] | None = None
        self._span = NOWHERE
        self._message: list[str] = []
        self._results: list[tuple[re.Match[str], TestState, str, Span | None]] = []
        """Results that may be another tool's, until the count at the end."""

    def begin(self, line: str) -> bool | None:
        self._close()
        if _SUMMARY.match(line):
            self._confirm()
            return False
        match = _RESULT.match(line)
        if not match:
            return False
        if match["state"] == "OK":
            self._add_test(match, TestState.PASSED, "")
            return True
        # Until its message is read, it may be another tool's line.
        self._failed, self._span, self._message = match, NOWHERE, []
        return None

    def more(self, line: str) -> bool:
        if not self._failed:
            return False
        if not line.startswith(f"{self._failed['indent']}  ") or not line.strip():
            self._close()
            return False
        if match := _CALLED.match(line) or (None if self._span.file else _PLACE.match(line)):
            self._span = self.report.span(
                match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT
            )
        elif not line.lstrip().startswith("Use -p '") and len(self._message) < 60:
            self._message.append(line.strip())
        return True

    def finish(self) -> None:
        self._close()

    def _close(self) -> None:
        failed, self._failed = self._failed, None
        text = "\n".join(self._message).strip()
        if failed and (self._span.file or self._message):
            self.add(self._span, Severity.ERROR, text or "failed", "tasty")
            self._add_test(failed, TestState.FAILED, text)
        self._message = []

    def _add_test(self, match: re.Match[str], state: TestState, message: str) -> None:
        span = self._span if state is TestState.FAILED and self._span.file else None
        if len(self._results) < LIMIT:
            self._results.append((match, state, message, span))

    def _confirm(self) -> None:
        results, self._results = self._results, []
        for match, state, message, span in results:
            time = match["time"]
            self.report.add_test(
                (match["name"],),
                state,
                "tasty",
                duration=float(time) if time and re.fullmatch(r"\d+\.\d+", time) else None,
                message=message,
                span=span,
            )
