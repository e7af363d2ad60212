"""Reads what the Linux kernel prints about its own code, and the results of KUnit."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_TIME = r"(?:<\d+>)?(?:\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?)?"
_FILE = r"(?P<file>[^\s:][^:\s]*\.[chS]):(?P<line>\d+)"
_BUG = re.compile(rf"{_TIME}(?P<message>kernel BUG) at {_FILE}!")
_WARNING = re.compile(
    rf"{_TIME}WARNING: (?:CPU: \d+ PID: \d+ )?at {_FILE}(?: at)? (?P<function>[\w.]+)\+0x"
)
_SLEEPING = re.compile(
    rf"{_TIME}BUG: (?P<message>sleeping function called from invalid context) at {_FILE}"
)
_FAILED = re.compile(
    rf"{_TIME} *# (?P<test>\S+): (?P<message>(?:EXPECTATION|ASSERTION) FAILED) at {_FILE}$"
)
_SANITIZER = re.compile(
    rf"{_TIME}BUG: (?P<source>KASAN|KCSAN|KMSAN|KFENCE): (?P<message>\S[^\n]*?)"
    rf"(?:\+0x.*| \({_FILE}\).*)?$"
)
_UNDEFINED = re.compile(
    rf"{_TIME}(?P<source>UBSAN): (?P<message>\S[^\n]*?) in {_FILE}(?::(?P<column>\d+))?$"
)
_UNTIMED = re.compile(rf"{_TIME}(?P<text>\S.*)")
_DETAIL = re.compile(rf"{_TIME} {{4,}}(?P<text>\S.*)")


class Kernel(Parser):
    """Reads a place; for KUnit, the expectation follows below."""

    TOOLS = "Linux, KASAN, KCSAN, KUnit"
    HINTS = ("BUG: K", "UBSAN: ", "kernel BUG at ", "WARNING: CPU: ", "WARNING: at ",
             "BUG: sleeping ", " FAILED at ")  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_test = False
        self._is_head = False
        """Whether the next line may say more about what a sanitizer found."""

    def begin(self, line: str) -> bool:
        self._is_test = self._is_head = False
        if match := _SANITIZER.match(line) or _UNDEFINED.match(line):
            group = match.groupdict()
            span = self.report.span(group.get("file"), group["line"], group.get("column"))
            self.add(span, Severity.ERROR, match["message"], match["source"])
            self._is_head = True
            return True
        severity, source = Severity.ERROR, "linux"
        if match := _FAILED.match(line):
            self._is_test, source = True, "kunit"
        elif match := _BUG.match(line) or _SLEEPING.match(line):
            pass
        elif match := _WARNING.match(line):
            severity = Severity.WARNING
        else:
            return False
        message = match.groupdict().get("message") or f"warning in {match['function']}"
        span = self.report.span(match["file"], match["line"])
        self.add(span, severity, message, source)
        return True

    def more(self, line: str) -> bool | None:
        if self._is_head:
            match = _UNTIMED.match(line)
            self._is_head = False
            if match and not match["text"].startswith(("=", "-", "CPU: ", "Call Trace")):
                self.lengthen(match["text"])
                return True
            return False
        match = _DETAIL.match(line) if self._is_test else None
        if not match or match["text"].startswith(("#", "not ok ", "ok ")):
            return False
        self.lengthen(match["text"])
        return True
