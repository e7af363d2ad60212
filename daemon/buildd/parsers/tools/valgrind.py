"""Reads valgrind: memcheck, helgrind and drd."""

from __future__ import annotations

import re

from buildd.model import Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.native_frames import is_own

_LINE = re.compile(r"(?:==|--)(?:[\d:.]+ )?(?P<process>\d+)(?:==|--) ?(?P<rest>.*)")
_FRAME = re.compile(
    r" +(?:at|by) 0x[0-9A-Fa-f]+: (?P<function>.*) \((?P<file>[^()]+):(?P<line>\d+)\)$"
)
_ANY_FRAME = re.compile(r" +(?:at|by) 0x[0-9A-Fa-f]+: ")
_SECOND = re.compile(
    r" |This conflicts |Observed |Required |Other segment |Allocation context|Thread #?\d+:?$|"
    r"Locks held|Thread #\d+ (?:was created|is the program)|.*first observed at:?$|Address 0x|"
    r"---|Thread \d+ [^:]*:$|Block was "
)
_BANNER = re.compile(
    r"\w+, an? \w|Copyright |Using |Command: |Parent PID|HEAP SUMMARY|LEAK SUMMARY|ERROR SUMMARY|"
    r"FILE DESCRIPTORS|For |All heap|Rerun |Use (?!of )|Searching "
)
_LEAK = re.compile(r"[\d,]+ (?:\([^)]*\) )?bytes in [\d,]+ blocks are (?P<kind>[a-z]+ \w+)")
_SEVERITIES = {"still reachable": Severity.INFORMATION}
_VOLATILE = re.compile(r" in loss record [\d,]+ of [\d,]+| at 0x[0-9A-Fa-f]+| by thread #?\d+")


class Valgrind(Parser):
    """Reads a first line, its stack, and titled stacks below; each line begins with the process."""

    TOOLS = "valgrind (memcheck, helgrind, drd)"
    HINTS = ("\n==",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._process = ""
        self._head = ""
        """The last line that may be the first of a diagnostic."""
        self._details: list[str] = []
        self._title = ""
        self._is_open = False
        """Whether stacks belong to a diagnostic, new or repeated."""
        self._has_frames = False

    def begin(self, line: str) -> bool:
        match = _LINE.match(line)
        if not match:
            return False
        if match["process"] != self._process:
            self._close()
            self._process = match["process"]
        rest = match["rest"]
        if _ANY_FRAME.match(rest):
            self._frame(rest)
        elif not rest.strip():
            self._title = ""
            return self._is_open or bool(self._head)
        elif _BANNER.match(rest):
            self._close()
            return False
        elif _SECOND.match(rest):
            self._second(rest)
        else:
            self._close()
            self._head = rest.strip()
        return True

    def finish(self) -> None:
        self._close()

    def _frame(self, rest: str) -> None:
        if not self._head and not self._is_open:
            return
        self._has_frames = True
        match = _FRAME.match(rest)
        if not match or not is_own(match["function"], match["file"]):
            return
        span = self.report.span(match["file"], match["line"])
        if self._head:
            self._place(span)
            self._title = "in {}"
        elif self._title:
            self.note(span, self._title.format(match["function"]))
            if self._title != "in {}":
                self._title = ""

    def _second(self, rest: str) -> None:
        text = rest.strip()
        if text.startswith("---"):
            self._close()
        elif self._head:
            if text.startswith(("Access not within", "Bad permissions", "General Protection")):
                self._details.append(_VOLATILE.sub("", text) if "0x0" not in text else text)
        elif self._is_open and not text.startswith("Locks held"):
            self._title = _VOLATILE.sub("", text).rstrip(":").replace("{", "(").replace("}", ")")

    def _place(self, span: Span) -> None:
        head, self._head = self._head, ""
        severity, code = Severity.ERROR, ""
        if leak := _LEAK.match(head):
            code = leak["kind"]
            severity = _SEVERITIES.get(code, Severity.WARNING)
        elif head.startswith("Open "):
            severity = Severity.WARNING
        message = "\n".join([_VOLATILE.sub("", head), *self._details])
        self.at = self.add(span, severity, message, "valgrind", code)
        self._is_open = True

    def _close(self) -> None:
        """Adds a diagnostic whose stack has no frame in the project's own code."""
        if self._head and self._has_frames:
            self._place(NOWHERE)
        self._head, self._details, self._title = "", [], ""
        self._is_open = self._has_frames = False
