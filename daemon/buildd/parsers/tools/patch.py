"""What a log shows of some file without saying it: the hunks of a diff, and quotations."""

from __future__ import annotations

import re
from typing import ClassVar

from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_HUNK = re.compile(r"@@ -\d+(?:,(?P<old>\d{1,9}))? \+\d+(?:,(?P<new>\d{1,9}))? @@")
# Without a file `> ` can be Gradle's or npm's own word.
_QUOTED = re.compile(r"< |> (?!Task )[^\n]*(?:\.\w+\b|[:(,] ?\d)")


class Patch(Parser):
    """Takes a hunk of a unified diff as far as its head says that it reaches, and lines behind the
    marks of a plain diff or of a quotation; finds nothing in them."""

    TOOLS = "diff, git diff: what a patch holds is no finding"
    LEVEL: ClassVar[tuple[str, ...]] = ()
    HINTS = ("\n@@ -", "\n< ", "\n> ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._old = self._new = 0
        """Lines still to come of either file."""

    def begin(self, line: str) -> bool:
        match = _HUNK.match(line)
        self._old = self._new = 0
        if match:
            self._old, self._new = (int(match[side] or 1) for side in ("old", "new"))
        return bool(match or _QUOTED.match(line))

    def more(self, line: str) -> bool:
        # What takes away trailing blanks leaves nothing of an empty line.
        kind = line[:1] or " "
        if kind == "\\":
            return True
        if kind not in " +-" or (self._old <= 0 and self._new <= 0):
            return False
        self._old -= kind != "+"
        self._new -= kind != "-"
        return True
