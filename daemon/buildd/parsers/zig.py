"""zig: build, test, and the traces of panics and failing tests."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser, path
from buildd.parsers.excerpt import Excerpt
from buildd.parsers.report import Report

_HEAD = re.compile(
    path("zig", "zon") + r":(?P<line>\d+):(?P<column>\d+): (?P<kind>error|note|warning): "
    r"(?P<message>.*)"
)
_REFERENCE = re.compile(r" +(?P<what>\S[^:]*): " + path("zig") + r":(?P<line>\d+):(?P<column>\d+)$")
_FRAME = re.compile(
    path("zig") + r":(?P<line>\d+):(?P<column>\d+): 0x[0-9a-f]+ in (?P<what>\S+) \(.*\)$"
)
_TEST = re.compile(
    r"(?:Test \[)?(?P<number>\d+)/\d+\]? (?P<name>.+?)\.\.\. ?"
    r"(?P<state>OK|SKIP|FAIL(?: \((?P<why>\w+)\))?)?(?P<output>.*)$"
)
_END = re.compile(r"(?P<state>OK|SKIP|FAIL)(?: \((?P<why>\w+)\))?$")
_BUILD_TEST = re.compile(r"error: '(?P<name>[^'\n]+)' (?P<state>failed|leaked)(?:: (?P<rest>.*))?$")
_PANIC = re.compile(r"(?:thread \d+ )?panic: (?P<message>.*)")
_ERROR = re.compile(r"error: (?P<message>[A-Z]\w+)$")
_STATES = {"OK": TestState.PASSED, "SKIP": TestState.SKIPPED, "FAIL": TestState.FAILED}


class Zig(Parser):
    """Columns count bytes. A trace ends in the user's own code, past the library's."""

    TOOLS = "zig"
    LEVEL = ("text", "tests")
    HINTS = (
        ".zig:",
        ".zon:",
        "...OK",
        "...SKIP",
        "...FAIL",
        "... ",
        "panic: ",
        "\nFAIL",
        "\nerror: ",
    )

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._excerpt: Excerpt | None = None
        self._state = ""
        self._trace: list[Span] = []
        self._message = ""
        self._test = ""
        self._lines = 0

    def begin(self, line: str) -> bool:
        self._excerpt = None
        if match := _HEAD.match(line):
            self._head(match)
        elif match := _FRAME.match(line):
            # The trace of an error that was returned, without a word before it.
            self._state, self._trace, self._lines = "trace", [], 0
            self._frame(match)
        elif match := _TEST.match(line):
            return self._tested(match)
        elif match := _BUILD_TEST.match(line):
            self._test, self._message = match["name"], match["rest"] or match["state"]
            self._state, self._trace, self._lines = "trace", [], 0
            self._end_test("FAIL", match["rest"] or "")
        elif (match := _PANIC.match(line)) or (match := _ERROR.match(line)):
            self._message, self._trace = match["message"], []
            return False
        elif self._test and (match := _END.match(line)):
            self._end_test(match["state"], match["why"] or "")
            self._state, self._lines = "trace", 0
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if self._state == "trace":
            return self._more_of_trace(line)
        if match := _REFERENCE.match(line):
            if not _is_library(match["file"]):
                span = self.report.span(match["file"], match["line"], match["column"])
                self.note(span, f"referenced by {match['what']}")
            return True
        if line.startswith(("referenced by:", "    ")) and self._excerpt is None:
            return True
        if self._excerpt is None or _HEAD.match(line):
            return False
        caret = self._excerpt.feed(line)
        if caret is None:
            self._excerpt = None
            return line.startswith("referenced by:")
        if caret:
            self._refine(self._excerpt, caret)
            self._excerpt = None
            return True
        return None

    def finish(self) -> None:
        self._end_trace()

    def _head(self, match: re.Match[str]) -> None:
        self._state = ""
        span = self.report.span(match["file"], match["line"], match["column"])
        self._excerpt = Excerpt(span)
        if match["kind"] == "note":
            self.note(span, match["message"])
        else:
            severity = Severity.ERROR if match["kind"] == "error" else Severity.WARNING
            self.add(span, severity, match["message"], "zig")

    def _refine(self, excerpt: Excerpt, caret: str) -> None:
        if self.at is None or not excerpt.span.column:
            return
        one = self.report.diagnostics[self.at]
        reach = len(caret) - len(caret.lstrip(" ~"))
        tail = caret[reach + 1 :]
        count = 1 + len(tail) - len(tail.lstrip("~"))
        if one.span == excerpt.span and count > 1 and reach == caret.index("^"):
            span = self.report.span(
                one.span.file,
                one.span.line,
                one.span.column,
                end_column=(one.span.column or 0) + count,
            )
            self.report.amend(self.at, span=span)

    # --- tests and traces

    def _tested(self, match: re.Match[str]) -> bool:
        self._test = match["name"]
        if state := match["state"]:
            self._end_test(state[:4].strip(), match["why"] or "")
            return True
        # Another tool's `1/2 something...` is not followed by how a test of Zig ends.
        self._message = match["output"].strip()
        return False

    def _end_test(self, state: str, why: str) -> None:
        message = " ".join(
            filter(None, (self._message, f"({why})" if why and self._message else why))
        )
        if state != "FAIL":
            message = ""
        self.report.add_test((self._test,), _STATES[state], "zig", message=message)
        if state == "FAIL":
            self._message, self._trace = message or "failed", []
        else:
            self._test = ""

    def _more_of_trace(self, line: str) -> bool | None:
        self._lines += 1
        if match := _FRAME.match(line):
            self._frame(match)
            return True
        if line.startswith((" ", "\t")) and self._lines < 400:
            return True
        self._end_trace()
        return False

    def _frame(self, match: re.Match[str]) -> None:
        if not _is_library(match["file"]):
            self._trace.append(self.report.span(match["file"], match["line"], match["column"]))

    def _end_trace(self) -> None:
        trace, self._trace, self._state = self._trace, [], ""
        if not trace:
            return
        self.add(trace[0], Severity.ERROR, self._message or "error returned", "zig")
        for one in trace[1:20]:
            self.note(one, "called from here")
        if self._test:
            self.report.add_test(
                (self._test,), TestState.FAILED, "zig", message=self._message, span=trace[0]
            )
            self._test = ""


def _is_library(file: str) -> bool:
    return "/lib/std/" in file or "/lib/compiler/" in file or "/lib/zig/" in file
