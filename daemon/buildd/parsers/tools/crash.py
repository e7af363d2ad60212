"""Reads where a program crashed, as lldb, backward-cpp and minidump_stackwalk print it."""

from __future__ import annotations

import re
from typing import ClassVar

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.native_frames import is_own

_ABORTING = ("assert", "terminate", "glibc", "libstdc++", "malloc")


def has_reported_cause(report: ParseResult) -> bool:
    """Returns whether a program that aborted has printed the reason before."""
    return any(diagnostic.source in _ABORTING for diagnostic in report.diagnostics[-1:])


class Lldb(Parser):
    """Reads a reason and the stack frames below, the innermost first; a backtrace repeats them."""

    TOOLS = "lldb"
    HINTS = (", stop reason = ", "frame #")
    _REASON: ClassVar[re.Pattern[str]] = re.compile(
        r"(?P<selected>\* )? *thread #(?P<thread>\d+).*, stop reason = (?P<message>(?:hit program "
        r"assert|signal SIG(?!INT|TRAP|STOP|TSTP|CONT|WINCH|CHLD|USR|TERM)|EXC_(?!BREAKPOINT)|"
        r"Exception 0x|ESR_EC|Address Sanitizer|.* detected by ).*)"
    )
    _FRAME: ClassVar[re.Pattern[str]] = re.compile(
        r"[ *]*frame #(?P<number>\d+): 0x[0-9a-f]+ [^`\n]*`(?P<function>.*?)"
        r"(?: \[(?:inlined|opt|artificial)\][^\n]*?)? at "
        r"(?P<file>[^\n]+?):(?P<line>\d+)(?::(?P<column>\d+))?(?: \[[\w ]+\])*$"
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._message = ""
        self._is_open = False

    def begin(self, line: str) -> bool:
        if match := self._REASON.match(line):
            # A backtrace repeats the reason of the stopped thread.
            is_repeat = match["message"] == self._message or (
                self.at is not None and self.report.diagnostics[self.at].message == match["message"]
            )
            if not is_repeat:
                self.finish()
                self._message, self.at = match["message"], None
            self._is_open = True
            return True
        if " thread #" in line[:20] or line.startswith("thread #"):
            self._is_open = False
            return False
        match = self._FRAME.match(line) if self._is_open else None
        if not match:
            return False
        if is_own(match["function"], match["file"]):
            self._frame(match)
        return True

    def finish(self) -> None:
        """Reports a crash without a frame in the project's own code."""
        message, self._message = self._message, ""
        if message and not (message == "signal SIGABRT" and has_reported_cause(self.report)):
            self.add(NOWHERE, Severity.ERROR, message, "lldb")

    def _frame(self, match: re.Match[str]) -> None:
        span = self.report.span(match["file"], match["line"], match["column"], unit=ColumnUnit.BYTE)
        if self._message:
            message, self._message = self._message, ""
            self.add(span, Severity.ERROR, message, "lldb")
        elif self.at is not None and self.report.diagnostics[self.at].span != span:
            self.note(span, f"in {match['function'].partition('(')[0]}")


class Backward(Parser):
    """Reads stack frames with source code around each; the innermost frame is last."""

    TOOLS = "backward-cpp"
    HINTS = ("Stack trace (most recent call last)",)
    _FRAME: ClassVar[re.Pattern[str]] = re.compile(
        r"#(?P<number>\d+) +(?:Source \"(?P<file>[^\"]*)\", line (?P<line>\d+), in "
        r"(?P<function>.*?)(?: \[0x[0-9a-f]+\])?|Object \".*)$"
    )
    _CODE: ClassVar[re.Pattern[str]] = re.compile(r" +>? +\d+: |\s*$|      >")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._frames: list[tuple[Span, str]] = []
        self._is_open = False

    def begin(self, line: str) -> bool:
        self._frames, self._is_open = [], True
        return True

    def more(self, line: str) -> bool | None:
        if not self._is_open:
            return False
        if match := self._FRAME.match(line):
            if match["file"] and is_own(match["function"], match["file"]):
                span = self.report.span(match["file"], match["line"])
                self._frames.append((span, match["function"]))
            return True
        if self._CODE.match(line):
            return True
        reason = re.match(r"[A-Z][\w ]+\(.*\)$", line)
        self._place(line if reason else "")
        return bool(reason)

    def finish(self) -> None:
        if self._is_open:
            self._place("")

    def _place(self, message: str) -> None:
        self._is_open = False
        if not self._frames:
            return
        (span, function), *outer = reversed(self._frames)
        message = message or f"Stack trace from {function}"
        self.add(span, Severity.ERROR, message, "backward")
        for place, name in outer:
            self.note(place, f"in {name}")


class Minidump(Parser):
    """Reads the thread that crashed; the other threads do not matter."""

    TOOLS = "minidump_stackwalk, minidump-stackwalk"
    HINTS = ("Crash reason: ", " (crashed)")
    _FRAME: ClassVar[re.Pattern[str]] = re.compile(
        r" ?(?P<number>\d+)  \S+!(?P<function>.*?) \[(?P<file>[^\]\n]+?) : (?P<line>\d+)"
        r"(?: \+ 0x[0-9a-f]+)?\]$"
    )
    _REASON: ClassVar[re.Pattern[str]] = re.compile(r"Crash reason: +(?P<message>\S.*)")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._message = ""
        self._in_frames = False

    def begin(self, line: str) -> bool:
        if match := self._REASON.match(line):
            self.finish()
            self._message = match["message"].strip()
            return True
        self._in_frames = bool(re.match(r"Thread \d+ .*\(crashed\)", line))
        self.at = None
        return self._in_frames

    def more(self, line: str) -> bool | None:
        if not self._in_frames:
            return False
        if line.startswith("Thread "):
            self._in_frames = False
            return False
        match = self._FRAME.match(line)
        if match and is_own(match["function"], match["file"]):
            span = self.report.span(match["file"], match["line"])
            if self.at is None:
                message, self._message = self._message or "crashed", ""
                self.add(span, Severity.ERROR, message, "minidump")
            else:
                self.note(span, f"in {match['function'].partition('(')[0]}")
        return True if line.strip() else None

    def finish(self) -> None:
        message, self._message = self._message, ""
        if message and message != "No crash":
            self.add(NOWHERE, Severity.ERROR, message, "minidump")
