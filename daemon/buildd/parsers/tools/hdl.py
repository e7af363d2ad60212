"""Reads compilers of hardware description languages: Verilator, Icarus Verilog, GHDL and Yosys."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import LineParser, Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.carets import CaretParser

_SOURCE = r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*\.(?:v|sv|vh|svh|vlt|vams|va|vp|svp))"


class Verilator(Parser):
    """Reads a first line; an excerpt, notes and `: ... ` lines follow."""

    TOOLS = "Verilator"
    HINTS = ("%Error", "%Warning")
    _HEAD = re.compile(
        r"%(?P<kind>Error|Warning)(?:-(?P<code>[A-Z0-9_]+))?: "
        r"(?:(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*):(?P<line>\d+)(?::(?P<column>\d+))?: )?"
        r"(?P<message>.*)"
    )
    _CARET = re.compile(r" +\| (?P<indent> *)(?P<marks>\^~*)")
    _NOTE = re.compile(
        r" +(?:[^\s:]+:\d+:\d+: )?\.\.\. (?P<message>[^\n]*?)"
        r"(?:(?P<file>[^\s:]+):(?P<line>\d+):(?P<column>\d+))?: ?(?P<rest>.*)$"
    )
    _PLACE = re.compile(
        r" +(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+): \.\.\. (?P<message>.*)"
    )

    def begin(self, line: str) -> bool:
        match = self._HEAD.match(line)
        if not match:
            return False
        message = match["message"]
        self._is_place = bool(match["file"])
        self._is_head = True
        if not match["file"] and message.startswith(
            ("Exiting due to ", "Cannot continue", "Command Failed ", "This may be because ")
        ):
            self.at = None
            return True
        span = self.report.span(match["file"], match["line"], match["column"], unit=ColumnUnit.BYTE)
        kind = Severity.ERROR if match["kind"] == "Error" else Severity.WARNING
        code = match["code"] or ""
        self.add(span, kind, message, "verilator", code)
        if self.at is not None and code and kind is Severity.WARNING:
            href = f"https://verilator.org/warn/{code}"
            self.report.amend(self.at, href=href)
        return True

    def more(self, line: str) -> bool | None:
        if not line.startswith("  "):
            return False
        if match := self._PLACE.match(line):
            span = self.report.span(match["file"], match["line"], match["column"])
            self.note(span, match["message"])
            self._is_head = False
        elif (match := self._CARET.match(line)) and self._is_head:
            self._is_head = False
            self._mark(len(match["marks"]))
        return True

    def _mark(self, count: int) -> None:
        if self.at is None or count < 2:
            return
        span = self.report.diagnostics[self.at].span
        if span.column:
            span = msgspec.structs.replace(span, end_column=span.column + count)
            self.report.amend(self.at, span=span)


class Iverilog(LineParser):
    """Reads one line per diagnostic, without a column."""

    TOOLS = "Icarus Verilog"
    HINTS = (".v:", ".sv:", ".vh:", ".svh:", ".va:", ".vp:")
    SOURCE = "iverilog"
    PATTERN = re.compile(
        rf"{_SOURCE}:(?P<line>\d+): (?:(?P<kind>error|warning|sorry|internal error|assert)"
        r": (?P<message>.*)|(?P<syntax>syntax error)$)"
    )

    def begin(self, line: str) -> bool:
        if line.endswith(": syntax error"):
            match = self.PATTERN.match(line)
            if not match:
                return False
            span = self.report.span(match["file"], match["line"])
            self.add(span, Severity.ERROR, "syntax error", self.SOURCE)
            return True
        return super().begin(line)

    def severity(self, group: Mapping[str, str | None]) -> Severity:
        return Severity.WARNING if group["kind"] == "warning" else Severity.ERROR


class Ghdl(CaretParser):
    """Reads errors of the analysis and failed assertions at run time.

    Columns count a tab up to the next multiple of eight.
    """

    TOOLS = "GHDL"
    HINTS = (".vhd:", ".vhdl:", ".psl:")
    UNIT = ColumnUnit.DISPLAY
    LINES = 1
    STOP = re.compile(r"(?:[A-Za-z]:)?[^\s:]+\.(?:vhdl?|psl):\d+:|$|\S+ghdl\S*: ")
    _HEAD = re.compile(
        r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*\.(?:vhdl?|psl)):(?P<line>\d+):(?P<column>\d+):"
        r"(?:@(?P<time>[^:\n]+):\((?P<origin>[\w ]+?) (?P<level>note|warning|error|failure)\): ?"
        r"|(?: ?(?P<kind>error|warning|note): ?)?)?(?P<message>.*)"
    )
    _KINDS: Mapping[str, Severity] = {
        "note": Severity.INFORMATION,
        "warning": Severity.WARNING,
        "error": Severity.ERROR,
        "failure": Severity.ERROR,
    }

    def begin(self, line: str) -> bool:
        match = self._HEAD.match(line)
        if not match:
            return False
        message, code = match["message"].strip(), ""
        if found := re.search(r" \[(-W[\w-]+)\]$", message):
            code, message = found[1], message[: found.start()]
        span = self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.DISPLAY
        )
        kind = self._KINDS[match["kind"] or match["level"] or "error"]
        self.head(span, kind, message, "ghdl", code)
        return True


class Yosys(Parser):
    """Reads messages with a place, and those without once Yosys has printed its name."""

    TOOLS = "Yosys"
    HINTS = ("ERROR: ", "Warning: ", "\nWarning: ", "Yosys", "Executing Verilog")
    _PLACED = re.compile(
        rf"{_SOURCE}:(?P<line>\d+)(?:\.(?P<column>\d+)-\d+\.\d+)?: "
        r"(?P<kind>ERROR|Warning): (?P<message>.*)"
    )
    _ALONE = re.compile(r"(?P<kind>ERROR|Warning): (?P<message>.*)")
    _OWN = re.compile(r"(?:Module `\\|.* `\\|No such command: |Wire \S+\.\\)")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_sure = False

    def begin(self, line: str) -> bool:
        if match := self._PLACED.match(line):
            span = self.report.span(match["file"], match["line"], match["column"])
        elif (match := self._ALONE.match(line)) and (
            self._is_sure or self._OWN.match(match["message"])
        ):
            span = NOWHERE
        else:
            self._is_sure = self._is_sure or "Yosys" in line or "Executing Verilog" in line
            return False
        kind = Severity.ERROR if match["kind"] == "ERROR" else Severity.WARNING
        self.add(span, kind, match["message"], "yosys")
        return True
