"""Reads the results of vitest: rows of tests, and blocks of failures."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.web_files import from_zero
from buildd.parsers.tools.jest import is_other

_PROJECT = r"(?:\|[^|\n]+\| |[\w.@/-]+  )?"
_NAME = r"(?P<file>[^\s>|][^>|\n]*?\.[cm]?[jt]sx?)(?: \([a-z]+\))?"
_TIME = r"(?:  ?(?P<time>[\d.]+) ?(?P<unit>ms|s|m))?"
_EXTRA = r"(?: \((?:retry|repeat) x\d+\)| \d+ MB heap used)*"
_FILE = re.compile(
    rf" (?P<sign>[✓×❯↓✔✗✖√]) +{_PROJECT}{_NAME}  ?\((?:\d+ tests?)[^)]*\){_EXTRA}{_TIME}{_EXTRA}$"
)
_CASE = re.compile(
    rf" (?P<sign>[✓×↓□✔✗✖√❯]) +{_PROJECT}{_NAME} > "
    rf"(?P<title>.+?){_EXTRA}{_TIME}{_EXTRA}(?: \[.*\])?$"
)
_ROW = re.compile(
    rf"(?P<indent> {{3,}})(?P<sign>[✓×↓□✔✗✖√❯]) (?P<title>.+?){_EXTRA}{_TIME}{_EXTRA}(?: \[.*\])?$"
)
_SUITE = re.compile(r"(?P<title>.+) \(\d+\)$")
_FAIL = re.compile(rf" FAIL  +{_PROJECT}{_NAME}(?: > (?P<title>.+)| \[ .* \])?$")
_UNHANDLED = re.compile(
    r"⎯+ (?P<title>Unhandled (?:Rejection|Error)|Uncaught Exception|Typecheck Error) ⎯+$"
)
_FRAME = re.compile(
    r" ❯ (?:.*? )?(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*?):(?P<line>\d+):(?P<column>\d+)$"
)
_PLACE = re.compile(r"  File: (?P<file>\S.*?)(?:\?[^:]*)?:(?P<line>\d+):(?P<column>\d+)$")
_OTHERS = re.compile(r"(?:Error: )?(?:Transform|Build) failed with \d+ errors?:")
_NOISE = re.compile(r" +\d*\| | +\d+\|$| {2}(?:Plugin|File): |\s*[❯→] ")
_STATES = {
    **dict.fromkeys("✓✔√", TestState.PASSED),
    **dict.fromkeys("×✗✖", TestState.FAILED),
    **dict.fromkeys("↓□", TestState.SKIPPED),
}
_FACTOR = {"ms": 0.001, "s": 1.0, "m": 60.0}


class Vitest(Parser):
    """Reads ` FAIL  file > suite > test`, the message and ` ❯ file:1:2`, and rows of tests.

    A row is ` ✓ file > suite > test 3ms`. Columns count UTF-16 units.
    """

    TOOLS = "vitest"
    LEVEL = ("text", "tests")
    HINTS = (
        "\n ✓ ",
        "\n × ",
        "\n ❯ ",
        "\n ↓ ",
        "\n □ ",
        "\n √ ",
        "\n FAIL  ",
        "⎯ Un",
        "⎯ Typecheck Error ⎯",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._file = ""
        self._suites: list[tuple[int, str]] = []
        self._titles: list[tuple[str, ...]] = []
        """The tests that the current block concerns; one without a title is a file."""
        self._message: list[str] = []
        self._in_block = False

    def begin(self, line: str) -> bool | None:
        if match := _FAIL.match(line):
            self._close(None)
            self._start(match)
            return True
        if match := _UNHANDLED.match(line):
            self._close(None)
            self._titles, self._message, self._in_block = [], [], True
            self._file = ""
            return True
        if match := _CASE.match(line):
            self._file, self._suites = "", []
            self._case((match["file"], *match["title"].split(" > ")), match)
            return True
        if match := _FILE.match(line):
            self._file, self._suites = match["file"], []
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._in_block:
            return self._block(line)
        if not self._file or not (match := _ROW.match(line)):
            return line.startswith("     → ")
        depth = len(match["indent"])
        while self._suites and self._suites[-1][0] >= depth:
            self._suites.pop()
        if match["sign"] == "❯" or (suite := _SUITE.match(match["title"])):
            suite = _SUITE.match(match["title"])
            self._suites.append((depth, suite["title"] if suite else match["title"]))
            return True
        names = [name for _, name in self._suites]
        self._case((self._file, *names, *match["title"].split(" > ")), match)
        return True

    def finish(self) -> None:
        self._close(None)

    def _case(self, path: tuple[str, ...], match: re.Match[str]) -> None:
        state = _STATES.get(match["sign"])
        # A failure is printed in full below; without its groups, its path is incomplete here.
        is_whole = match.re is _CASE or bool(self._suites)
        if state and (is_whole or state is not TestState.FAILED):
            self.report.add_test(path, state, "vitest", duration=_seconds(match))

    def _start(self, match: re.Match[str]) -> None:
        if not self._in_block or self._message:
            self._titles = []
        self._message, self._in_block, self._file = [], True, match["file"]
        title = match["title"]
        self._titles.append((match["file"], *(title.split(" > ") if title else ())))

    def _block(self, line: str) -> bool | None:
        if match := _FAIL.match(line):
            # One message may concern several tests.
            self._start(match)
            return True
        if match := _FRAME.match(line):
            if not is_other(match["file"]):
                self._close(match)
            return True
        if match := _PLACE.match(line):
            self._close(match, from_zero(match["column"]))
            return True
        if line.startswith(("⎯⎯", " Test Files ", "      Tests ")):
            self._close(None)
            return not _UNHANDLED.match(line)
        if not self._message and _OTHERS.match(line):
            # Diagnostics of esbuild or rolldown follow.
            self._in_block = False
            return False
        if line.strip() and not _NOISE.match(line) and len(self._message) < 12:
            self._message.append(line.strip())
        return True

    def _close(self, frame: re.Match[str] | None, column: int | None = None) -> None:
        if not self._in_block:
            return
        self._in_block = False
        if not self._message:
            return
        message = "\n".join(self._message)
        span: Span = self.report.span(self._file, 1)
        if frame:
            span = self.report.span(
                frame["file"], frame["line"], column or frame["column"], unit=ColumnUnit.UTF16
            )
        self.add(span, Severity.ERROR, message, "vitest")
        for path in self._titles:
            if len(path) > 1:
                self._failed(path, message, span)

    def _failed(self, path: tuple[str, ...], message: str, span: Span) -> None:
        known = next((test for test in self.report.tests if test.path == path), None)
        duration = known.duration if known else None
        self.report.add_test(
            path, TestState.FAILED, "vitest", duration=duration, message=message, span=span
        )


def _seconds(match: re.Match[str]) -> float | None:
    try:
        return round(float(match["time"] or "") * _FACTOR[match["unit"]], 6)
    except ValueError:
        return None
