"""Reads `bun test`, `bun build` and `bun run`."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.web_files import STACK

_FILE = re.compile(
    r"(?P<file>[^\s:][^:\n]*\.(?:test|spec|_test|_spec|test_|spec_)?\.?[cm]?[jt]sx?):$"
)
_CASE = re.compile(
    r"(?P<sign>\((?:pass|fail|skip|todo)\)|[✓✗»✎]) (?P<title>.+?)"
    r"(?: \[(?P<time>[\d.]+)(?P<unit>ms|s|m)\])?$"
)
_SOURCE = re.compile(r"(?P<line>\d+) \| ")
_ERROR = re.compile(r"(?P<kind>error|warn|note|[A-Z]\w*Error): (?P<message>.*)$")
_AT = re.compile(STACK + "$")
_STATES = {
    "pass": TestState.PASSED, "✓": TestState.PASSED, "fail": TestState.FAILED,
    "✗": TestState.FAILED, "skip": TestState.SKIPPED, "»": TestState.SKIPPED,
    "todo": TestState.SKIPPED, "✎": TestState.SKIPPED,
}  # fmt: skip
_FACTOR = {"ms": 0.001, "s": 1.0, "m": 60.0}


class Bun(Parser):
    """Reads source lines, a mark, `error: …` and `at /a.ts:1:2`; for tests `(fail) suite > test`.

    Columns count UTF-16 units.
    """

    TOOLS = "bun test, bun build, bun run"
    LEVEL = ("text", "tests")
    HINTS = (
        *(" | ", "\nbun test v", "\n(pass) ", "\n(fail) ", "\n(skip) ", "\n(todo) "),
        *("\n✓ ", "\n✗ ", "\n» ", "\n✎ ", "ts:", "js:", "tsx:", "jsx:"),
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_test = False
        self._file = ""
        self._message: list[str] = []
        self._span: Span | None = None
        self._has_mark = False
        self._kind = Severity.ERROR
        self._state = "source"
        """What is being read: `source`, `message` or `stack`."""

    def begin(self, line: str) -> bool | None:
        if line.startswith("bun test v"):
            self._is_test = True
            return True
        if self._is_test and (match := _CASE.match(line)):
            self._case(match)
            return True
        if self._is_test and (match := _FILE.match(line)):
            self._file = match["file"]
            return True
        if _SOURCE.match(line):
            self._message, self._state, self._has_mark = [], "source", False
            return None
        return False

    def more(self, line: str) -> bool | None:
        if self._is_test and (match := _CASE.match(line)):
            self._case(match)
            return True
        if self._state == "source":
            if _SOURCE.match(line) or line.strip() == "^":
                self._has_mark = line.strip() == "^"
                return None
            if self._has_mark and (match := _ERROR.match(line)):
                kind = match["kind"]
                is_plain = kind in ("error", "warn", "note")
                self._message = [match["message"] if is_plain else line]
                self._kind = {"warn": Severity.WARNING, "note": Severity.INFORMATION}.get(
                    kind, Severity.ERROR
                )
                self._state = "message"
                return True
            return False
        if match := _AT.match(line):
            self._at(match)
            return True
        if self._state == "message":
            if line.strip() and len(self._message) < 20:
                self._message.append(line.strip())
            return len(self._message) < 20
        return False

    def _at(self, match: re.Match[str]) -> None:
        span = self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
        )
        if "node_modules/" in match["file"]:
            return
        if self._state == "message":
            self._state, self._span = "stack", span
            self.add(span, self._kind, "\n".join(self._message), "bun")
        else:
            self.note(span, "called from here")

    def _case(self, match: re.Match[str]) -> None:
        state = _STATES[match["sign"].strip("()")]
        path = (*((self._file,) if self._file else ()), *match["title"].split(" > "))
        time = None
        if match["time"] and match["time"].count(".") < 2:
            time = round(float(match["time"]) * _FACTOR[match["unit"]], 6)
        is_failed = state is TestState.FAILED and self._span is not None
        self.report.add_test(
            path,
            state,
            "bun",
            duration=time,
            message="\n".join(self._message) if is_failed else "",
            span=self._span if is_failed else None,
        )
        self._message, self._span, self._state = [], None, "stack"
