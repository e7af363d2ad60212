"""Reads gdb's backtraces after a signal, and those of Boost and std::stacktrace."""

from __future__ import annotations

import re

from buildd.model import Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.native_frames import is_own
from buildd.parsers.tools.crash import has_reported_cause

_SIGNAL = re.compile(
    r"(?:Program|Thread (?P<thread>\d+)(?: \"[^\"]*\")?) (?:received|terminated with) signal "
    r"(?P<message>SIG(?!INT|TRAP|STOP|TSTP|CONT|WINCH|CHLD|USR|TERM)\w+, .*)\.$"
)
_THREAD = re.compile(r"Thread (?P<thread>\d+) \(")
_FRAME = re.compile(
    r"#(?P<number>\d+) +(?:0x[0-9a-f]+ in )?(?P<function>.*?) \(.*\)"
    r"(?: at (?P<file>[^\n]+):(?P<line>\d+)|(?: from \S.*)?)$"
)
_OTHER_FRAME = re.compile(r"#\d+ +(?:0x|<|\S+ \()")
_TOP = re.compile(
    r"(?:0x[0-9a-f]+ in )?(?P<function>[\w:~<>, ]+?) \(.*\) at (?P<file>[^\n]+):(?P<line>\d+)$"
)


# Qt Test runs a debugger, if there is one.
_DUMPING = re.compile(r"=== (?P<message>Received signal) at function time: .*dumping stack ===")


class Gdb(Parser):
    """Reads one diagnostic per signal, at the innermost frame in the project's own code."""

    TOOLS = "gdb"
    HINTS = (" signal SIG", "\n=== Received signal at ", "\n#", "\nThread ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._message = ""
        self._top: Span | None = None
        """The place where the program stopped, which gdb prints before any backtrace."""
        self._thread = "1"
        self._is_other = False
        """Whether the backtrace is that of a thread that did not stop."""
        self._next = -1
        """The number of the backtrace's next frame; below 0 outside of a backtrace."""

    def begin(self, line: str) -> bool:
        if match := _SIGNAL.match(line) or _DUMPING.match(line):
            self._place(self._top)
            self._message, self._top, self.at = match["message"], None, None
            thread = match.groupdict().get("thread")
            self._thread, self._is_other, self._next = thread or "1", False, -1
            return True
        if not self._message and self.at is None:
            return False
        if match := _THREAD.match(line):
            self._is_other = match["thread"] != self._thread
            return True
        if line.startswith("#") and _OTHER_FRAME.match(line):
            return self._frame(line)
        return False

    def more(self, line: str) -> bool | None:
        if self._message and self._top is None and (match := _TOP.match(line)):
            self._top = self.report.span(match["file"], match["line"])
            return True
        # `bt full` prints the variables of each frame below it.
        return True if line.startswith("        ") or line == "No locals." else None

    def finish(self) -> None:
        self._place(self._top)

    def _frame(self, line: str) -> bool:
        if line.startswith("#0 "):
            self._next = 0
        elif self._next < 0:
            return False
        self._next += 1
        match = _FRAME.match(line)
        if self._is_other or not match or not match["file"]:
            return True
        if is_own(match["function"], match["file"]):
            span = self.report.span(match["file"], match["line"])
            if self._message:
                self._place(span)
            elif self.at is not None:
                place = self.report.diagnostics[self.at].span
                if span != place:
                    self.note(span, f"in {match['function']}")
        return True

    def _place(self, span: Span | None) -> None:
        message, self._message = self._message, ""
        if not message:
            return
        if not span and message.startswith("SIGABRT") and has_reported_cause(self.report):
            return
        last = self.report.diagnostics[-3:]
        if span and message.startswith("SIGABRT"):
            # The code that aborted the program may have printed the reason and the place itself.
            for number, diagnostic in enumerate(last, len(self.report.diagnostics) - len(last)):
                if (diagnostic.span.file, diagnostic.span.line) == (span.file, span.line):
                    self.at = number
                    return
        self.add(span or NOWHERE, Severity.ERROR, message, "gdb")


class Stacktrace(Parser):
    """Reads one diagnostic per trace, whose frames Boost and the standard library number."""

    TOOLS = "Boost.Stacktrace, std::stacktrace"
    HINTS = ("# ",)
    _FRAME = re.compile(
        r" {0,3}(?P<number>\d+)# (?P<function>.+?)(?: at (?P<file>/[^\n:]+):(?P<line>\d+)| in .+)$"
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._next = 0
        self._has_place = False

    def begin(self, line: str) -> bool:
        match = self._FRAME.match(line)
        if not match or match["number"] != "0":
            return False
        self._next, self._has_place = 0, False
        return self._frame(match)

    def more(self, line: str) -> bool | None:
        match = self._FRAME.match(line)
        return bool(match) and match is not None and self._frame(match)

    def _frame(self, match: re.Match[str]) -> bool:
        if match["number"] != str(self._next):
            return False
        self._next += 1
        if match["file"] and is_own(match["function"], match["file"]):
            span = self.report.span(match["file"], match["line"])
            if self._has_place:
                self.note(span, f"in {match['function']}")
            else:
                self._has_place = True
                self.add(
                    span, Severity.ERROR, f"Stack trace from {match['function']}", "stacktrace"
                )
        return True
