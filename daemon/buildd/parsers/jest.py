"""jest and vitest."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import Report

_FILE = re.compile(
    r" ?(?P<state>PASS|FAIL)  ?(?P<file>\S+\.[cm]?[jt]sx?)(?: \([\d.]+ m?s\))?(?: > .*| \[.*)?$"
)
_BLOCK = re.compile(r"  ● (?P<title>.+)$")
_VITEST_BLOCK = re.compile(r" ?FAIL  (?P<file>\S+\.[cm]?[jt]sx?) > (?P<title>.+)$")
_CASE = re.compile(
    r"(?P<indent> +)(?P<sign>[✓✔√✕✗×○↓✎]) (?P<name>.+?)(?: \((?P<time>[\d.]+) "
    r"(?P<unit>m?s)\)| (?P<time2>\d+)ms)?$"
)
_VITEST_CASE = re.compile(
    r" (?P<sign>[✓×↓❯]) (?P<file>\S+\.[cm]?[jt]sx?) > (?P<name>.+?)(?: (?P<time>[\d.]+)m?s)?$"
)
_SUITE = re.compile(r"(?P<indent>  +)(?P<name>\S.*)$")
_FRAME = re.compile(
    r" +(?:at |❯ )(?:.*?[( ])?(?P<file>[^\s():][^():\n]*\.[cm]?[jt]sx?|[A-Za-z]:[^():\n]*):"
    r"(?P<line>\d+):(?P<column>\d+)\)?$"
)
_SKIPPED = re.compile(r"^(?:skipped|todo) ")
_UNPARSED = re.compile(
    r"(?:SyntaxError: )?(?P<file>/[^\s:][^:\n]*\.[cm]?[jt]sx?): (?P<message>.*) "
    r"\((?P<line>\d+):(?P<column>\d+)\)$"
)
_NOISE = re.compile(r" +(?:at |❯ |>? *\d* *\|)")
_STATES = {
    "✓": TestState.PASSED, "✔": TestState.PASSED, "√": TestState.PASSED, "✕": TestState.FAILED,
    "✗": TestState.FAILED, "×": TestState.FAILED, "○": TestState.SKIPPED, "↓": TestState.SKIPPED,
    "✎": TestState.SKIPPED,
}  # fmt: skip


def is_other(file: str) -> bool:
    """Whether a frame lies in what the user did not write."""
    return "node_modules/" in file or file.startswith("node:") or "internal/" in file


class Jest(Parser):
    """Blocks of failures, with a code frame and a stack; rows of tests where they are shown."""

    TOOLS = "jest, vitest"
    LEVEL = ("text", "tests")
    HINTS = ("PASS ", "FAIL ", "  ● ", " ✓ ", " × ")

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._file = ""
        self._suites: list[tuple[int, str]] = []
        self._has_rows = False
        """Whether what follows are the file's tests, a row each."""
        self._title = ""
        self._message: list[str] = []
        self._failures: dict[tuple[str, ...], tuple[Span, str]] = {}

    def begin(self, line: str) -> bool:
        if match := _VITEST_BLOCK.match(line):
            self._start(match["title"].replace(" > ", " › "))
            self._file = match["file"]
            return True
        if match := _FILE.match(line):
            self._file, self._suites, self._title = match["file"], [], ""
            self._has_rows = True
            return True
        if match := _BLOCK.match(line):
            if not self._file:
                return False
            self._start(match["title"])
            return True
        if match := _VITEST_CASE.match(line):
            self._file = match["file"]
            state = _STATES.get(match["sign"])
            if state:
                time = float(match["time"]) / 1000 if match["time"] else None
                self._add_test((match["file"], *match["name"].split(" > ")), state, time)
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._title:
            return self._in_block(line)
        if _BLOCK.match(line) or _VITEST_CASE.match(line) or not self._has_rows:
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
            known = self._failures.get(test.path[1:])
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
        elif match["time2"]:
            time = float(match["time2"]) / 1000
        names = [name for _, name in self._suites]
        name = _SKIPPED.sub("", match["name"])
        self._add_test((self._file, *names, name), _STATES[match["sign"]], time)

    def _add_test(self, path: tuple[str, ...], state: TestState, time: float | None) -> None:
        self.report.add_test(path, state, "jest", duration=time)

    # --- failures

    def _start(self, title: str) -> None:
        self._finish_block(None)
        self._title, self._message, self._has_rows = title, [], False

    def _in_block(self, line: str) -> bool | None:
        if match := _FRAME.match(line):
            if not is_other(match["file"]):
                self._finish_block(match)
                return True
            return True
        if line.startswith(("Tests: ", "Test Suites: ", "⎯⎯", " Test Files ", "  ● ")):
            self._finish_block(None)
            return False
        if _FILE.match(line):
            self._finish_block(None)
            return False
        if match := _UNPARSED.match(line.strip()):
            # Babel counts columns from 0.
            column = int(match["column"]) + 1 if len(match["column"]) < 9 else None
            span = self.report.span(match["file"], match["line"], column, unit=ColumnUnit.UTF16)
            self.add(span, Severity.ERROR, match["message"], "babel")
            self._title = ""
            return True
        if len(self._message) < 40 and line.strip() and not _NOISE.match(line):
            self._message.append(line.strip())
        return True

    def _finish_block(self, frame: re.Match[str] | None) -> None:
        title, self._title = self._title, ""
        if not title or (frame is None and not self._message):
            return
        if frame:
            span = self.report.span(
                frame["file"], frame["line"], frame["column"], unit=ColumnUnit.UTF16
            )
        else:
            span = self.report.span(self._file, 1)
        message = "\n".join(self._message[:12]) or title
        self.add(span, Severity.ERROR, message, "jest")
        path = tuple(title.split(" › "))
        self._failures[path] = span, message
        full = (self._file, *path)
        if full[1:] != ("Test suite failed to run",):
            self.report.add_test(full, TestState.FAILED, "jest", message=message, span=span)
