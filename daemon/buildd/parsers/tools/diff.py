"""Skips what a log quotes of other files: the hunks of a diff, and quotations."""

from __future__ import annotations

import re
from typing import ClassVar

from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_HUNK = re.compile(r"@@ -\d+(?:,(?P<old>\d{1,9}))? \+\d+(?:,(?P<new>\d{1,9}))? @@")
# `> ` without a file name may be a line of Gradle or npm.
_QUOTED = re.compile(r"< |> (?!Task )[^\n]*(?:\.\w+\b|[:(,] ?\d)")


class Diff(Parser):
    """Takes the lines of a unified diff's hunk, and lines marked as a plain diff or a quotation.

    It adds no diagnostics. The hunk's first line says how many lines follow.
    """

    TOOLS = "diff, git diff: what a patch holds is no finding"
    LEVEL: ClassVar[tuple[str, ...]] = ()
    HINTS = ("\n@@ -", "\n< ", "\n> ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._old = self._new = 0
        """The number of lines of the old file that are still to come; `_new` is that of the new
        file.
        """

    def begin(self, line: str) -> bool:
        match = _HUNK.match(line)
        self._old = self._new = 0
        if match:
            self._old, self._new = (int(match[side] or 1) for side in ("old", "new"))
        return bool(match or _QUOTED.match(line))

    def more(self, line: str) -> bool:
        # Tools that strip trailing blanks leave an empty line empty.
        kind = line[:1] or " "
        if kind == "\\":
            return True
        if kind not in " +-" or (self._old <= 0 and self._new <= 0):
            return False
        self._old -= kind != "+"
        self._new -= kind != "-"
        return True
