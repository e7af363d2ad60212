"""Reads the text formats of Checkstyle, PMD, SpotBugs, ktlint and detekt."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import SEVERITIES, LineParser, Parser

_START = r"(?P<file>(?:[A-Za-z]:)?[^\s:\[][^:\n]*"
_KINDS = {**SEVERITIES, "warn": Severity.WARNING}


class Checkstyle(LineParser):
    """Reads Checkstyle's own format and that of its Maven plugin.

    Columns count a tab up to the next multiple of eight.
    """

    TOOLS = "Checkstyle: text, and as its Maven and Gradle plugins print it"
    HINTS = ("[ERROR] ", "[WARN] ", "[WARNING] ", "[INFO] ", ".java:")
    SOURCE = "checkstyle"
    UNIT = ColumnUnit.DISPLAY
    KINDS = _KINDS
    _FORMS = (
        re.compile(
            rf"\[(?P<kind>ERROR|WARN|WARNING|INFO)\] {_START}\.\w+):(?P<line>\d+)"
            r"(?::(?P<column>\d+))?: (?P<message>\S.*) \[(?P<code>[A-Z]\w+)\]$"
        ),
        re.compile(
            rf"\[(?P<kind>ERROR|WARN|WARNING|INFO)\] {_START}\.\w+):\[(?P<line>\d+)"
            r"(?:,(?P<column>\d+))?\] \([a-z]+\) (?P<code>[A-Z]\w+): (?P<message>\S.*)"
        ),
        re.compile(
            rf"{_START}\.java):(?P<line>\d+)(?::(?P<column>\d+))?: "
            r"(?:(?P<kind>error|warning|info): )?(?P<message>[^\[\s].*) \[(?P<code>[A-Z]\w+)\]$"
        ),
    )

    def begin(self, line: str) -> bool:
        for form in self._FORMS:
            if match := form.match(line):
                span = self.report.span(
                    match["file"], match["line"], match["column"], unit=self.UNIT
                )
                kind = self.KINDS.get((match["kind"] or "warning").lower(), Severity.WARNING)
                self.add(span, kind, match["message"], self.SOURCE, match["code"])
                return True
        return False


class Pmd(LineParser):
    """Reads the place, the rule (from version 6 on) and the message, separated by tabs."""

    TOOLS = "PMD: text"
    HINTS = (":\t",)
    SOURCE = "pmd"
    DEFAULT = Severity.WARNING
    PATTERN = re.compile(
        # Without a rule, a line of source that grep prints is left out.
        rf"{_START}\.\w+):(?P<line>\d+):\t(?:(?P<code>[A-Z]\w+):\t|(?=[A-Z'][^;{{}}=]*$))"
        r"(?P<message>\S.*)"
    )


class Spotbugs(Parser):
    """Reads a file without its directory, which the package of the class gives."""

    TOOLS = "SpotBugs, FindBugs: text, and as Maven's plugin prints it"
    HINTS = (":[line ", ":[lines ")

    _PATTERN = re.compile(
        r"(?:(?P<rank>[HML]) (?P<category>[A-Z]) (?P<code>\w+): "
        r"|\[(?P<kind>ERROR|WARNING|WARN|INFO)\] (?P<level>High|Medium|Low): )"
        r"(?P<message>\S.*?) +(?:[A-Z][a-z]+(?: [a-z]+)*) (?P<file>[\w$-]+\.\w+):"
        r"\[lines? (?P<line>\d+)(?:-(?P<end>\d+))?\](?: (?P<type>[A-Z][A-Z_0-9]+))?"
    )
    _CLASS = re.compile(r"(?:.*\bin |.*\[)(?P<name>(?:[a-z]\w*\.)+)[A-Z]\w*")

    def begin(self, line: str) -> bool:
        match = self._PATTERN.match(line)
        if not match:
            return False
        message, file = match["message"], match["file"]
        if found := self._CLASS.match(message):
            file = f"{found['name'].replace('.', '/')}{file}"
        span = self.report.span(file, match["line"])
        if match["end"] and match["end"] != match["line"]:
            end = self.report.span(file, match["end"]).line
            span = msgspec.structs.replace(span, end_line=end)
        is_error = match["rank"] == "H" or match["level"] == "High" or match["kind"] == "ERROR"
        severity = Severity.ERROR if is_error else Severity.WARNING
        self.add(span, severity, message, "spotbugs", match["type"] or match["code"] or "")
        return True


class Ktlint(LineParser):
    """Reads lines like kotlinc's, with the message in place of the severity."""

    TOOLS = "ktlint"
    HINTS = (".kt:", ".kts:")
    SOURCE = "ktlint"
    UNIT = ColumnUnit.UTF16
    DEFAULT = Severity.WARNING
    PATTERN = re.compile(
        rf"{_START}\.kts?):(?P<line>\d+):(?P<column>\d+): "
        r"(?!(?:error|warning|info|logging|exception|strong warning|note): )(?P<message>\S.*?)"
        r"(?: \((?P<code>(?:[\w-]+:)?[a-z][a-z-]*)\))?$"
    )


class Detekt(Parser):
    """Reads lines like ktlint's with the rule in brackets; before detekt 1.23 the rule is first."""

    TOOLS = "detekt"
    HINTS = (".kt:", ".kts:")

    _NEW = re.compile(
        rf"{_START}\.kts?):(?P<line>\d+):(?P<column>\d+): (?P<message>\S.*) \[(?P<code>[A-Z]\w+)\]$"
    )
    _OLD = re.compile(
        r"\s*(?P<code>[A-Z]\w+) - (?P<message>(?:\S.*? - )?\[[^\n]*\]) at "
        rf"{_START}\.kts?):(?P<line>\d+):(?P<column>\d+)\b"
    )

    def begin(self, line: str) -> bool:
        match = self._NEW.match(line) or self._OLD.match(line)
        if not match:
            return False
        span = self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
        )
        self.add(span, Severity.WARNING, match["message"], "detekt", match["code"])
        return True
