"""Reads the messages of PHP itself, and of `php -l`."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.trace_parser import TraceParser

_HEAD = re.compile(
    # PHPUnit's progress may come first
    r"(?:\[[^\]\n]{10,40}\] |[.DEFINRSW]+(?=PHP ))?"
    r"(?:PHP )?(?P<kind>Parse error|Fatal error|Catchable fatal error|"
    r"Recoverable fatal error|Core error|Compile error|Warning|Notice|Deprecated|"
    r"Strict Standards|Core warning|Compile warning): {1,2}(?P<message>\S.*)"
)
_PLACE = re.compile(
    r"(?P<message>.*) in (?P<file>\S[^\n]*?)(?: on line |:)(?P<line>\d+)$", re.DOTALL
)
_FRAME = re.compile(r"#\d+ (?P<file>[^\n(]+)\((?P<line>\d+)\): (?P<call>.*)$")
_CODE = re.compile(r"(?:PHP )?Uncaught (?P<type>\\?[A-Za-z_][\w\\]*)")
_KINDS = {
    "Warning": Severity.WARNING,
    "Core warning": Severity.WARNING,
    "Compile warning": Severity.WARNING,
    "Deprecated": Severity.WARNING,
    "Notice": Severity.INFORMATION,
    "Strict Standards": Severity.INFORMATION,
}


def is_other(file: str) -> bool:
    """Returns whether a stack frame lies in a library."""
    return "/vendor/" in file.replace("\\", "/") or file.startswith("[") or "phar://" in file


class Php(TraceParser):
    """Reads one line per diagnostic; below an exception is its stack."""

    TOOLS = "PHP"
    HINTS = (*(f"{kind}: " for kind in ("arse error", "atal error", "Core error", "Compile error",
             "Warning", "Notice", "Deprecated", "Strict Standards", "warning")),)  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._kind = Severity.ERROR
        self._text: list[str] = []
        """The message of an uncaught exception, until its place is read."""
        self._state = ""

    def begin(self, line: str) -> bool:
        match = _HEAD.match(line)
        self._state = ""
        if not match:
            return False
        self._kind = _KINDS.get(match["kind"], Severity.ERROR)
        message = match["message"]
        if message.startswith("Uncaught "):
            self._text, self._state = [message], "message"
            self._end_message(message)
            return True
        if (found := _PLACE.match(message)) and " on line " in message:
            span = self.report.span(found["file"], found["line"])
            self.add(span, self._kind, found["message"], "php")
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._state == "message":
            self._text.append(line)
            if len(self._text) > 50:
                self._state = ""
                return False
            self._end_message(line)
            return True
        if self._state != "stack":
            return False
        if match := _FRAME.match(line):
            if not is_other(match["file"]) and self.at is not None:
                span = self.report.span(match["file"], match["line"])
                self.call(span, f"called from here: {match['call'][:200]}")
            return True
        if line.startswith("  thrown in "):
            self._state = ""
            return True
        return line.startswith(("Stack trace:", "#", "Next ")) or not line

    def _end_message(self, line: str) -> None:
        match = _PLACE.match("\n".join(self._text)) if " in " in line else None
        if not match:
            return
        code = found["type"] if (found := _CODE.match(self._text[0])) else ""
        self.is_placed = not is_other(match["file"])
        span = self.report.span(match["file"], match["line"])
        self.add(span, self._kind, match["message"], "php", code)
        self._state = "stack"
