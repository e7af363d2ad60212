"""Reads tslint, a linter for TypeScript, in its various formats."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import LineParser, Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.web_files import SCRIPTS, is_frame, web_file

_KIND = r"(?:(?P<kind>ERROR|WARNING): )"
_HEADER = re.compile(web_file(*SCRIPTS) + r"(?::\d+:\d+)?$")
_ROW = re.compile(_KIND + r"(?P<line>\d+):(?P<column>\d+)  +(?P<code>[\w/@-]+)  +(?P<message>\S.*)")
_FRAMED = re.compile(r"(?P<message>\S.*) \((?P<code>[\w/@-]+)\)$")
_SOURCE = re.compile(r"> *(?P<line>\d+) \|")
_MARK = re.compile(r"(?P<margin> *\| )(?P<indent>\s*)\^+$")


class Tslint(LineParser):
    """Reads `ERROR: a.ts:1:2 - …`, `ERROR: (rule) a.ts[1, 2]: …`, and formerly `a.ts[1, 2]: …`."""

    TOOLS = "tslint"
    HINTS = ("ERROR: ", "WARNING: ", "ts[", "tsx[", "js[")
    SOURCE = "tslint"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        _KIND + "?" + r"(?:\((?P<code>[\w/@-]+)\) )?" + web_file(*SCRIPTS)
        + r"(?::(?P<line>\d+):(?P<column>\d+) - |\[(?P<line2>\d+), (?P<column2>\d+)\]: )"
        r"(?P<message>(?!(?:error|warning) TS)\S.*)"
    )  # fmt: skip

    def begin(self, line: str) -> bool:
        match = self.PATTERN.match(line)
        if not match or not (match["kind"] or match["line2"]):
            return False
        span = self.report.span(
            match["file"],
            match["line"] or match["line2"],
            match["column"] or match["column2"],
            unit=self.UNIT,
        )
        severity = self.severity(match.groupdict())
        self.add(span, severity, match["message"], self.SOURCE, match["code"] or "")
        return True


class TslintBlocks(Parser):
    """Reads a file name, then `ERROR: 1:2  rule  …`, or messages with code frames."""

    TOOLS = "tslint (stylish, codeFrame)"
    HINTS = tuple(f".{extension}" for extension in SCRIPTS)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._file = ""
        self._framed: re.Match[str] | None = None
        self._line = ""

    def begin(self, line: str) -> bool | None:
        if not (match := _HEADER.match(line)):
            return False
        self._file, self._framed, self._line = match["file"], None, ""
        return None

    def more(self, line: str) -> bool | None:
        if match := _ROW.match(line):
            span = self.report.span(
                self._file, match["line"], match["column"], unit=ColumnUnit.UTF16
            )
            severity = Severity.ERROR if match["kind"] == "ERROR" else Severity.WARNING
            self.add(span, severity, match["message"], "tslint", match["code"])
            return True
        if self._framed:
            return self._frame(line)
        if self._line and not line.strip():
            return True
        self._framed = _FRAMED.match(line)
        self._line = ""
        return None if self._framed else False

    def _frame(self, line: str) -> bool | None:
        if match := _SOURCE.match(line):
            self._line = match["line"]
        elif self._line and self._framed and (match := _MARK.match(line)):
            # The frame takes its 0-based column for a 1-based one: its mark is one too far left.
            column = len(match["indent"]) + 2
            span = self.report.span(self._file, self._line, column, unit=ColumnUnit.UTF16)
            message = self._framed["message"]
            self.add(span, Severity.ERROR, message, "tslint", self._framed["code"])
        elif not line.strip() and self._line:
            self._framed = None
            return True
        return is_frame(line)
