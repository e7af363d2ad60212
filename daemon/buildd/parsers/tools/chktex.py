"""Reads ChkTeX and lacheck, linters for LaTeX."""

from __future__ import annotations

import re

import msgspec

from buildd.model import Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.tools.latex import EXTENSIONS

_WORDS = re.compile(
    r"(?P<kind>Error|Warning|Message) (?P<code>\d+) in (?P<file>.+?) line (?P<line>\d+): "
    r"(?P<message>.*)"
)
_COLONS = re.compile(
    rf"(?P<file>[^\s:][^:\n]*\.{EXTENSIONS}|stdin):(?P<line>\d+):(?P<column>\d+):(?P<code>\d+):"
    r"(?P<message>\S.*)"
)
_QUOTES = re.compile(rf"\"(?P<file>[^\"\n]+\.{EXTENSIONS})\", line (?P<line>\d+): (?P<message>.*)")
_KINDS = {"Error": Severity.ERROR, "Message": Severity.INFORMATION}
_CARET = re.compile(r"(?P<before>[ \t]*)(?P<marks>\^+)$")


class Chktex(Parser):
    """Reads the formats 0 to 4; two of them print the source line and a caret below."""

    TOOLS = "ChkTeX, lacheck"
    HINTS = (
        "\nWarning ",
        "\nError ",
        "\nMessage ",
        ".tex:",
        ".ltx:",
        ".sty:",
        ".cls:",
        "stdin:",
        '", line ',
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._pending: tuple[Span, Severity, str, str, str] | None = None
        """A diagnostic whose column the caret may give; without it, two on one line look the same.
        """
        self._lines = 0

    def begin(self, line: str) -> bool:
        self._close()
        match = _WORDS.match(line) or _COLONS.match(line) or _QUOTES.match(line)
        if not match:
            return False
        group = match.groupdict()
        span = self.report.span(group["file"], group["line"], group.get("column"))
        severity = _KINDS.get(group.get("kind") or "", Severity.WARNING)
        code = group.get("code") or ""
        self._pending = span, severity, group["message"], "chktex" if code else "lacheck", code
        self._lines = 0
        if span.column:
            self._close()
        return True

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if self._pending and self._lines == 2 and (match := _CARET.match(line)):
            span, severity, message, source, code = self._pending
            start, count = match.start("marks") + 1, len(match["marks"])
            end = start + count if count > 1 else None
            span = msgspec.structs.replace(span, column=start, end_column=end)
            self._pending = span, severity, message, source, code
            self._close()
            return True
        if not self._pending or self._lines > 1:
            self._close()
            return False
        return None

    def finish(self) -> None:
        self._close()

    def _close(self) -> None:
        if self._pending:
            self.add(*self._pending)
        self._pending = None
