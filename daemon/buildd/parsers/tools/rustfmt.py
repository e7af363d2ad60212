"""Reads the changes that rustfmt would make, as `cargo fmt --check` prints them."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

# Up to rustfmt 1.5, the line was printed in words.
_HEAD = re.compile(
    r"Diff in (?:\\\\\?\\)?(?P<file>[^\n]+?\.\w+)(?: at line (?P<old>\d+):|:(?P<line>\d+):)$"
)


class Rustfmt(Parser):
    """Reads a first line with the line number of an excerpt, then unchanged and changed lines."""

    TOOLS = "rustfmt, cargo fmt --check"
    HINTS = ("\nDiff in ",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._file = ""
        self._line = 0
        """The number of the file's next line."""
        self._is_added = False

    def begin(self, line: str) -> bool:
        match = _HEAD.match(line)
        if match:
            self._file, self._line = match["file"], int((match["line"] or match["old"])[:9])
            self._is_added = False
        return match is not None

    def more(self, line: str) -> bool:
        if line[:1] not in (" ", "+", "-", ""):
            return False
        if line[:1] in ("+", "-") and not self._is_added:
            # The first change gives the place; the others of the hunk are near.
            span = self.report.span(self._file, self._line)
            self.add(span, Severity.INFORMATION, "would be reformatted", "rustfmt")
            self._is_added = True
        self._line += 1
        return True
