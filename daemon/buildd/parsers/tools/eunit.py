"""Reads the results of EUnit, Erlang's unit test framework."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_RESULT = re.compile(
    r" *(?P<module>\w+)(?::\d+)?: (?P<name>\S+?)(?: \((?P<title>[^\n]*)\))?\.\.\."
    r"(?:\[(?P<seconds>[\d.]+) s\] ?)?"
    r"(?P<state>ok|\*failed\*|\*skipped\*)$"
)
_AT = re.compile(r"in (?:function|call from) \S+ \((?P<file>[^,()\n]+), line (?P<line>\d+)\)$")
_REASON = re.compile(r"\*\*(?P<kind>error|exit|throw):(?P<reason>.*)$")
_END = re.compile(r"={20,}$|  output:")


class Eunit(Parser):
    """Reads a failed test, the frames below it, the innermost first, and the reason."""

    TOOLS = "EUnit"
    LEVEL = ("text", "tests")
    HINTS = ("...ok", " s] ok", "...*failed*", " s] *failed*", "...*skipped*")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._path: tuple[str, str] | None = None
        self._frames: list[Span] = []
        self._reason: list[str] = []
        self._lines = 0

    def begin(self, line: str) -> bool:
        self._close()
        match = _RESULT.match(line)
        if not match:
            return False
        path = (match["module"], match["title"] or match["name"])
        if match["state"] == "*failed*":
            self._path, self._frames, self._reason, self._lines = path, [], [], 0
            return True
        state = TestState.PASSED if match["state"] == "ok" else TestState.SKIPPED
        seconds = match["seconds"]
        duration = float(seconds) if seconds and re.fullmatch(r"\d+\.\d+", seconds) else None
        self.report.add_test(path, state, "eunit", duration=duration)
        return True

    def more(self, line: str) -> bool:
        if not self._path:
            return False
        self._lines += 1
        if _END.match(line) or _RESULT.match(line) or self._lines > 200:
            self._close()
            return False
        if match := _AT.match(line):
            file = match["file"]
            if not file.endswith("eunit_test.erl") and not file.startswith("eunit"):
                self._frames.append(self.report.span(file, match["line"]))
        elif match := _REASON.match(line):
            self._reason = [f"{match['kind']}: {match['reason']}"]
        elif self._reason and line.strip() and len(self._reason) < 40:
            self._reason.append(line.rstrip())
        return True

    def finish(self) -> None:
        self._close()

    def _close(self) -> None:
        path, self._path = self._path, None
        if not path:
            return
        text = "\n".join(self._reason)
        span = self._frames[0] if self._frames else NOWHERE
        # The reason holds the line of the failed assertion.
        if match := re.search(r"\{line,(\d+)\}", text):
            span = self.report.span(span.file or f"{path[0]}.erl", match[1])
        self.add(span, Severity.ERROR, text or "failed", "eunit")
        for frame in self._frames:
            if frame != span:
                self.note(frame, "called from here")
        self.report.add_test(
            path, TestState.FAILED, "eunit", message=text, span=span if span.file else None
        )
