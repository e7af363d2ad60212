"""Reads jshint, jscs and standard: one line per diagnostic, without a severity."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import LineParser, Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.web_files import PLACE, SCRIPTS, web_file

_HEAD = re.compile(r"(?P<source>standard\w*|semistandard|ts-standard): Use JavaScript ")
_ROW = re.compile(
    r"(?P<indent> *)"
    + web_file(*SCRIPTS, "html", "htm", "md")
    + PLACE
    + r": (?P<message>(?!(?:error|warning|note|ERROR|WARNING)\b)\S.*?)"
    r"(?: \((?P<code>[\w@/.-]+)\))?$"
)
_KINDS = {"E": Severity.ERROR, "W": Severity.WARNING, "I": Severity.INFORMATION}


class Jshint(LineParser):
    """Reads `a.js: line 1, col 2, … (W033)`; jscs prints its rule before the message."""

    TOOLS = "jshint, jscs (inline)"
    HINTS = (": line ",)
    SOURCE = "jshint"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        web_file(*SCRIPTS, "html", "htm")
        + r": line (?P<line>\d+), col (?P<column>\d+), (?!(?i:error|warning|info) - )"
        r"(?:(?P<rule>(?:disallow|require|validate|maximum|safe)\w+): )?"
        r"(?P<message>.*?)(?: \((?P<code>[EWI]\d+)\))?$"
    )

    def begin(self, line: str) -> bool:
        match = self.PATTERN.match(line)
        if not match:
            return False
        span = self.report.span(match["file"], match["line"], match["column"], unit=self.UNIT)
        code = match["code"] or match["rule"] or ""
        source = "jscs" if match["rule"] else self.SOURCE
        self.add(span, _severity(match["code"]), match["message"], source, code)
        return True


class Standard(Parser):
    """Reads `  /a.js:1:2: … (rule)` below a first line; jshint's unix reporter has neither."""

    TOOLS = "standard, semistandard, ts-standard, jshint (unix)"
    HINTS = (
        "standard: Use JavaScript ",
        *(f".{extension}:" for extension in (*SCRIPTS, "html", "htm", "md")),
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._source = ""

    def begin(self, line: str) -> bool:
        if match := _HEAD.match(line):
            self._source = match["source"]
            return True
        match = _ROW.match(line)
        if not match or len(match["indent"]) not in (0, 2) or match["message"].endswith("]"):
            return False
        span = self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
        )
        code = match["code"] or ""
        is_jshint = re.fullmatch(r"[EWI]\d{3}", code) or not (self._source or match["indent"])
        source = "jshint" if is_jshint else self._source or "standard"
        severity = _severity(code if is_jshint else "")
        self.add(span, severity, match["message"], source, "" if code == "null" else code)
        return True


def _severity(code: str | None) -> Severity:
    return _KINDS.get((code or "E")[0], Severity.ERROR)
