"""Reads ShellCheck, a linter for shell scripts, in its formats `tty` and `gcc`."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import SEVERITIES, LineParser, Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.carets import caret_column

WIKI = "https://www.shellcheck.net/wiki/"
_HEAD = re.compile(r"In (?P<file>.+) line (?P<line>\d+):$")
_FINDING = re.compile(
    r"(?P<indent> *)(?P<mark>\^--(?: |$)|\^-*\^ )(?P<code>SC\d{4})"
    r"(?: \((?P<kind>error|warning|info|style)\))?: (?P<message>.*)"
)


class Shellcheck(Parser):
    """Reads each source line, with its diagnostics at carets below.

    Columns count code points; in the excerpt a tab is eight columns wide.
    """

    TOOLS = "ShellCheck (tty)"
    HINTS = ("\nIn ",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._file = ""
        self._line = ""
        self._source: str | None = None

    def begin(self, line: str) -> bool:
        match = _HEAD.match(line)
        if not match:
            return False
        self._file, self._line, self._source = match["file"], match["line"], None
        return True

    def more(self, line: str) -> bool | None:
        if self._source is None:
            self._source = line
            return True
        match = _FINDING.match(line)
        if not match:
            return False
        column = caret_column(self._source, match["indent"])
        # An arrow with one head gives only the start.
        mark = match["mark"].strip()
        end = caret_column(self._source, match["indent"] + " " * len(mark))
        span = self.report.span(
            self._file,
            self._line,
            column,
            None,
            end if len(mark) > 1 and mark.endswith("^") else None,
            ColumnUnit.CODE_POINT,
        )
        kind = SEVERITIES.get(match["kind"] or "", Severity.WARNING)
        self.add(span, kind, match["message"], "shellcheck", match["code"])
        if self.at is not None:
            self.report.amend(self.at, href=WIKI + match["code"])
        return True


class ShellcheckGcc(LineParser):
    """Reads one line per diagnostic; a tab counts as one column."""

    TOOLS = "ShellCheck (gcc)"
    HINTS = (" [SC",)
    SOURCE = "shellcheck"
    PATTERN = re.compile(
        r"(?P<file>[^\s:][^:\n]*|-):(?P<line>\d+):(?P<column>\d+): "
        r"(?P<kind>error|warning|note|style): (?P<message>.*) \[(?P<code>SC\d{4})\]$"
    )

    def begin(self, line: str) -> bool:
        if not super().begin(line):
            return False
        if self.at is not None:
            code = self.report.diagnostics[self.at].code
            self.report.amend(self.at, href=WIKI + code)
        return True
