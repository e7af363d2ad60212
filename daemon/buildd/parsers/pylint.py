"""pylint."""

from __future__ import annotations

import re
from collections.abc import Mapping

from buildd.model import Severity
from buildd.parsers.base import Parser, path

_LINE = re.compile(
    path("py", "pyi") + r":(?P<line>\d+):(?P<column>\d+): (?P<code>[CRWEFI]\d{4}): (?P<message>.*?)"
    r"(?: \((?P<name>[a-z][a-z0-9-]+)\))?$"
)
_PARSEABLE = re.compile(
    path("py", "pyi")
    + r":(?P<line>\d+): \[(?P<code>[CRWEFI]\d{4})(?:\((?P<name>[a-z][a-z0-9-]+)\))?, ?[^\]]*\] "
    r"(?P<message>.*)"
)
_KINDS: Mapping[str, Severity] = {
    "F": Severity.ERROR,
    "E": Severity.ERROR,
    "W": Severity.WARNING,
    "C": Severity.INFORMATION,
    "R": Severity.INFORMATION,
    "I": Severity.INFORMATION,
}
_GROUPS = {
    "F": "fatal",
    "E": "error",
    "W": "warning",
    "C": "convention",
    "R": "refactor",
    "I": "information",
}


class Pylint(Parser):
    """Columns count from 0."""

    TOOLS = "pylint"
    HINTS = (": C", ": R", ": W", ": E", ": F", ": I", ": [C", ": [R", ": [W", ": [E", ": [F")

    def begin(self, line: str) -> bool:
        match = _LINE.match(line) or _PARSEABLE.match(line)
        if not match:
            return False
        column = match.groupdict().get("column")
        span = self.report.span(
            match["file"],
            match["line"],
            int(column) + 1 if column and len(column) < 9 else None,
        )
        code, name = match["code"], match["name"] or ""
        href = ""
        if name:
            group = _GROUPS[code[0]]
            href = (
                f"https://pylint.readthedocs.io/en/stable/user_guide/messages/{group}/{name}.html"
            )
        self.at = self.report.add(
            span, _KINDS[code[0]], match["message"], "pylint", name or code, href=href
        )
        return True
