"""Reads yamllint, in its formats `standard`, `parsable` and `github`."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_FILE = re.compile(r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*\.ya?ml|stdin|\.[\w-]+)$")
_FINDING = re.compile(
    r"  (?P<line>\d+):(?P<column>\d+) +(?P<kind>error|warning)  +(?P<message>\S.*?)"
    r" +\((?P<code>[a-z][a-z-]*)\)$"
)
_PARSABLE = re.compile(
    r"(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+): \[(?P<kind>error|warning)\] "
    r"(?P<message>\S.*?)(?: \((?P<code>[a-z][a-z-]*)\))?$"
)
_GITHUB = re.compile(
    r"::(?P<kind>error|warning) file=(?P<file>[^,\n]+),line=(?P<line>\d+),col=(?P<column>\d+)::"
    r"\d+:\d+ (?:\[(?P<code>[a-z][a-z-]*)\] )?(?P<message>.*)"
)
_SYNTAX = " (syntax)"


class Yamllint(Parser):
    """Reads a file name with its diagnostics indented below, or all of it on one line.

    Columns count code points.
    """

    TOOLS = "yamllint"
    HINTS = (".yml", ".yaml", "\nstdin", "\n.", ": [error] ", ": [warning] ", ",col=")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._file = ""

    def begin(self, line: str) -> bool | None:
        self._file = ""
        if match := _PARSABLE.match(line) or _GITHUB.match(line):
            self._found(match, match["file"])
            return True
        if match := _FILE.match(line):
            self._file = match["file"]
            return None
        return False

    def more(self, line: str) -> bool:
        match = _FINDING.match(line) if self._file else None
        if match:
            self._found(match, self._file)
        return bool(match)

    def _found(self, match: re.Match[str], file: str) -> None:
        span = self.report.span(file, match["line"], match["column"], unit=ColumnUnit.CODE_POINT)
        severity = Severity.ERROR if match["kind"] == "error" else Severity.WARNING
        message, code = match["message"], match["code"] or ""
        if message.endswith(_SYNTAX):
            message, code = message.removesuffix(_SYNTAX), "syntax"
        self.add(span, severity, message, "yamllint", code)
