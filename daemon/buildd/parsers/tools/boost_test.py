"""Reads the log of Boost.Test in its human-readable format."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:()][^:()\n]*)(?:\((?P<row>\d+)\)|:(?P<line>\d+)): "
_HEAD = re.compile(
    rf"(?:unknown location(?:\(0\)|:0): |{_FILE})(?P<kind>fatal error|error|warning):? "
    # without the colon until Boost 1.58
    r'in "(?P<test>[^"\n]+)": (?P<message>.*)'
)
_CHECKPOINT = re.compile(rf"{_FILE}last checkpoint: (?P<message>.*)")
_ENTERING = re.compile(rf'(?:{_FILE})?Entering test (?P<kind>suite|case|unit) "(?P<name>[^"\n]+)"')
_LEAVING = re.compile(
    rf'(?:{_FILE})?Leaving test (?P<kind>suite|case|unit) "(?P<name>[^"\n]+)"'
    r"(?:; testing time: (?P<time>\d+(?:\.\d+)?)(?P<unit>us|mks|ms|s))?"
)
_SKIPPED = re.compile(rf'(?:{_FILE})?Test case "(?P<test>[^"\n]+)" is skipped because (?P<why>.*)')
_SECONDS = {"us": 1e-6, "mks": 1e-6, "ms": 1e-3, "s": 1.0}


class BoostTest(Parser):
    """Reads failures, which name their test.

    Passed tests are printed from `--log_level=test_suite` on.
    """

    TOOLS = "Boost.Test"
    LEVEL = ("text", "tests")
    HINTS = (
        'error: in "',
        'warning: in "',
        'error in "',
        'warning in "',
        "last checkpoint: ",
        "Entering test ",
        "Leaving test ",
        '" is skipped because ',
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._suites: list[str] = []
        self._failed: dict[tuple[str, ...], tuple[str, Span]] = {}
        self._path: tuple[str, ...] = ()
        self._has_place = True
        self._is_context = False

    def begin(self, line: str) -> bool:
        self._is_context = False
        if match := _HEAD.match(line):
            self._head(match)
        elif match := _CHECKPOINT.match(line):
            self._checkpoint(match)
        elif match := _ENTERING.match(line):
            if match["kind"] == "suite":
                self._suites.append(match["name"])
        elif match := _LEAVING.match(line):
            self._leaving(match)
        elif match := _SKIPPED.match(line):
            path = tuple(match["test"].split("/"))
            self.report.add_test(path, TestState.SKIPPED, "boost", message=match["why"])
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if line.startswith(("Failure occurred in a following context:", "Mismatch at position ")):
            self._is_context = True
        elif not self._is_context or not line.startswith("    "):
            return False
        self.lengthen(line)
        return True

    def _head(self, match: re.Match[str]) -> None:
        span = self.report.span(match["file"], match["row"] or match["line"])
        kind = Severity.WARNING if match["kind"] == "warning" else Severity.ERROR
        self.add(span, kind, match["message"], "boost")
        self._has_place = bool(span.file)
        if kind is Severity.ERROR:
            self._path = tuple(match["test"].split("/"))
            if self._path not in self._failed:
                self._fail(match["message"], span)

    def _checkpoint(self, match: re.Match[str]) -> None:
        """Places an exception at the last checkpoint before it.

        The line of the exception itself has no place.
        """
        if self._has_place:
            return
        self._has_place = True
        span = self.report.span(match["file"], match["row"] or match["line"])
        if self.at is not None:
            self.report.amend(self.at, span=span)
        if self._path in self._failed and self._failed[self._path][1] == NOWHERE:
            self._fail(self._failed[self._path][0], span)

    def _fail(self, message: str, span: Span) -> None:
        self._failed[self._path] = message, span
        place = span if span.file else None
        self.report.add_test(self._path, TestState.FAILED, "boost", message=message, span=place)

    def _leaving(self, match: re.Match[str]) -> None:
        name = match["name"]
        if match["kind"] == "suite":
            if name in self._suites:
                del self._suites[self._suites.index(name) :]
            return
        path = (*self._suites, name)
        time = float(match["time"]) * _SECONDS[match["unit"]] if match["time"] else None
        message, span = self._failed.get(path, ("", NOWHERE))
        self.report.add_test(
            path,
            TestState.FAILED if path in self._failed else TestState.PASSED,
            "boost",
            duration=round(time, 6) if time is not None else None,
            message=message,
            span=span if span.file else None,
        )
