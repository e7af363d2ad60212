"""Reads what the default reporter of `deno test` prints."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_FILE = re.compile(r"running \d+ tests? from (?P<file>\S.*)$")
_CASE = re.compile(
    r"(?P<indent> *)(?P<name>\S.*?) \.\.\. (?P<state>ok|FAILED|ignored|cancelled)"
    r"(?: \(due to .*?\))?(?: \((?P<time>[\d.]+)(?P<unit>ns|µs|ms|s)\))?$"
)
_GROUP = re.compile(r"(?P<indent> *)(?P<name>\S.*?) \.\.\.$")
_HEAD = re.compile(r"(?P<name>\S.*) => (?P<file>\S.*?):(?P<line>\d+):(?P<column>\d+)$")
_AT = re.compile(r"\s+at (?:.*?\()?(?P<file>file://[^\s()]+?):(?P<line>\d+):(?P<column>\d+)\)?$")
_STATES = {
    "ok": TestState.PASSED,
    "FAILED": TestState.FAILED,
    "cancelled": TestState.FAILED,
    "ignored": TestState.SKIPPED,
}
_FACTOR = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0}


class DenoTest(Parser):
    """Reads `running 2 tests from ./a.ts` and `name ... ok (1ms)`, and the failures.

    A failure is `name => ./a.ts:1:2` with `error: …` below. Columns count UTF-16 units.
    """

    TOOLS = "deno test"
    LEVEL = ("text", "tests")
    HINTS = ("\nrunning ", " => ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._file = ""
        self._groups: list[str] = []
        self._head: re.Match[str] | None = None
        self._message: list[str] = []
        self._is_deno = self._is_reported = False

    def begin(self, line: str) -> bool:
        if match := _FILE.match(line):
            self._file, self._groups, self._is_deno = match["file"], [], True
            self._head = None
            return True
        if self._is_deno and (match := _HEAD.match(line)):
            self._close()
            self._head, self._message, self._is_reported = match, [], False
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._head:
            return self._failure(line, self._head)
        if not self._file:
            return False
        if match := _CASE.match(line):
            depth = len(match["indent"]) // 2
            self._groups = self._groups[:depth]
            self._case((self._file, *self._groups, match["name"]), match)
            return True
        if match := _GROUP.match(line):
            self._groups = [*self._groups[: len(match["indent"]) // 2], match["name"]]
            return True
        # It is the output of a test.
        return None

    def finish(self) -> None:
        self._close()

    def _case(self, path: tuple[str, ...], match: re.Match[str]) -> None:
        try:
            time = round(float(match["time"] or "") * _FACTOR[match["unit"]], 9)
        except ValueError:
            self.report.add_test(path, _STATES[match["state"]], "deno")
            return
        self.report.add_test(path, _STATES[match["state"]], "deno", duration=time)

    def _failure(self, line: str, head: re.Match[str]) -> bool | None:
        if match := _AT.match(line):
            self._found(match["file"], match["line"], match["column"], head)
            return True
        if _HEAD.match(line) or line.startswith((" FAILURES ", "FAILED | ", "ok | ")):
            self._close()
            return False
        if not self._message:
            if not line.startswith("error: ") or self._is_reported:
                return not line.strip() or self._is_reported
            line = line.removeprefix("error: ")
        if line.strip() and len(self._message) < 20:
            self._message.append(line.strip())
        return True

    def _close(self) -> None:
        head = self._head
        if head and self._message:
            self._found(head["file"], head["line"], head["column"], head)
        self._head = None

    def _found(self, file: str, line: str, column: str, head: re.Match[str]) -> None:
        if not self._message:
            return
        message, self._message, self._is_reported = "\n".join(self._message), [], True
        span = self.report.span(file, line, column, unit=ColumnUnit.UTF16)
        self.add(span, Severity.ERROR, message, "deno")
        path = (head["file"], *head["name"].split(" ... "))
        known = next((test for test in self.report.tests if test.path == path), None)
        self.report.add_test(
            path,
            TestState.FAILED,
            "deno",
            duration=known.duration if known else None,
            message=message,
            span=span,
        )
