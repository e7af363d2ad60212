"""Reads the `console` and `compact` reporters of Catch2, a test framework for C++."""

from __future__ import annotations

import re

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:()][^:()\n]*)(?::(?P<line>\d+)|\((?P<row>\d+)\)): "
_HEAD = re.compile(rf"{_FILE}(?P<kind>FAILED|PASSED|SKIPPED|warning)(?P<but> - but was ok)?:$")
_COMPACT = re.compile(rf"{_FILE}(?P<kind>failed|warning)(?P<but> - but was ok)?: (?P<message>.+)")
_RULE = re.compile(r"-{39,}$")
"""As wide as the console is configured, less one."""
_TIME = re.compile(r"(?P<time>\d+\.\d{3}) s: (?P<name>\S.*)")
_PLACE = re.compile(r"\S[^\n]*(?::\d+|\(\d+\))$")


class Catch2(Parser):
    """Reads failures; the test case and its sections stand above them, between two rules."""

    TOOLS = "Catch2"
    LEVEL = ("text", "tests")
    HINTS = (
        "\n" + "-" * 39,
        " s: ",
        ": FAILED",
        ": PASSED:",
        ": SKIPPED:",
        ": warning:",
        ": failed: ",
        ": failed - but was ok: ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._path: tuple[str, ...] = ()
        self._failed: dict[tuple[str, ...], str] = {}
        """The first message of each failed path."""
        self._state: TestState | None = None
        self._span = NOWHERE
        self._severity = Severity.ERROR
        self._is_finding = False
        self._is_compact = False
        self._text: list[str] = []
        self._names: list[str] = []
        self._part = ""
        self._rule = ""

    def begin(self, line: str) -> bool | None:
        if _RULE.match(line):
            self._names, self._rule = [], line
            self._part = "names"
            # Other tools print the same rule.
            return None
        if match := _TIME.match(line):
            return self._timed(match["name"].strip(), float(match["time"]))
        if match := _HEAD.match(line):
            if match["kind"] == "warning" and not self._path:
                return False
            self._head(match)
        elif match := _COMPACT.match(line):
            if match["kind"] == "warning" and not self._is_compact:
                return False
            self._is_compact = True
            is_error = match["kind"] == "failed" and not match["but"]
            severity = Severity.ERROR if is_error else Severity.WARNING
            span = self.report.span(match["file"], match["line"] or match["row"])
            self.add(span, severity, match["message"], "catch2")
            self._part = ""
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if self._part == "names":
            return self._name(line)
        if self._part == "place":
            self._part = ""
            # It is the place of the test case, or a line of dots.
            return bool(_PLACE.match(line)) or None
        if self._part != "text":
            return False
        if not line.strip():
            if not self._text and self._state is None:
                # It is a message that begins with an empty line.
                return True
            self._part = ""
            if not self._text and self._state is TestState.FAILED:
                self._add("FAILED")
            self._record("\n".join(self._text))
            return False
        if not self._text:
            line = line.removeprefix("  ")
            self._add(line)
        else:
            self.lengthen(line)
        self._text.append(line)
        return True

    def _name(self, line: str) -> bool | None:
        if line == self._rule and self._names:
            self._path = tuple(self._names)
            self._part = "place"
            return True
        if not line or len(self._names) > 30 or line.startswith(("----", "====")):
            return False
        name = line.strip()
        if self._names and not line.startswith(" "):
            # Catch2 wraps long names.
            self._names[-1] += f" {name}"
        else:
            self._names.append(name)
        return None

    def _head(self, match: re.Match[str]) -> None:
        span = self.report.span(match["file"], match["line"] or match["row"])
        kind = match["kind"]
        self._part = "text"
        self._text = []
        self._span = span
        self.at = None
        self._state = TestState.FAILED
        if kind == "PASSED" or match["but"]:
            self._state = TestState.PASSED
        elif kind == "SKIPPED":
            self._state = TestState.SKIPPED
        elif kind == "warning":
            self._state = None
        is_error = kind == "FAILED" and not match["but"]
        self._severity = Severity.ERROR if is_error else Severity.WARNING
        self._is_finding = kind in ("FAILED", "warning")
        self._record("")

    def _add(self, message: str) -> None:
        """Adds a diagnostic; the same line may fail again in another section."""
        if self._is_finding:
            key = "\n".join((message, *self._path))
            self.at = self.report.add(self._span, self._severity, key, "catch2")
            if self.at is not None:
                self.report.amend(self.at, message=message)

    def _timed(self, name: str, time: float) -> bool:
        """Records how long the section took that has just ended."""
        known = [test for test in self.report.tests[-20:] if test.source == "catch2"]
        for test in reversed(known):
            if test.path[-1] == name and test.duration is None:
                self.report.add_test(
                    test.path,
                    test.state,
                    test.source,
                    duration=time,
                    message=test.message,
                    span=test.span,
                )
                break
        return bool(known)

    def _record(self, message: str) -> None:
        """Records how the section ended; its first failure is kept."""
        state, path = self._state, self._path
        if not path or state is None or self._failed.get(path):
            return
        if state is TestState.FAILED:
            self._failed[path] = message
            self.report.add_test(path, state, "catch2", message=message, span=self._span)
        elif path not in self._failed:
            why = message if state is TestState.SKIPPED else ""
            self.report.add_test(path, state, "catch2", message=why)
