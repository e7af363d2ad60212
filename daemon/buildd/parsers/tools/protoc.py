"""Reads protoc with its plug-ins, and Buf."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import LineParser, Parser
from buildd.parsers.report import NOWHERE

_FILE = r"(?P<file>[^\s:(][^:(\n]*\.proto)"
_PLACED = re.compile(
    rf"{_FILE}(?::(?P<line>\d+):(?P<column>\d+): (?:(?P<kind>warning|error): )?"
    r"|\((?P<row>\d+)\) : (?P<level>error|warning) in column=(?P<at>\d+): )(?P<message>.+)"
)
_SYNTAX = re.compile(
    r".*\] (?P<message>No syntax specified for the proto file: (?P<file>.+?\.proto)\. .*)"
)
_ALONE = re.compile(
    r"(?:--\w+_out: (?P<plugin>.*(?:[Pp]lugin|: ).*)"
    r"|(?P<message>(?:Could not make proto path relative: |protoc-gen-\S+: program not found).*))"
)


class Protoc(Parser):
    """Reads one line per diagnostic. Columns count a tab up to the next multiple of eight."""

    TOOLS = "protoc"
    HINTS = (
        ".proto:",
        ".proto(",
        "No syntax specified for the proto file",
        "_out: ",
        "proto path relative",
        "\nprotoc-gen-",
    )

    def begin(self, line: str) -> bool:
        if match := _PLACED.match(line):
            span = self.report.span(
                match["file"],
                match["line"] or match["row"],
                match["column"] or match["at"],
                unit=ColumnUnit.DISPLAY,
            )
            is_warning = "warning" in (match["kind"], match["level"])
            severity = Severity.WARNING if is_warning else Severity.ERROR
            self.add(span, severity, match["message"], "protoc")
        elif match := _SYNTAX.match(line):
            span = self.report.span(match["file"], 1)
            self.add(span, Severity.WARNING, match["message"], "protoc")
        elif match := _ALONE.match(line):
            self.add(NOWHERE, Severity.ERROR, match["message"] or match["plugin"], "protoc")
        else:
            return False
        return True


class Buf(LineParser):
    """Reads `buf lint`, `buf build` and `buf breaking`, which print no space before the message."""

    TOOLS = "Buf"
    HINTS = (".proto:",)
    SOURCE = "buf"
    UNIT = ColumnUnit.BYTE
    PATTERN = re.compile(
        rf"{_FILE}:(?P<line>\d+):(?P<column>\d+):(?:warning: )?(?P<message>[^\s\d:].*)"
    )
