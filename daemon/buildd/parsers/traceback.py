"""Python's tracebacks and warnings."""

from __future__ import annotations

import re

from buildd.model import Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import Report

_START = re.compile(r"[ |+]*(?:Exception Group )?Traceback \(most recent call last\):$")
_FRAME = re.compile(r' *File "(?P<file>[^"\n]+)", line (?P<line>\d+)(?P<rest>, in .*)?$')
_END = re.compile(r"(?P<type>[A-Za-z_][\w.]*)(?:: .*)?$")
_GROUP = re.compile(r" *\|(?: |$)")
_WARNING = re.compile(
    r"(?P<file>[^\s:][^:\n]*\.py):(?P<line>\d+): (?P<code>\w*Warning): (?P<message>.*)"
)
_OTHERS = ("/site-packages/", "/dist-packages/", "/lib/python", "<")
_LIMIT = 5000
"""Lines of one traceback."""


def is_other(file: str) -> bool:
    """Whether a frame lies in what the user did not write."""
    return any(part in file for part in _OTHERS)


class Traceback(Parser):
    """One finding for each exception: at the innermost frame of the user's own code. Columns are
    not told: the marks below a source line count from its first letter."""

    TOOLS = "Python: tracebacks, syntax errors, warnings"
    HINTS = ("Traceback (most recent call last):", '  File "', "Warning: ")

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._frames: list[Span] = []
        self._lines = 0
        self._state = ""

    def begin(self, line: str) -> bool:
        if match := _WARNING.match(line):
            if not is_other(match["file"]):
                span = self.report.span(match["file"], match["line"])
                self.add(span, Severity.WARNING, match["message"], "python", match["code"])
            self._state = "warning"
            return True
        self._frames, self._lines, self._state = [], 0, "trace"
        if _START.match(line):
            return True
        # A syntax error of a file that was only compiled has no head.
        if (match := _FRAME.match(line)) and not match["rest"]:
            self._frame(match)
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._state == "warning":
            # Below it stands the source line.
            self._state = ""
            return line.startswith("  ")
        self._lines += 1
        if self._state != "trace" or self._lines > _LIMIT:
            return False
        if match := _GROUP.match(line):
            line = line[match.end() :]
        if match := _FRAME.match(line):
            self._frame(match)
        elif _START.match(line):
            self._frames = []
        elif match := _END.match(line):
            self._end(match)
        elif line and not line.startswith((" ", "+")):
            return False
        return True

    def _frame(self, match: re.Match[str]) -> None:
        self._frames.append(self.report.span(match["file"], match["line"]))

    def _end(self, match: re.Match[str]) -> None:
        frames, self._frames, self._state = self._frames, [], ""
        own = [one for one in frames if not is_other(one.file)] or frames
        if not own:
            return
        *outer, inner = own
        code = match["type"].rpartition(".")[2]
        self.add(inner, Severity.ERROR, match[0], "python", code)
        for one in reversed(outer[-20:]):
            self.note(one, "called from here")
