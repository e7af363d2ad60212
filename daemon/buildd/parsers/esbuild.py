"""esbuild, and vite's and others' messages in its form."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import Report

_HEAD = re.compile(
    r"(?P<sign>[✘X▲!]) \[(?P<kind>ERROR|WARNING)\] (?P<message>.*?)(?: \[(?P<code>[a-z][\w-]+)\])?$"
)
_PLACE = re.compile(r"    (?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+):$")
_MARKS = re.compile(r" +│ +(?P<marks>[~^]+|╵.*)$")
_OLD = re.compile(
    r" > (?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+): (?P<kind>error|warning): "
    r"(?P<message>.*)"
)


class Esbuild(Parser):
    """A head, the place two lines below, an excerpt; columns count bytes from 0."""

    TOOLS = "esbuild, vite, tsup"
    HINTS = ("[ERROR]", "[WARNING]", "\n > ")

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._head: tuple[Severity, str, str] | None = None
        self._note = ""

    def begin(self, line: str) -> bool:
        if match := _HEAD.match(line):
            kind = Severity.ERROR if match["kind"] == "ERROR" else Severity.WARNING
            self._head, self.at, self._note = (
                (kind, match["code"] or "", match["message"]),
                None,
                "",
            )
            return True
        if match := _OLD.match(line):
            self._head = None
            kind = Severity.ERROR if match["kind"] == "error" else Severity.WARNING
            self._place(match, kind, match["message"], "")
            return True
        return False

    def more(self, line: str) -> bool | None:
        if match := _PLACE.match(line):
            if self._head:
                self._place(match, *self._reordered())
                self._head = None
            elif self._note:
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
        if self.at is None or self._note or not marks.startswith("~"):
            return
        span = self.report.diagnostics[self.at].span
        if span.column and span.end_column is None:
            span = msgspec.structs.replace(span, end_column=span.column + len(marks))
            self.report.amend(self.at, span=span)


def _from_zero(column: str) -> int | None:
    return int(column) + 1 if len(column) < 9 else None
