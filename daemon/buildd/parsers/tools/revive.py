"""Reads revive, a linter for Go, in its format for people."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser, path

_HEAD = re.compile(r"  (?P<kind>[⚠✘]) +https?://\S+#(?P<code>[\w-]+) +(?P<message>\S.*?)\s*$")
_PLACE = re.compile(r"  " + path("go") + r":(?P<line>\d+):(?P<column>\d+)\s*$")


class Revive(Parser):
    """Reads --formatter friendly: the rule and the message, then the place."""

    TOOLS = "revive (friendly)"
    HINTS = ("⚠", "✘")

    _head: re.Match[str] | None = None

    def begin(self, line: str) -> bool | None:
        self._head = _HEAD.match(line)
        return None if self._head else False

    def more(self, line: str) -> bool:
        head, self._head = self._head, None
        match = _PLACE.match(line)
        if not head or not match:
            return False
        span = self.report.span(match["file"], match["line"], match["column"])
        severity = Severity.ERROR if head["kind"] == "✘" else Severity.WARNING
        self.at = self.report.add(
            span,
            severity,
            head["message"],
            "revive",
            head["code"],
            href=f"https://revive.run/r#{head['code']}",
        )
        return True
