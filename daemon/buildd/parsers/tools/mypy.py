"""Reads mypy, a type checker for Python."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Span
from buildd.parsers.base import SEVERITIES, Parser, path
from buildd.parsers.report import NOWHERE

_LINE = re.compile(
    path("py", "pyi")
    + r":(?:(?P<line>\d+)(?::(?P<column>\d+))?(?::(?P<end_line>\d+):(?P<end_column>\d+))?:"
    # Only these name a whole file: misused Python programs print their own names like that.
    r"| (?=error: (?:Duplicate module |Source file found twice ))) ?"
    r"(?P<kind>error|warning|note): (?P<message>.*?)(?:  \[(?P<code>[a-z][\w-]*)\])?$"
)
_REST = re.compile(r"(?P<rest>\S.*?)?(?:  )?\[(?P<code>[a-z][\w-]*)\]$")


_ELSEWHERE = re.compile(
    r"(?:defined|declared|imported|overridden?|first \w+) (?:here|in|at)\b|"
    r"^(?:Superclass|Subclass|This violates|See |Possible overload|Error code )|"
    r"^(?:Previous|Original) definition"
)
"""Notes that say more about an error elsewhere."""


class Mypy(Parser):
    """Reads one line per diagnostic. Columns count code points.

    A note on the same line of a file belongs to the error before it.
    """

    TOOLS = "mypy, dmypy"
    HINTS = (": error: ", ": note: ", ": warning: ")
    _place = NOWHERE
    """The place of the last diagnostic."""

    def begin(self, line: str) -> bool:
        match = _LINE.match(line)
        if not match:
            return False
        end = match["end_column"]
        span = self.report.span(
            match["file"],
            match["line"],
            match["column"],
            match["end_line"],
            int(end) + 1 if end and len(end) < 9 else None,  # inclusive
            ColumnUnit.CODE_POINT,
        )
        if match["kind"] == "note" and self._is_of_last(span, match["message"]):
            self.note(span, match["message"])
            return True
        code = match["code"] or ""
        severity = SEVERITIES[match["kind"]]
        self.at = self.report.add(
            span,
            severity,
            match["message"],
            "mypy",
            code,
            href=_href(code),
        )
        self._place = span
        return True

    def _is_of_last(self, span: Span, message: str) -> bool:
        """Returns whether a note says more about the last diagnostic."""
        if self.at is None:
            return False
        last = self._place
        is_there = (span.file, span.line) == (last.file, last.line)
        return (is_there and not message.startswith("Revealed ")) or _ELSEWHERE.search(
            message
        ) is not None

    def more(self, line: str) -> bool | None:
        """Returns whether the line is one that --pretty prints below a message.

        It wraps the message, and prints the source line and marks.
        """
        if line.startswith("    "):
            return True
        if self.at is None or not (match := _REST.match(line)):
            return False
        diagnostic = self.report.diagnostics[self.at]
        code = match["code"]
        if diagnostic.code or diagnostic.source != "mypy" or _LINE.match(line):
            return False
        message = f"{diagnostic.message} {match['rest'] or ''}".strip()
        self.report.amend(self.at, message=message, code=code, href=_href(code))
        return True


def _href(code: str) -> str:
    return f"https://mypy.readthedocs.io/en/stable/_refs.html#code-{code}" if code else ""
