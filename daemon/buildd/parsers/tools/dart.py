"""Reads `dart analyze`, `flutter analyze` and the Dart compilers."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit
from buildd.parsers.base import SEVERITIES, LineParser, path
from buildd.parsers.shared.carets import CaretParser

_COMPILED = (
    r"(?P<file>(?:/?[A-Za-z]:[\\/])?[^\s:()\[\]][^:()\n]*\.dart):(?P<line>\d+):(?P<column>\d+): "
)
_HEAD = re.compile(rf"{_COMPILED}(?P<kind>Error|Warning|Info|Context): (?P<message>.*)")


class DartAnalyze(LineParser):
    """Reads `  error - lib/a.dart:3:5 - … - code`, in older versions with `•`."""

    TOOLS = "dart analyze, flutter analyze"
    HINTS = (".dart:",)
    SOURCE = "dart"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        r" *(?P<kind>error|warning|info|hint) [-•] "
        r"(?:(?P<first>[^\n]*?) [-•] )?" + path("dart") + r":(?P<line>\d+):(?P<column>\d+) [-•] "
        r"(?P<message>.*?)(?: [-•] (?P<code>[a-z]\w*))?$"
    )

    _OLD = re.compile(
        r" *(?P<kind>error|warning|info|hint) • (?P<first>[^\n]*) at "
        + path("dart")
        + r":(?P<line>\d+):(?P<column>\d+) • \((?P<message>\w+)\)(?P<code>)$"
    )

    def begin(self, line: str) -> bool:
        match = self.PATTERN.match(line) or self._OLD.match(line)
        if not match:
            return False
        message, code = match["message"], match["code"] or ""
        if match["first"]:
            # flutter prints the message before the place, and the code after it.
            message, code = match["first"], match["message"]
        span = self.report.span(match["file"], match["line"], match["column"], unit=self.UNIT)
        self.at = self.report.add(
            span,
            SEVERITIES[match["kind"]],
            message,
            "dart",
            code,
            href=f"https://dart.dev/diagnostics/{code}" if code else "",
        )
        return True


class DartMachine(LineParser):
    """Reads --format=machine: `ERROR|COMPILE_TIME_ERROR|CODE|/a.dart|3|5|2|…`."""

    TOOLS = "dart analyze (machine)"
    HINTS = (".dart|",)
    SOURCE = "dart"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        r"(?P<kind>ERROR|WARNING|INFO)\|[A-Z_]+\|(?P<code>[A-Z_]+)\|(?P<file>[^|\n]+\.dart)\|"
        r"(?P<line>\d+)\|(?P<column>\d+)\|\d+\|(?P<message>.*)"
    )


class DartCompile(CaretParser):
    """Reads `lib/a.dart:3:5: Error: …`, more lines of the message, and the marked source."""

    TOOLS = "dart compile, dart run, flutter build"
    HINTS = (".dart:",)
    STOP = re.compile(rf"{_COMPILED}|\s*$|FAILURE: |Target |Unhandled exception")

    def begin(self, line: str) -> bool:
        match = _HEAD.match(line)
        if match:
            span = self.report.span(match["file"], match["line"], match["column"], unit=self.UNIT)
            severity = SEVERITIES[match["kind"].lower()]
            self.head(span, severity, match["message"], "dart")
        return match is not None
