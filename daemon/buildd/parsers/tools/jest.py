"""Reads the results of jest, a test framework for JavaScript."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.web_files import from_zero
from buildd.parsers.tools.tsc import PRETTY

_FILE = re.compile(
    r" ?(?P<state>PASS|FAIL)  ?(?:[\w.@-]+ +)?(?P<file>\S+\.[cm]?[jt]sx?)"
    r"(?: \([\d.]+ ?m?s(?:, [^)]*)?\))*$"
)
_BLOCK = re.compile(r"  ● (?P<title>.+)$")
_CASE = re.compile(
    r"(?P<indent> +)(?P<sign>[✓✔√✕✗×○✎]) (?P<name>.+?)(?: \((?P<time>\d+(?:\.\d+)?) ?"
    r"(?P<unit>m?s)\))?$"
)
_SUITE = re.compile(r"(?P<indent>  +)(?P<name>\S.*)$")
_FRAME = re.compile(
    r" +at (?:.*?[( ])?(?:file://)?(?P<file>[^\s():][^():\n]*\.[cm]?[jt]sx?|[A-Za-z]:[^():\n]*):"
    r"(?P<line>\d+):(?P<column>\d+)\)?$"
)
_INTERNAL = re.compile(
    r"node:|internal/|ext:|native|(?:vm|module|node|bootstrap_node|timers|events|domain|fs|net|util"
    r"|assert|child_process|_stream\w+|_http\w+)\.js$"
)
"""Files within node and deno, by the names of all their versions."""
_SKIPPED = re.compile(r"^(?:skipped|todo) ")
_UNPARSED = re.compile(
    r"(?:SyntaxError: )?(?P<file>/[^\s:][^:\n]*\.[cm]?[jt]sx?|[A-Za-z]:[^:\n]*): (?P<message>.*) "
    r"\((?P<line>\d+):(?P<column>\d+)\)$"
)
_NOISE = re.compile(
    r" +(?:at [^\n]*(?::\d+:\d+\)?|<anonymous>\)?|native\)|index \d+\)|\) \{|\d \{)$|>? *\d* *\|)"
)
_SOURCE = re.compile(r" +> *(?P<line>\d+) \| ?")
_MARK = re.compile(r"(?P<margin> +\| )(?P<indent>\s*)\^")
_ENDS = ("Tests: ", "Test Suites: ", "Snapshot Summary", "Summary of all failing tests")
_STATES = {
    **dict.fromkeys("✓✔√", TestState.PASSED),
    **dict.fromkeys("✕✗×", TestState.FAILED),
    **dict.fromkeys("○✎", TestState.SKIPPED),
}


def is_other(file: str) -> bool:
    """Returns whether a stack frame lies in code that is not the project's own."""
    return "node_modules" in file or _INTERNAL.match(file) is not None


class Jest(Parser):
    """Reads blocks of failures, with a code frame and a stack, and rows of tests.

    Columns count UTF-16 units.
    """

    TOOLS = "jest"
    LEVEL = ("text", "tests")
    HINTS = ("PASS ", "FAIL ", "  ● ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._file = ""
        self._suites: list[tuple[int, str]] = []
        self._has_rows = False
        """Whether the next lines may be the file's tests, one row each."""
        self._title = ""
        self._message: list[str] = []
        self._is_foreign = False
        """Whether the block holds diagnostics of another tool."""
        self._framed: tuple[str, int | None] | None = None
        """The line and the column that the code frame points at; None until they are known."""
        self._failures: dict[tuple[str, ...], tuple[Span, str]] = {}

    def begin(self, line: str) -> bool | None:
        if match := _FILE.match(line):
            self._finish_block(None)
            self._file, self._suites, self._title = match["file"], [], ""
            self._has_rows = True
            return True
        if match := _BLOCK.match(line):
            if not self._file or match["title"] == "Console":
                return False
            self._start(match["title"])
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._title:
            return self._in_block(line)
        if _BLOCK.match(line) or not self._has_rows:
            return False
        if match := _CASE.match(line):
            self._case(match)
            return True
        if not line.strip():
            return bool(self._suites)
        if (match := _SUITE.match(line)) and self._file and len(match["indent"]) % 2 == 0:
            self._close_suites(len(match["indent"]))
            self._suites.append((len(match["indent"]), match["name"]))
            return True if len(self._suites) < 20 else None
        return False

    def finish(self) -> None:
        self._finish_block(None)
        for test in list(self.report.tests):
            # Rows come before the failures, or after them.
            known = self._failures.get(test.path)
            if known and test.span is None and test.source == "jest":
                self.report.add_test(
                    test.path,
                    test.state,
                    "jest",
                    duration=test.duration,
                    span=known[0],
                    message=known[1],
                )

    # --- rows

    def _close_suites(self, indent: int) -> None:
        while self._suites and self._suites[-1][0] >= indent:
            self._suites.pop()

    def _case(self, match: re.Match[str]) -> None:
        self._close_suites(len(match["indent"]))
        time = None
        if match["time"]:
            time = float(match["time"]) / (1000 if match["unit"] == "ms" else 1)
        names = [name for _, name in self._suites]
        name = _SKIPPED.sub("", match["name"])
        path = (self._file, *names, name)
        self.report.add_test(path, _STATES[match["sign"]], "jest", duration=time)

    # --- failures

    def _start(self, title: str) -> None:
        self._finish_block(None)
        self._title, self._message, self._has_rows = title, [], False
        self._is_foreign = False
        self._framed = None

    def _in_block(self, line: str) -> bool | None:
        if match := _FRAME.match(line):
            if not is_other(match["file"]):
                self._finish_block(match)
            return True
        if line.startswith(("  ● ", *_ENDS)) or _FILE.match(line):
            self._finish_block(None)
            return False
        text = line.strip()
        if match := _UNPARSED.match(text):
            span = self.report.span(
                match["file"], match["line"], from_zero(match["column"]), unit=ColumnUnit.UTF16
            )
            self._add_foreign(span, match["message"], "babel")
            return True
        if match := PRETTY.match(text):
            span = self.report.span(
                match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
            )
            self._add_foreign(span, match["message"], "tsc", match["code"])
            # More of them may follow.
            self._title, self._message = "Test suite failed to run", []
            self._is_foreign = True
            return True
        if match := _SOURCE.match(line):
            self._framed = match["line"], None
        elif self._framed and (match := _MARK.match(line)):
            self._framed = self._framed[0], self._framed[1] or len(match["indent"]) + 1
        elif len(self._message) < 40 and text and not self._is_foreign and not _NOISE.match(line):
            self._message.append(text)
        return True

    def _add_foreign(self, span: Span, message: str, source: str, code: str = "") -> None:
        """Adds a diagnostic of another tool within a block."""
        self.add(span, Severity.ERROR, message, source, code)
        self._title = ""

    def _finish_block(self, frame: re.Match[str] | None) -> None:
        title, self._title = self._title, ""
        if not title or (frame is None and not self._message):
            return
        if frame:
            span = self.report.span(
                frame["file"], frame["line"], frame["column"], unit=ColumnUnit.UTF16
            )
        elif self._framed:
            span = self.report.span(self._file, *self._framed, unit=ColumnUnit.UTF16)
        else:
            span = self.report.span(self._file, 1)
        message = "\n".join(self._message[:12]) or title
        self.add(span, Severity.ERROR, message, "jest")
        path = (self._file, *title.split(" › "))
        self._failures[path] = span, message
        if path[1:] != ("Test suite failed to run",):
            self.report.add_test(path, TestState.FAILED, "jest", message=message, span=span)
