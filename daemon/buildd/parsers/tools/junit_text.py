"""Reads JUnit's text runner, and the plain and brief formatters of Ant's JUnit task."""

from __future__ import annotations

import re

from buildd.model import TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.java_failure import JavaFailure

_SUITE = re.compile(r"Testsuite: (?P<class>[\w.$]+)$")
_CASE = re.compile(
    r"Testcase: (?P<name>\S[^\n]*?)(?: took (?P<time>[\d.,]+) sec|\((?P<class>[\w.$]+)\):"
    r"[\t ]*(?P<end>FAILED|Caused an ERROR|SKIPPED)?(?P<why>.*))$"
)
_END = re.compile(r"\t(?P<end>FAILED|Caused an ERROR|SKIPPED)(?:: (?P<why>.*))?$")
_NUMBERED = re.compile(r"\d+\) (?P<name>[\w$]+(?:\[[^\]\n]*\])?)\((?P<class>[\w.$]+)\)$")
_OTHERS = re.compile(r"Testcase: |Testsuite: |\d+\) |FAILURES!!!|Tests run: |Test \S+ FAILED$")


class JunitText(Parser):
    """Reads a test's name, its result, and the failure below."""

    TOOLS = "JUnit 3 and 4: text runner, Ant's formatters"
    LEVEL = ("text", "tests")
    HINTS = (
        "\nJUnit version ",
        "Testsuite: ",
        "Testcase: ",
        *(f"\n{number}) " for number in range(1, 20)),
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._class = ""
        self._case: tuple[str, ...] = ()
        self._time: float | None = None
        self._failure: JavaFailure | None = None
        self._is_runner = False

    def begin(self, line: str) -> bool | None:
        self._close()
        self._is_runner = line.startswith("JUnit version ")
        if self._is_runner:
            return True
        if match := _SUITE.match(line):
            self._class = match["class"]
        elif match := _CASE.match(line):
            self._begins(match)
        elif match := _NUMBERED.match(line):
            self._class, self._time = match["class"], None
            self._case = self._class, match["name"]
            self._failure = JavaFailure(self.report, self._class)
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if self._is_runner:
            # The output of the tests may come between.
            return True if line.startswith(("There was 1 ", "There were ")) else self._first(line)
        if self._failure:
            if _OTHERS.match(line) or not (line.strip() and self._failure.feed(line)):
                self._close()
                return not line.strip()
            return True
        if self._case and (match := _END.match(line)):
            self._ends(match["end"], match["why"] or "")
            return True
        self._close()
        return False

    def finish(self) -> None:
        self._close()

    def _first(self, line: str) -> bool | None:
        match = _NUMBERED.match(line)
        if not match:
            return False if line.startswith(("OK (", "FAILURES!!!")) else None
        return self.begin(line)

    def _begins(self, match: re.Match[str]) -> None:
        self._class = match["class"] or self._class
        self._case = tuple(filter(None, (self._class, match["name"])))
        self._time = _seconds(match["time"])
        if match["end"]:
            self._ends(match["end"], (match["why"] or "").strip(": "))

    def _ends(self, end: str, why: str) -> None:
        if end == "SKIPPED":
            self.report.add_test(
                self._case, TestState.SKIPPED, "junit", duration=self._time, message=why
            )
            self._case = ()
        else:
            self._failure = JavaFailure(self.report, self._class)

    def _close(self) -> None:
        """Adds the last test, whose text is complete."""
        case, self._case = self._case, ()
        failure, self._failure = self._failure, None
        if failure:
            failure.add_to(self, case, "junit")
        elif case:
            self.report.add_test(case, TestState.PASSED, "junit", duration=self._time)


def _seconds(text: str | None) -> float | None:
    try:
        return float(text.replace(",", "")) if text else None
    except ValueError:
        return None
