"""Reads Zig's tests, and the stack traces of panics and returned errors."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser, path
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.tools.zig import is_library

_ADDRESS = r"0x[0-9a-fA-F?]+ in "
_FRAME = re.compile(
    r" *" + path("zig") + rf":(?P<line>\d+):(?P<column>\d+): {_ADDRESS}(?P<what>.+?) \([^()]*\)$"
)
_ANY_FRAME = re.compile(rf" *\S[^\n]*: {_ADDRESS}.+ \(.*\)$")
_NAME = r"(?P<name>(?:[\w.-]+\.)?(?:test|decltest|doctest)[. _\"].*?)"
_TEST = re.compile(
    rf"(?:Test \[)?\d+/\d+\]? {_NAME}\.\.\. ?(?P<state>OK$|SKIP$|FAIL(?: \((?P<why>\w+)\))?$)?"
    r"(?P<output>.*)$"
)
_END = re.compile(r"(?P<state>OK|SKIP|FAIL)(?: \((?P<why>\w+)\))?$")
_BUILD_TEST = re.compile(
    rf"error: '{_NAME}' (?P<state>failed|leaked|logged|timed out|crashed)"
    r"(?P<count>[^:]*)(?:: ?(?P<rest>.*))?$"
)
_PANIC = re.compile(r"(?:thread \d+ )?panic: (?P<message>.*)")
_LEAK = re.compile(r"(?:\[\w+\] )?\(err\): (?P<message>(?:memory address \S+ )?leaked\b.*)")
_ERROR = re.compile(r"error: (?P<message>[A-Z]\w+)$")
_RETURNED = re.compile(r".*\breturn error\.(?P<name>\w+);")
_STATES = {"OK": TestState.PASSED, "SKIP": TestState.SKIPPED, "FAIL": TestState.FAILED}
_MAX_LINES = 400


class ZigTest(Parser):
    """Reads a stack trace that begins in the library.

    Its place is the first frame in the project's own code.
    """

    TOOLS = "zig: tests and traces"
    LEVEL = ("text", "tests")
    HINTS = (
        "...OK",
        "...SKIP",
        "...FAIL",
        "... OK",
        "... SKIP",
        "... FAIL",
        "test.",
        "test_",
        "est [",
        "panic: ",
        "(err): ",
        "\nerror: ",
        ": 0x",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._test = ""
        """The test that is running, or whose trace is being read."""
        self._words: list[str] = []
        self._trace: list[Span] = []
        self._has_frames = False
        self._lines = 0
        self._state = ""
        self._indent = ""
        """What `zig build` prints, from Zig 0.16 on, before each line of a test's output."""

    def begin(self, line: str) -> bool | None:
        self._close()
        self._lines = 0
        if match := _TEST.match(line):
            self._tested(match)
        elif match := _BUILD_TEST.match(line):
            self._test, self._state = match["name"], "output"
            rest = match["rest"] or ""
            self._indent = "" if rest else " " * 7
            self._ended("FAIL", "")
            if match["state"] != "failed":
                self._words = [f"{match['state']}{match['count']}"]
            if rest:
                self._read(rest)
        elif match := _PANIC.match(line) or _ERROR.match(line) or _LEAK.match(line):
            self._words, self._state = [match["message"]], "head"
            return None
        elif match := _FRAME.match(line):
            # It is the trace of a returned error, without a message before it.
            self._state = "trace"
            self._frame(match)
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if self._lines > _MAX_LINES:
            self._close()
            return False
        if self._state == "head":
            if match := _FRAME.match(line):
                self._state = "trace"
                self._frame(match)
                return True
            self._words, self._state = [], ""
            return False
        if self._state == "test":
            return self._more_of_test(line)
        if self._state == "output":
            return self._more_of_output(line)
        return self._state == "trace" and self._more_of_trace(line)

    def finish(self) -> None:
        self._close()

    def _more_of_test(self, line: str) -> bool:
        """Reads what a test prints, until its result."""
        if _TEST.match(line):
            self._test, self._words = "", []
            return False
        if match := _END.match(line):
            self._ended(match["state"], match["why"] or "")
            self._state = "trace" if match["state"] == "FAIL" else ""
            return True
        if match := _PANIC.match(line):
            self._words = [match["message"]]
            self._ended("FAIL", "")
            self._state = "trace"
        elif len(self._words) < 60:
            self._words.append(line)
        return True

    def _more_of_output(self, line: str) -> bool:
        """Reads what `zig build` prints of a failed test."""
        if self._indent:
            # A logger's word in brackets was taken for a prefix.
            if line.strip() and not line.startswith((self._indent, "(err): ")):
                self._close()
                return False
            line = line.removeprefix(self._indent)
        elif line.startswith(("error: ", "Build Summary: ")):
            self._close()
            return False
        return self._read(line)

    def _read(self, line: str) -> bool:
        if match := _FRAME.match(line):
            self._state = self._state if self._indent else "trace"
            self._frame(match)
        elif _ANY_FRAME.match(line):
            self._has_frames = True
        elif not self._has_frames and len(self._words) < 60:
            self._words.append(line)
        elif not self._words and (match := _RETURNED.match(line)):
            self._words.append(match["name"])
        return True

    def _more_of_trace(self, line: str) -> bool:
        if match := _FRAME.match(line):
            self._frame(match)
            return True
        if _ANY_FRAME.match(line) or line.startswith((" ", "\t")):
            if not self._words and (match := _RETURNED.match(line)):
                self._words.append(match["name"])
            return True
        self._close()
        return False

    def _tested(self, match: re.Match[str]) -> None:
        self._test, self._words, self._indent = match["name"], [], ""
        if state := match["state"]:
            self._ended(state[:4].strip(), match["why"] or "")
            self._state = "trace" if state.startswith("FAIL") else ""
        else:
            self._words = [match["output"]] if match["output"] else []
            self._state = "test"

    def _ended(self, state: str, why: str) -> None:
        if state == "FAIL":
            if why:
                is_short = len(self._words) == 1
                self._words.append(f"({why})" if self._words else why)
                self._words = [" ".join(self._words)] if is_short else self._words
            return
        self.report.add_test((self._test,), _STATES[state], "zig")
        self._test, self._words = "", []

    def _frame(self, match: re.Match[str]) -> None:
        self._has_frames = True
        if not is_library(match["file"]) and len(self._trace) < 20:
            self._trace.append(self.report.span(match["file"], match["line"], match["column"]))

    def _close(self) -> None:
        """Ends a failed test, or a stack trace."""
        words, self._words = self._words, []
        trace, self._trace, self._has_frames = self._trace, [], False
        test, self._test = self._test, ""
        state, self._state = self._state, ""
        message = "\n".join(words).strip()
        if test and state != "test":
            span = trace[0] if trace else None
            self.report.add_test(
                (test,), TestState.FAILED, "zig", message=message or "failed", span=span
            )
        if not trace and not (test and state != "test"):
            return
        span = trace[0] if trace else NOWHERE
        self.add(span, Severity.ERROR, message or "an error was returned", "zig")
        for frame in trace[1:]:
            self.note(frame, "called from here")
