"""Reads dtc, the device tree compiler."""

from __future__ import annotations

import re

from buildd.model import Severity, Span
from buildd.parsers.base import SEVERITIES, Parser
from buildd.parsers.report import NOWHERE

_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*)"
_PLACE = _FILE + r":(?P<line>\d+)\.(?P<column>\d+)(?:-(?:(?P<end_line>\d+)\.)?(?P<end_column>\d+))?"
_CHECK = re.compile(
    _PLACE + r": (?P<kind>Warning|ERROR) \((?P<code>[a-z]\w+)\): (?P<message>\S.*)$"
)
_ERROR = re.compile(r"(?:Error|Lexical error): " + _PLACE + r" (?P<message>\S.*)$")
# Until dtc 1.4.6 no place was printed; the file, if any, is the output.
_OLD = re.compile(
    r"(?:[^\s:][^:\n]*: )?(?P<kind>Warning|ERROR) \((?P<code>[a-z]+(?:_[a-z]+)+)\): "
    r"(?P<message>(?!Failed prerequisite )\S.*)$"
)
_NO_FILE = re.compile(r"FATAL ERROR: (?P<message>Couldn't open \"(?P<file>[^\"\n]+\.dtsi?)\": .*)$")
_ALSO = re.compile(r" {2}(?P<message>also defined) at " + _PLACE + "$")


class Dtc(Parser):
    """Reads places with a dot between line and column. Columns count bytes; ends are exclusive."""

    TOOLS = "dtc"
    HINTS = (": Warning (", ": ERROR (", "\nWarning (", "\nERROR (", "\nError: ",
             "\nLexical error: ", "\nFATAL ERROR: Couldn't open")  # fmt: skip

    def begin(self, line: str) -> bool:
        if match := _CHECK.match(line):
            severity = SEVERITIES[match["kind"].lower()]
            self.add(self._span(match), severity, match["message"], "dtc", match["code"])
        elif match := _ERROR.match(line):
            self.add(self._span(match), Severity.ERROR, match["message"], "dtc")
        elif match := _OLD.match(line):
            severity = SEVERITIES[match["kind"].lower()]
            self.add(NOWHERE, severity, match["message"], "dtc", match["code"])
        elif match := _NO_FILE.match(line):
            self.add(NOWHERE, Severity.ERROR, match["message"], "dtc")
        return match is not None

    def more(self, line: str) -> bool:
        match = _ALSO.match(line)
        if match:
            self.note(self._span(match), match["message"])
        return match is not None

    def _span(self, match: re.Match[str]) -> Span:
        end_line = match["end_line"] if match["end_line"] != match["line"] else None
        return self.report.span(
            match["file"], match["line"], match["column"], end_line, match["end_column"]
        )
