"""Reads the results of Perl's tests, as Test::More and prove print them."""

from __future__ import annotations

import re

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_FAILED = re.compile(
    r" *#   Failed(?P<todo> \(TODO\))? test(?: '(?P<name>.*)')?(?P<place> at .*)?$"
)
_PLACE = re.compile(r" *#? *(?:at|in) (?P<file>\S[^\n]*?) (?:at )?line (?P<line>\d+)\.$")
_SCRIPT = re.compile(r"(?P<file>\S+\.t) \.\.+ *$")
_PLAN = re.compile(r" *1\.\.\d+(?: |$)")
_SUBTEST = re.compile(r" *# Subtest: (?P<name>\S.*)")
_TAP = re.compile(
    r"(?P<indent>(?:    ){0,20})(?P<not>not )?ok (?P<number>\d+)(?: - (?P<name>.*?))?"
    r"(?: # (?P<word>(?i:todo|skip))\S*(?: (?P<why>.*))?)?$"
)


class Prove(Parser):
    """Reads a block of comments per failed test, and with `prove -v` one line per test."""

    TOOLS = "Test::More, prove"
    LEVEL = ("text", "tests")
    HINTS = ("#   Failed ", ".t ..")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._name: str | None = None
        self._is_todo = False
        self._file = ""
        self._has_place = False
        self._suites: list[str] = []
        """The open subtests."""
        self._suite = ""
        """The last subtest that began, until its first test shows how deep it is."""

    def begin(self, line: str) -> bool:
        if match := _SCRIPT.match(line):
            self._file, self._name = match["file"], None
            self._suites, self._suite = [], ""
            return True
        match = _FAILED.match(line)
        if not match:
            return False
        self._name, self._is_todo = match["name"] or "", bool(match["todo"])
        self._has_place = False
        if match["place"]:
            self._placed(match["place"])
        return True

    def more(self, line: str) -> bool | None:
        if self._name is None:
            return self._more_tap(line)
        if not line.lstrip().startswith("#") or "#   Failed" in line or "# Looks like" in line:
            self._name = None
            # With `prove -v`, further lines of TAP follow.
            return None if self._file else False
        if not self._has_place:
            self._placed(line)
        elif not self._is_todo:
            self.lengthen(line.lstrip()[1:].strip())
        return True

    def _placed(self, line: str) -> None:
        match = _PLACE.match(line)
        if not match or self._name is None:
            return
        self._has_place = True
        if self._is_todo:
            return
        span = self.report.span(match["file"], match["line"])
        title = f"Failed test '{self._name}'" if self._name else "Failed test"
        self.add(span, Severity.ERROR, title, "prove")
        name = self._name or f"line {match['line']}"
        self.report.add_test(
            (match["file"], name), TestState.FAILED, "prove", message=title, span=span
        )

    def _more_tap(self, line: str) -> bool | None:
        if not self._file:
            return False
        if _PLAN.match(line):
            return True
        if match := _SUBTEST.match(line):
            self._suite = match["name"]
            return True
        match = _TAP.match(line)
        if not match:
            is_over = line.startswith(("Test Summary", "Files=", "All tests", "Result:"))
            self._file = "" if is_over else self._file
            return False if is_over else None
        if match["not"] and not match["word"]:
            return True  # its own block says where, before or after
        depth = len(match["indent"]) // 4
        del self._suites[depth:]
        if self._suite and depth:
            self._suites[depth - 1 :] = [self._suite]
        self._suite = ""
        word = (match["word"] or "").lower()
        name = match["name"] or f"test {match['number']}"
        state = TestState.SKIPPED if word else TestState.PASSED
        path = (self._file, *self._suites, name)
        self.report.add_test(path, state, "prove", message=match["why"] or "")
        return True
