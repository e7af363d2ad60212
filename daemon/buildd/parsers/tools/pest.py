"""Reads the results of Pest, a test framework for PHP, which prints failures with Collision."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.tools.php import is_other

_CLASS = re.compile(r" {2,}(?P<state>PASS|FAIL|WARN) +(?P<class>[\w\\]+)$")
_TEST = re.compile(
    r"  (?P<mark>[✓⨯!-]) (?P<name>\S.*?)(?: (?:→|->) (?P<why>.*?))?"
    r"(?: +(?P<seconds>\d+\.\d\d)s)?\s*$"
)
_FAILED = re.compile(
    r"  (?: FAILED +|• )(?P<class>[\w\\]+) (?:>|›) (?P<name>\S.*?)(?: {2,}(?P<type>[\w\\]+))?\s*$"
)
_PLACE = re.compile(r" +at (?P<file>\S[^\n]*?):(?P<line>\d+)$")
_FRAME = re.compile(r" +(?:\d+ +|\+?\d+: ?)?(?P<file>\S+\.php):(?P<line>\d+)$")
_SOURCE = re.compile(r" *(?:➜ *)?\d+▕")
_END = re.compile(r"  Tests: |  Duration: ")
_STATES = {
    "✓": TestState.PASSED,
    "⨯": TestState.FAILED,
    "!": TestState.PASSED,
    "-": TestState.SKIPPED,
}


class Pest(Parser):
    """Reads results below the class, then one block per failure: message, place, source, frames."""

    TOOLS = "Pest"
    LEVEL = ("text", "tests")
    HINTS = ("   PASS  ", "   FAIL  ", "   WARN  ", "   FAILED  ", "\n  • ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._class = ""
        self._failed: re.Match[str] | None = None
        self._message: list[str] = []
        self._frames: list[Span] = []

    def begin(self, line: str) -> bool:
        self._close()
        self._class = ""
        if match := _FAILED.match(line):
            self._failed, self._message, self._frames = match, [], []
            return True
        if match := _CLASS.match(line):
            self._class = match["class"]
            return True
        return False

    def more(self, line: str) -> bool:
        if self._failed:
            return self._read(line)
        match = _TEST.match(line) if self._class else None
        if match:
            seconds = match["seconds"]
            self.report.add_test(
                (self._class, match["name"]),
                _STATES[match["mark"]],
                "pest",
                duration=float(seconds) if seconds and len(seconds) < 12 else None,
                message=match["why"] or "",
            )
        return match is not None

    def finish(self) -> None:
        self._close()

    def _read(self, line: str) -> bool:
        if _FAILED.match(line) or _END.match(line) or line.startswith("  ────"):
            self._close()
            return False
        if match := _PLACE.match(line) or (_FRAME.match(line) if self._frames else None):
            if not is_other(match["file"]):
                self._frames.append(self.report.span(match["file"], match["line"]))
        elif not _SOURCE.match(line) and not self._frames and len(self._message) < 60:
            self._message.append(line.removeprefix("  "))
        return True

    def _close(self) -> None:
        failed, self._failed = self._failed, None
        if not failed:
            return
        text = "\n".join(self._message).strip()
        span = self._frames[0] if self._frames else NOWHERE
        code = (failed["type"] or "").rpartition("\\")[2]
        self.add(span, Severity.ERROR, text or "failed", "pest", code)
        for frame in self._frames[1:20]:
            self.note(frame, "called from here")
        self.report.add_test(
            (failed["class"], failed["name"]),
            TestState.FAILED,
            "pest",
            message=text,
            span=span if span.file else None,
        )
