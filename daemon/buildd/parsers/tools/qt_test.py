"""Reads the plain text log of Qt Test."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_LINE = re.compile(
    r"(?P<kind>PASS|FAIL!|SKIP|XFAIL|XPASS|BPASS|BFAIL|BXPASS|BXFAIL|BSKIP|QFATAL|INFO|RESULT"
    r"|QWARN|QDEBUG|QINFO|QSYSTEM|QCRITICAL) *: (?P<class>[\w:<>, ]+?)::(?P<test>[\w~]+)"
    r"(?P<rest>\(.*)"
)
_PLACE = re.compile(
    r"   Loc: \[(?:Unknown file\(0\)|(?P<file>[^\n]+?)(?:\((?P<line>\d+)\)|:(?P<row>\d+)))\]$"
    r"|(?P<msvc>[^\s(][^(\n]*)\((?P<number>\d+)\) : failure location$"
)
_ASSERT = re.compile(
    r"ASSERT(?: failure in [^\"]*)?: \"(?P<message>.*)\"(?: in|,) file (?P<file>[^\n]+), "
    r"line (?P<line>\d+)"
)
_TOTALS = re.compile(
    r"Totals: \d+ passed, |\*{9} (?:Start|Finished) testing of |Testing \w+$|Config: Using Qt"
)
_STATES = {
    "PASS": TestState.PASSED,
    "BPASS": TestState.PASSED,
    "FAIL!": TestState.FAILED,
    "XPASS": TestState.FAILED,
    "SKIP": TestState.SKIPPED,
    # Blacklisted tests do not count.
    "BSKIP": TestState.SKIPPED,
    "BFAIL": TestState.SKIPPED,
    "BXPASS": TestState.SKIPPED,
}
_LINES = 60


class QtTest(Parser):
    """Reads a result, the test's class, function and row, and the message; the place is below."""

    TOOLS = "Qt Test"
    LEVEL = ("text", "tests")
    HINTS = ("\nPASS   : ", "\nFAIL!  : ", "\nSKIP   : ", "\nXFAIL  : ", "\nXPASS  : ",
             "\nBPASS  : ", "\nBFAIL  : ", "\nBXPASS : ", "\nBXFAIL : ", "\nBSKIP  : ",
             "\nQFATAL : ", "\nINFO   : ", "\nRESULT : ", "\n********* ",
             "\nTotals: ")  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._open = ""
        """The kind of the line whose details follow."""
        self._path: tuple[str, ...] = ()
        self._message: list[str] = []
        self._fatal = ("", NOWHERE)
        """The message that ended the test, and its place."""
        self._failed: dict[tuple[str, ...], None] = {}

    def begin(self, line: str) -> bool:
        self._end()
        match = _LINE.match(line)
        if not match:
            return bool(_TOTALS.match(line))
        row, message = _split(match["rest"])
        names = (match["class"], f"{match['test']}({row})" if row else match["test"])
        kind = match["kind"]
        if kind == "QFATAL":
            self._set_fatal(message)
        elif kind in _STATES or kind == "XFAIL":
            self._open, self._path = kind, names
            self._message = [message] if message else []
        return True

    def more(self, line: str) -> bool | None:
        if not self._open:
            return False
        if match := _PLACE.match(line):
            file = match["file"] or match["msvc"] or ""
            if re.search(r"(?:^|[\\/])qtestcase\.cpp$", file):
                # It is the place where Qt caught the test's exception.
                file = ""
            self._end(self.report.span(file, match["line"] or match["row"] or match["number"]))
            return True
        if not line.startswith("   ") or len(self._message) > _LINES:
            self._end()
            return False
        self._message.append(line[3:])
        return True

    def finish(self) -> None:
        self._end()

    def _set_fatal(self, message: str) -> None:
        if match := _ASSERT.search(message):
            span = self.report.span(match["file"], match["line"])
            message = f"ASSERT: {match['message']}"
        elif message.startswith("Received signal") and self._is_traced():
            # A debugger ran, and its backtrace gave the place.
            self._fatal = message, self.report.diagnostics[-1].span
            return
        else:
            span = NOWHERE
        self._fatal = message, span
        self.add(span, Severity.ERROR, message, "qtest")

    def _is_traced(self) -> bool:
        last = self.report.diagnostics[-1:]
        return bool(last) and last[0].source == "gdb" and bool(last[0].span.file)

    def _end(self, span: Span = NOWHERE) -> None:
        kind, self._open = self._open, ""
        if not kind or kind == "XFAIL":
            return
        state = _STATES[kind]
        message = "\n".join(self._message).strip()
        if kind in ("FAIL!", "XPASS"):
            fatal, place = self._fatal
            if fatal and not span.file:
                # The fatal message was printed before.
                message, span, state = fatal, place, TestState.ERRORED
            else:
                self.add(span, Severity.ERROR, message or "failed", "qtest")
            self._failed[self._path] = None
            self._fatal = "", NOWHERE
        elif self._path in self._failed:
            # It is a function with failed rows, or one that went on after a failure.
            return
        has_message = state is not TestState.PASSED
        self.report.add_test(
            self._path,
            state,
            "qtest",
            message=message if has_message else "",
            span=span if span.file and has_message else None,
        )


def _split(text: str) -> tuple[str, str]:
    """Splits the row in parentheses, which may hold further ones, from the message."""
    depth = 0
    for at, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if not depth:
                return text[1:at], text[at + 1 :].strip()
    return "", text
