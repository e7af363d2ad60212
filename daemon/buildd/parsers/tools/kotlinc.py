"""Reads kotlinc, run by itself, by Gradle or by Maven, with kapt and KSP."""

from __future__ import annotations

import re
from urllib.parse import unquote

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import SEVERITIES
from buildd.parsers.report import NOWHERE
from buildd.parsers.shared.carets import CaretParser

_FILE = r"(?P<file>(?:/?[A-Za-z]:)?[^\s:][^:\n]*\.(?:kts?|java))"
_HEAD = re.compile(
    rf"{_FILE}:(?P<line>\d+):(?P<column>\d+): "
    r"(?P<kind>error|warning|strong warning|info|logging|exception): (?P<message>.*)"
)
_MARK = r"(?P<kind>[ewi]): (?:\[(?:ksp|kapt)\] )?"
_GRADLE = re.compile(
    rf"{_MARK}(?P<url>file://)?{_FILE}(?::(?P<line>\d+)(?::(?P<column>\d+))?:?"
    r"|: \((?P<row>\d+), (?P<at>\d+)\):) (?P<message>.*)"
)
_ALONE = re.compile(
    rf"{_MARK}(?P<message>warnings found and -Werror.*|Flag is not supported.*|"
    r"Language version .*|.*Exception: .*|Some JAR files .*|Runtime JAR .*)"
)
_CODE = re.compile(r"\[(?P<code>[A-Z][A-Z0-9_]{3,})\] ")
_KINDS = {**SEVERITIES, "strong warning": Severity.WARNING, "exception": Severity.ERROR}


class Kotlinc(CaretParser):
    """Reads one line per diagnostic; kotlinc itself prints the source line, Gradle does not."""

    TOOLS = "kotlinc, its Gradle plugin, kapt, KSP"
    HINTS = (".kt:", ".kts:", "\ne: ", "\nw: ", "\ni: ")
    STOP = re.compile(
        r"(?:/?[A-Za-z]:)?[^\s:][^:\n]*\.kts?:\d+:\d+: |(?:error|warning|info): |[ewi]: |> Task |$"
    )

    def begin(self, line: str) -> bool:
        if match := _HEAD.match(line):
            self._add(match, match["line"], match["column"], match["file"])
        elif match := _GRADLE.match(line):
            file = match["file"]
            if match["url"] and "%" in file:
                file = unquote(file)
            self._add(match, match["line"] or match["row"], match["column"] or match["at"], file)
        elif match := _ALONE.match(line):
            self.add(NOWHERE, SEVERITIES[match["kind"]], match["message"], "kotlinc")
        else:
            return False
        return True

    def _add(self, match: re.Match[str], line: str, column: str | None, file: str) -> None:
        span = self.report.span(file, line, column, unit=ColumnUnit.UTF16)
        message, code = match["message"], ""
        if found := _CODE.match(message):
            code, message = found["code"], message[found.end() :]
        kind = _KINDS.get(match["kind"], Severity.INFORMATION)
        self.head(span, kind, message, "kotlinc", code)
