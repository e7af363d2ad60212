"""Reads what Qt prints at run time about a program: failed connections, and QML errors."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE

_CONNECT = re.compile(
    r".*?(?P<message>QObject::(?:dis)?connect: (?:No such (?:slot|signal)|Parentheses expected,"
    r" (?:slot|signal)|Use the (?:SLOT|SIGNAL) macro to bind) [^\n]*?) in (?P<file>[^\n]+):"
    r"(?P<line>\d+)$"
)
_QML = re.compile(
    r"(?:[^\n]*? )??(?P<quote>\"?)(?P<file>(?:file://|qrc:)/[^:\n\"]*(?::[\\/][^:\n\"]*)?\.qml):"
    r"(?P<line>\d+)(?::(?P<column>\d+))?:? (?P<message>\S.*)"
)
_LINT = re.compile(
    r"(?P<kind>Warning|Error|Info): (?P<file>[^\s:][^:\n]*\.qml):(?P<line>\d+):"
    r"(?P<column>\d+): (?P<message>.*?)(?: \[(?P<code>[\w.-]+)\])?$"
)
_WARNING = re.compile(
    r"(?:QML [\w.]+(?: \([^)]*\))?: |Unable to assign |.*(?:[Bb]inding loop|deprecated|Deprecated))"
)
_DRIVE = re.compile(r"file:///(?=[A-Za-z]:[\\/])")
_KINDS = {
    "Error": Severity.ERROR,
    "Warning": Severity.WARNING,
    "Info": Severity.INFORMATION,
}


class Qt(Parser):
    """Reads one line per diagnostic; qmllint prints the code below."""

    TOOLS = "Qt at run time, qmllint"
    HINTS = ("QObject::connect: ", "QObject::disconnect: ", ".qml:")

    def begin(self, line: str) -> bool:
        if match := _CONNECT.match(line):
            span = self.report.span(match["file"], match["line"])
            self.add(span, Severity.WARNING, match["message"], "qt")
        elif match := _QML.match(line):
            self._qml(match)
        elif match := _LINT.match(line):
            span = self.report.span(
                match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
            )
            self.add(span, _KINDS[match["kind"]], match["message"], "qmllint", match["code"] or "")
        else:
            return False
        return True

    def _qml(self, match: re.Match[str]) -> None:
        message = match["message"].removesuffix(match["quote"]).strip()
        file = _DRIVE.sub("", match["file"])
        span = self.report.span(file, match["line"], match["column"], unit=ColumnUnit.UTF16)
        if file.startswith("qrc:"):
            # The file is a resource in the program; where it came from is unknown.
            span, message = NOWHERE, match.group().strip()
        severity = Severity.WARNING if _WARNING.match(match["message"]) else Severity.ERROR
        self.add(span, severity, message, "qml")
