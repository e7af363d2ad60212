"""Reads the spec and dot reporters of `node --test`."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.web_files import STACK
from buildd.parsers.tools.jest import is_other

_ROW = re.compile(
    r"(?P<indent>(?: {2})*)(?P<sign>[✔✖﹣⚠▶]) (?P<title>.+?)(?: \((?P<time>\d+\.[\de.-]+)ms\))?"
    r"(?: # (?P<directive>.*))?$"
)
_AT = re.compile(r"test at (?P<file>.+?):(?P<line>\d+):(?P<column>\d+)$")
_FRAME = re.compile(STACK + r"(?: \{)?$")
_SUBTESTS = re.compile(r"'?\d+ subtests? failed'?$")
_STATES = {
    "✔": TestState.PASSED,
    "✖": TestState.FAILED,
    "﹣": TestState.SKIPPED,
    "⚠": TestState.SKIPPED,
}
_ENDS = re.compile(r"ℹ (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ")


class NodeTest(Parser):
    """Reads `▶ suite`, `  ✔ test (1.2ms)`, and `  ✖ test (1.2ms)` with its error below.

    Failed tests are printed again at the end. Columns count UTF-16 units.
    """

    TOOLS = "node --test (spec, dot)"
    LEVEL = ("text", "tests")
    HINTS = ("ms)", "\n▶ ", "  ▶ ", "\nℹ ", "\ntest at ", "\n✖ failing tests:")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._groups: list[str] = []
        self._row: tuple[tuple[str, ...], int, float | None] | None = None
        """The last failed test: its path, its depth, and its duration in seconds."""
        self._message: list[str] = []
        self._place: re.Match[str] | None = None
        self._is_again = False
        """Whether the failures are being printed again."""
        self._names: set[str] = set()

    def begin(self, line: str) -> bool | None:
        if line.startswith(("✖ failing tests:", "ℹ ")) or (match := _AT.match(line)):
            self._close()
            self._is_again = self._is_again or line.startswith("✖")
            return bool(line.startswith("✖") or _ENDS.match(line) or _AT.match(line))
        match = _ROW.match(line)
        if not match:
            return False
        return self._read(match)

    def more(self, line: str) -> bool | None:
        if match := _ROW.match(line):
            self._close()
            return self._read(match)
        if _ENDS.match(line) or _AT.match(line):
            self._close()
            return True
        if self._row is None:
            return not line.strip()
        _, depth, _ = self._row
        if line.strip() and not line.startswith("  " * depth):
            self._close()
            return False
        if match := _FRAME.match(line):
            if self._place is None and not is_other(match["file"]):
                self._place = match
            return True
        if self._place is None and line.strip() and len(self._message) < 20:
            self._message.append(line.strip())
        return True

    def finish(self) -> None:
        self._close()

    def _read(self, match: re.Match[str]) -> bool:
        depth = len(match["indent"]) // 2
        title = match["title"]
        if match["sign"] == "▶":
            self._groups = [*self._groups[:depth], title]
            return True
        if match["time"] is None:
            return False
        groups = self._groups[:depth]
        is_group = len(self._groups) > depth and self._groups[depth] == title
        self._groups = groups
        path = (*groups, title)
        directive = (match["directive"] or "").upper()
        state = _STATES[match["sign"]]
        if directive and state is TestState.PASSED:
            state = TestState.SKIPPED
        try:
            time = round(float(match["time"]) / 1000, 6)
        except ValueError:
            return False
        self._message, self._place = [], None
        if is_group:
            return True
        if state is TestState.FAILED:
            self._row = path, depth + 1, time
            return True
        if not self._is_again:
            self.report.add_test(path, state, "node", duration=time)
        return True

    def _close(self) -> None:
        row, self._row = self._row, None
        if row is None:
            return
        path, _, time = row
        message = "\n".join(self._message).strip("'")
        if _SUBTESTS.search(message):
            return
        span: Span | None = None
        if self._place:
            span = self.report.span(
                self._place["file"],
                self._place["line"],
                self._place["column"],
                unit=ColumnUnit.UTF16,
            )
            self.add(span, Severity.ERROR, message or path[-1], "node")
        if path[-1] in self._names and (self._is_again or len(path) == 1):
            return
        self._names.add(path[-1])
        if path[-1].endswith((".js", ".mjs", ".cjs", ".ts", ".mts")) and span in (None, NOWHERE):
            # It is a file that failed; its error stands above.
            return
        self.report.add_test(
            path, TestState.FAILED, "node", duration=time, message=message, span=span
        )
