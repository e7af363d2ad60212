"""Reads the stack traces of unhandled .NET exceptions."""

from __future__ import annotations

import re

from buildd.model import Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_HEAD = re.compile(
    r"(?:Unhandled exception[.:]|Unhandled Exception:|Process terminated\.) ?(?P<message>.*)"
)
_TYPED = re.compile(r"(?P<message>(?:[A-Z]\w*\.)+\w*Exception(?: \(0x[0-9A-Fa-f]+\))?: .+)$")
_FRAME = re.compile(r"\s+at (?P<method>\S.*?)(?: in (?P<file>[^\n]+):line (?P<line>\d+))?\s*$")
_INNER = re.compile(r"\s*---> (?:\(Inner Exception #\d+\) )?(?P<message>.*)")
_SEPARATOR = re.compile(r"\s*--- End of .* ---\s*$")
FOREIGN = re.compile(r"/_/|/usr/(?!src/)|.*[\\/]_work[\\/]1[\\/]s[\\/]|[A-Z]:\\(?:Program|__w)")


class DotnetTrace(Parser):
    """Reads one stack trace; its place is the innermost frame in a file of the project."""

    TOOLS = ".NET: stack traces"
    HINTS = ("Unhandled exception", "Unhandled Exception: ", "Exception: ", "Process terminated.")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._messages: list[str] = []
        self._frames: list[tuple[Span, str]] = []
        self._has_frames = False
        self._is_sure = False
        self._lines = 0

    def begin(self, line: str) -> bool:
        self._close()
        if line == "Unhandled exception:":
            return False  # Dart prints this line
        match = _HEAD.match(line)
        self._is_sure = bool(match)
        match = match or _TYPED.match(line)
        if not match:
            return False
        self._messages = [match["message"]] if match["message"] else []
        self._frames, self._has_frames, self._lines = [], False, 0
        return True

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if (match := _FRAME.match(line)) and (self._messages or self._is_sure):
            self._has_frames = True
            if match["file"] and not FOREIGN.match(match["file"]):
                span = self.report.span(match["file"], match["line"])
                self._frames.append((span, match["method"].partition("(")[0]))
            return True
        if match := _INNER.match(line):
            self._messages.append(match["message"])
            return True
        if _SEPARATOR.match(line):
            return True
        if not self._has_frames and self._lines < 12 and line:
            if self._is_sure and not self._messages:
                self._messages.append(line.strip())
                return True
            return None
        self._close()
        return False

    def finish(self) -> None:
        self._close()

    def _close(self) -> None:
        messages, self._messages = self._messages, []
        if not messages or not (self._has_frames or self._is_sure):
            return
        frames, self._frames = self._frames, []
        message = "\n---> ".join(messages)
        self.add(frames[0][0] if frames else NOWHERE, Severity.ERROR, message, "dotnet")
        for span, method in frames[1:50]:
            self.note(span, f"in {method}")
