"""Reads pydocstyle, formerly pep257."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser, path

_PLACE = re.compile(
    path("py", "pyi")
    + r":(?P<line>\d+) (?:at module level|in (?:public|private) [a-z ]+`[^`\n]*`):$"
)
_ERROR = re.compile(r" {8}(?P<code>D\d{3}): (?P<message>\S.*)")


class Pydocstyle(Parser):
    """Reads the place of a definition, and below it the message."""

    TOOLS = "pydocstyle"
    HINTS = (" at module level:", " in public ", " in private ")

    _place: re.Match[str] | None = None

    def begin(self, line: str) -> bool | None:
        self._place = _PLACE.match(line)
        return None if self._place else False

    def more(self, line: str) -> bool:
        match = _ERROR.match(line)
        if not match or not self._place:
            return False
        span = self.report.span(self._place["file"], self._place["line"])
        self.add(span, Severity.WARNING, match["message"], "pydocstyle", match["code"])
        return True
