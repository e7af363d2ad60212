"""Reads Asciidoctor, and Antora, which prints the messages of Asciidoctor."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import SEVERITIES, Parser
from buildd.parsers.report import NOWHERE, ParseResult

_HEAD = re.compile(
    r"(?:\[(?:WARNING|ERROR|INFO)\] )?asciidoctor: (?P<kind>INFO|WARNING|WARN|ERROR|FATAL|FAILED): "
    r"(?:(?P<file>\S[^:\n]*): line (?P<line>\d+): )?(?P<message>\S.*)"
)
_ANTORA = re.compile(r"(?P<kind>INFO|WARN|ERROR|FATAL) \(asciidoctor\): (?P<message>\S.*)")
_FILE = re.compile(r" +file: (?P<file>\S.*?)(?::(?P<line>\d+))?$")


class Asciidoctor(Parser):
    """Reads one line per diagnostic; Antora prints the file below."""

    TOOLS = "Asciidoctor, Antora"
    HINTS = ("asciidoctor: ", "(asciidoctor): ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._awaits_file = False

    def begin(self, line: str) -> bool:
        self._awaits_file = False
        match = _HEAD.match(line)
        if match:
            span = self.report.span(match["file"], match["line"]) if match["file"] else NOWHERE
        elif match := _ANTORA.match(line):
            span, self._awaits_file = NOWHERE, True
        else:
            return False
        severity = SEVERITIES.get(match["kind"].lower(), Severity.ERROR)
        self.add(span, severity, match["message"], "asciidoctor")
        return True

    def more(self, line: str) -> bool:
        if not self._awaits_file:
            return False
        if (match := _FILE.match(line)) and self.at is not None:
            span = self.report.span(match["file"], match["line"] or 1)
            self.report.amend(self.at, span=span)
        return line.startswith("    ")
