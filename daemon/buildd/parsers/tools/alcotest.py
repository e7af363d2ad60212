"""Reads the results of Alcotest, a test framework for OCaml."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_RESULT = re.compile(
    r"(?:[> ] |│ )\[(?P<state>OK|FAIL|SKIP)\] +(?P<suite>\S.*?) {2,}(?P<number>\d+) {3}"
    r"(?P<name>\S.*?)\.? *│?$"
)
_FRAME = re.compile(
    r"(?:Raised|Called|Re-raised) (?:at|from) \S+ in file \"(?P<file>[^\"\n]+)\"(?: \(inlined\))?, "
    r"lines? (?P<line>\d+)(?:-\d+)?, characters (?P<start>\d+)-\d+$"
)
_END = re.compile(
    r"(?: ─{10,}|Logs saved to |Full test results in |The full test results|\d+ failure)"
)
_STATES = {"OK": TestState.PASSED, "FAIL": TestState.FAILED, "SKIP": TestState.SKIPPED}


class Alcotest(Parser):
    """Reads one line per test, and for a failed one a box with its name and the output below."""

    TOOLS = "Alcotest"
    LEVEL = ("text", "tests")
    HINTS = ("[OK] ", "[FAIL] ", "[SKIP] ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._path: tuple[str, str] | None = None
        self._message: list[str] = []
        self._frames: list[Span] = []

    def begin(self, line: str) -> bool:
        self._close()
        match = _RESULT.match(line)
        if not match:
            return False
        path = (match["suite"], match["name"])
        if line.startswith("│"):
            self._path, self._message, self._frames = path, [], []
        else:
            self.report.add_test(path, _STATES[match["state"]], "alcotest")
        return True

    def more(self, line: str) -> bool:
        if not self._path:
            return False
        if _END.match(line) or _RESULT.match(line):
            self._close()
            return False
        if match := _FRAME.match(line):
            if "alcotest" not in match["file"] and not match["file"].startswith("stdlib"):
                start = match["start"]
                column = int(start) + 1 if len(start) < 9 else None
                self._frames.append(self.report.span(match["file"], match["line"], column))
        elif not line.startswith(("└", "ASSERT ")) and len(self._message) < 60:
            self._message.append(line)
        return True

    def finish(self) -> None:
        self._close()

    def _close(self) -> None:
        path, self._path = self._path, None
        if not path:
            return
        text = "\n".join(self._message).strip()
        span = self._frames[0] if self._frames else NOWHERE
        self.add(span, Severity.ERROR, text or "failed", "alcotest")
        for frame in self._frames[1:20]:
            self.note(frame, "called from here")
        place = span if span.file else None
        self.report.add_test(path, TestState.FAILED, "alcotest", message=text, span=place)
