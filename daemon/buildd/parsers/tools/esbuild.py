"""Reads esbuild, and the messages of vite and others in its format."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_HEAD = re.compile(
    r"(?P<sign>[✘X▲!]) \[(?P<kind>ERROR|WARNING)\] (?P<message>.*?)(?: \[(?P<code>[a-z][\w-]+)\])?$"
)
_PLACE = re.compile(r"    (?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+):$")
_MARKS = re.compile(r" +[│╵] +(?P<marks>[~^]+)\s*$")
_SOURCE = re.compile(r" +\d+ │ (?P<text>.*)$")
_PLUGIN = re.compile(r" \[plugin [^\]]+\]$")
_ANGULAR = re.compile(r"(?P<code>(?:TS|NG)-?\d+): (?P<message>.*)$", re.DOTALL)
_SASS = re.compile(r" {2,4}(?P<file>\S.*?) (?P<line>\d+):(?P<column>\d+)  +\S")
_OLD = re.compile(
    r" > (?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+): (?P<kind>error|warning): "
    r"(?P<message>.*)"
)
_SUMMARY = re.compile(
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+): "
    r"(?P<kind>ERROR|WARNING): (?P<message>.*)$"
)


class Esbuild(Parser):
    """Reads a first line, the place two lines below, and an excerpt.

    Columns count bytes from 0.
    """

    TOOLS = "esbuild, vite, tsup"
    HINTS = ("[ERROR]", "[WARNING]", "\n > ", ": ERROR: ", ": WARNING: ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: tuple[Severity, str, str] | None = None
        self._note = ""
        self._is_short = False
        """Whether the diagnostic has only one line."""
        self._is_head = False
        """Whether the message may go on."""
        self._is_ascii = False

    def begin(self, line: str) -> bool:
        if match := _HEAD.match(line):
            kind = Severity.ERROR if match["kind"] == "ERROR" else Severity.WARNING
            self._head, self.at, self._note = (
                (kind, match["code"] or "", match["message"]),
                None,
                "",
            )
            self._is_short, self._is_head = False, True
            return True
        if match := _SUMMARY.match(line):
            # Tools that use esbuild as a library may have printed the same before.
            self._head, self._is_short = None, True
            kind = Severity.ERROR if match["kind"] == "ERROR" else Severity.WARNING
            self._place(match, kind, match["message"], "")
            return True
        if match := _OLD.match(line):
            self._head, self._is_short = None, False
            kind = Severity.ERROR if match["kind"] == "error" else Severity.WARNING
            self._place(match, kind, match["message"], "")
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._is_short:
            return False
        if self._head and self._is_head:
            return self._in_head(line)
        if match := _SOURCE.match(line):
            self._is_ascii = match["text"].isascii()
        if match := _PLACE.match(line):
            if self._head:
                self._place(match, *self._reordered())
                self._head = None
            elif self._note and self._note != "-":
                span = self.report.span(match["file"], match["line"], _from_zero(match["column"]))
                self.note(span, self._note)
            return True
        if not line.strip():
            return True
        if match := _MARKS.match(line):
            self._mark(match["marks"])
            return True
        if line.startswith("  ") and not line.startswith("    ") and "│" not in line:
            self._note = line.strip()
            return True
        return line.startswith("    ")

    def finish(self) -> None:
        self._head = None

    def _in_head(self, line: str) -> bool | None:
        """Reads a further line of a message, which an empty line ends."""
        assert self._head  # noqa: S101 (the caller has looked)
        severity, code, message = self._head
        if not line.strip():
            self._is_head = False
            message = _PLUGIN.sub("", message)
            if match := _ANGULAR.match(message):
                code, message = match["code"], match["message"]
            self._head = severity, code, message
        elif match := _SASS.match(line):
            # It is the message of a plug-in, whose place is the right one.
            self._head = None
            span = self.report.span(
                match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
            )
            self.add(span, severity, message, "sass")
            self._note = "-"
        elif line.startswith("    "):
            return False
        elif "│" not in line and line.strip() not in ("╷", "╵") and len(message) < 2000:
            self._head = severity, code, f"{message}\n{line.strip()}"
        return True

    def _reordered(self) -> tuple[Severity, str, str]:
        assert self._head  # noqa: S101 (the caller has looked)
        severity, code, message = self._head
        return severity, message, code

    def _place(self, match: re.Match[str], severity: Severity, message: str, code: str) -> None:
        span = self.report.span(
            match["file"], match["line"], _from_zero(match["column"]), unit=ColumnUnit.BYTE
        )
        self.add(span, severity, message, "esbuild", code)

    def _mark(self, marks: str) -> None:
        if self.at is None or self._note or not marks.startswith("~") or not self._is_ascii:
            return
        span = self.report.diagnostics[self.at].span
        if span.column and span.end_column is None:
            span = msgspec.structs.replace(span, end_column=span.column + len(marks))
            self.report.amend(self.at, span=span)


def _from_zero(column: str) -> int | None:
    return int(column) + 1 if len(column) < 9 else None
