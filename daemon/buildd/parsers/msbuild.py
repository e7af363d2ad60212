"""msbuild and dotnet, MSVC's cl and link, and who prints as they do: nvcc, Intel's compilers."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, Report

_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(\"'\[][^:(\"'\n]*?)"
_PLACE = (
    r"\((?P<line>\d+)(?:,(?P<column>\d+))?(?:-(?P<last_column>\d+))?"
    r"(?:,(?P<end_line>\d+),(?P<end_column>\d+))?\)"
)
_KIND = (
    r"(?:(?P<sub>[A-Za-z]+(?: [a-z]+)?) )?(?P<kind>fatal error|error|warning|remark|message|info)"
)
_PROJECT = r"(?: \[(?P<project>[^\[\]]+?\.\w*proj)(?:::[^\]]*)?\])?$"
_HEAD = re.compile(
    rf"(?:\d+>)?\s*{_FILE}{_PLACE} ?: {_KIND} ?(?P<code>[A-Za-z]{{1,12}}-?\d{{1,6}}|#\d+(?:-D)?)?"
    rf" ?: (?P<message>.*?){_PROJECT}"
)
_NOTE = re.compile(rf"(?:\d+>)?\s*{_FILE}{_PLACE} ?: note: (?P<message>.*)")
_ALONE = re.compile(
    r"(?:\d+>)?\s*(?P<origin>[^\s:][^:\n]*?|[A-Za-z]:\\[^:\n]*?)\s?: "
    rf"{_KIND} (?P<code>[A-Z]{{2,8}}\d{{3,6}}) ?: (?P<message>.*?){_PROJECT}"
)
_MARK = re.compile(r"(?P<before>\s*)\^\s*$")
_SEVERITIES = {
    "fatal error": Severity.ERROR,
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "remark": Severity.INFORMATION,
    "message": Severity.INFORMATION,
    "info": Severity.INFORMATION,
}


class Msbuild(Parser):
    """`FILE(LINE,COLUMN): error CODE: … [PROJECT]`; what the summary says again is known."""

    TOOLS = "msbuild, dotnet (C#, F#, VB), MSVC cl and link, nvcc, icc, ifort"
    HINTS = ("error", "warning", ": note: ", "remark")

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._source = ""
        self._marks = False

    def begin(self, line: str) -> bool:
        if match := _HEAD.match(line):
            self._head(match)
        elif match := _NOTE.match(line):
            if self.at is None:
                return False
            self.note(self._span(match), match["message"])
        elif match := _ALONE.match(line):
            return self._alone(match)
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if match := _NOTE.match(line):
            self.note(self._span(match), match["message"])
            return True
        if self._marks and (match := _MARK.match(line)):
            # Intel and nvcc tell the column by a mark below the source.
            self._mark(len(match["before"]) + 1)
            return True
        return self._marks and line.startswith((" ", "\t")) and bool(line.strip())

    def _head(self, match: re.Match[str]) -> None:
        code = match["code"] or ""
        self._marks = match["column"] is None
        self.add(
            self._span(match),
            _SEVERITIES[match["kind"]],
            match["message"],
            _source(code, is_plain=not (match["column"] or match["project"])),
            code,
        )

    def _alone(self, match: re.Match[str]) -> bool:
        code = match["code"]
        span = NOWHERE
        origin = match["origin"]
        if origin.endswith(("proj", ".cs", ".vb", ".fs", ".cpp", ".c", ".targets", ".sln")):
            span = self.report.span(origin, 1)
        elif match["project"]:
            span = self.report.span(match["project"], 1)
        self._marks = False
        self.add(
            span, _SEVERITIES[match["kind"]], match["message"], _source(code, is_plain=False), code
        )
        return True

    def _span(self, match: re.Match[str]) -> Span:
        group = match.groupdict()
        end = group.get("end_column")
        return self.report.span(
            match["file"].strip(),
            match["line"],
            group.get("column"),
            group.get("end_line"),
            end,
            ColumnUnit.UTF16,
        )

    def _mark(self, column: int) -> None:
        self._marks = False
        if self.at is not None:
            one = self.report.diagnostics[self.at].span
            if one.column is None:
                span = Span(file=one.file, line=one.line, column=column, unit=ColumnUnit.DISPLAY)
                self.report.amend(self.at, span=span)


def _source(code: str, *, is_plain: bool) -> str:
    if code.startswith("CS"):
        return "csc"
    if code.startswith("FS"):
        return "fsc"
    if code.startswith("BC"):
        return "vbc"
    if code.startswith("LNK"):
        return "link"
    if code.startswith(("MSB", "NU", "NETSDK")):
        return "msbuild"
    if code.startswith("C") and code[1:].isdecimal():
        return "cl"
    if code.startswith("#"):
        return "nvcc" if code.endswith("-D") else "icc"
    if not code and is_plain:
        return "nvcc"
    return "msbuild"
