"""Reads msbuild and dotnet, MSVC's cl and link, and tools that print like them.

Among these are nvcc, Intel's compilers and clang-cl.
"""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.gcc_heads import coded

_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(\"'\[<>|](?:[^:(\"'\n<>|]|\(x86\))*?)"
_PLACE = (
    r" ?\((?P<line>\d+)(?:[,:] ?(?P<column>\d+))?(?:-(?P<last>\d+))?"
    r"(?:,(?P<end_line>\d+),(?P<end_column>\d+))?\)"
)
_KIND = (
    r"(?:(?P<sub>[^\W\d_]+(?: [^\W\d_]+)?) )??"
    r"(?P<kind>(?i:(?:fatal|catastrophic|internal) error|error|warning|remark|message|"
    r"informational|info))"
)
_PROJECT = r"(?: \[(?P<project>[^\[\]\n]+?\.\w*proj)(?:::[^\]\n]*)?\])?$"
_HEAD = re.compile(
    rf"(?:\d+>)?\s*{_FILE}{_PLACE} ?: *(?:\(col\. (?P<col>\d+)\) )?{_KIND}"
    rf" ?(?P<code>[A-Za-z]{{1,12}}[-_]?\d{{1,7}}|#\d+(?:-D)?|\[[A-Z][a-z]\d+\]|\d{{1,4}}|XXX)?"
    rf" ?[:.] ?(?P<message>.*?){_PROJECT}"
)
_NOTE = re.compile(
    rf"(?:\d+>)?\s*{_FILE}{_PLACE} ?: (?:note|message ?): (?P<message>.*?){_PROJECT}"
)
# Before Visual Studio 2015, notes were not marked as such.
_OLD_NOTE = re.compile(
    rf"(?:\d+>)?\s*{_FILE}{_PLACE} ?: (?P<message>(?:see (?:declaration|reference|previous)|"
    r"could be|or |while |followed by|being compiled|This diagnostic|"
    r"previous definition|first |and ).*)"
)
_ALONE = re.compile(
    r"(?:\d+>)?\s*(?P<origin>[^\s:][^:\n]*?|[A-Za-z]:\\[^:\n]*?)\s?: "
    rf"{_KIND} (?P<code>[A-Za-z]{{1,8}}\d{{3,6}}) ?: (?P<message>.*?){_PROJECT}"
)
# Parts of each line that these patterns match; they are searched for first, because that is fast.
_PLACED = re.compile(r"\(\d[\d,:\- ]*\) ?:")
_CODED = re.compile(
    r"(?i:error|warning|remark|message|informational|info) [A-Za-z]{1,8}\d{3,6} ?: "
)
# Messages of commands that msbuild runs.
_EXECUTED = re.compile(
    rf"(?:\d+>)?\s*(?P<origin>EXEC|MSBUILD|CSC|VBC|FSC|LINK|LIB|RC|MIDL|NMAKE|CVTRES|MT|ILINK)\s*: "
    rf"{_KIND} ?(?P<code>(?<= )[A-Za-z]+\d+)? ?: (?P<message>.*?){_PROJECT}"
)
_CANDIDATE = re.compile(
    r"\s+(?P<what>could be|or) +'(?P<file>(?:[A-Za-z]:[\\/])?[^:\n]+)\((?P<line>\d+)\) ?: "
    r"(?P<message>.*?)'?$"
)
_MARK = re.compile(r"(?P<before>[\s-]*)\^(?P<more>~*)\s*$")
_DETECTED = re.compile(
    r"\s+(?:detected during .*|instantiation of .*|processing of .*|.* )?at line (?P<line>\d+)"
    r"(?: of \"?(?P<file>[^\"\n]+?)\"?)?$"
)
_SEVERITIES = {
    "warning": Severity.WARNING,
    "remark": Severity.INFORMATION,
    "message": Severity.INFORMATION,
    "info": Severity.INFORMATION,
    "informational": Severity.INFORMATION,
}
_FORTRAN = (".f90", ".f", ".F90", ".F", ".for", ".f95", ".f03", ".f08", ".inc", ".fpp")
_SOURCES = (
    ("CS", "csc"), ("FS", "fsc"), ("BC", "vbc"), ("LNK", "link"), ("MSB", "msbuild"),
    ("NU", "msbuild"), ("NETSDK", "msbuild"), ("MIDL", "midl"), ("RC", "rc"), ("EDC", "xlc"),
    ("CVT", "cvtres"), ("U1", "nmake"), ("PRJ", "msbuild"), ("CCN", "xlc"),
)  # fmt: skip


class Msbuild(Parser):
    """Reads `FILE(LINE,COLUMN): error CODE: … [PROJECT]`. Columns count UTF-16 units.

    The summary repeats diagnostics, which are known by then.
    """

    TOOLS = "msbuild, dotnet (C#, F#, VB), MSVC cl and link, nvcc, icc, ifort"
    HINTS = ("error", "warning", ": note: ", "remark", ": Error", ": Warning", ": Info ",
             ": message", ": info", ") : see ", ") : could be", ") : while", ") : or ")  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._marks = False
        self._is_classic = False
        self._shift = 0
        """How far the source line is indented, below which a mark gives the column."""

    def begin(self, line: str) -> bool:
        if _PLACED.search(line):
            if match := _HEAD.match(line):
                return self._head(match)
            if match := _NOTE.match(line) or _OLD_NOTE.match(line):
                if self.at is None:
                    return False
                self.note(self._span(match), match["message"])
                return True
        if match := (_CODED.search(line) and _ALONE.match(line)) or _EXECUTED.match(line):
            return self._alone(match)
        return False

    def more(self, line: str) -> bool | None:
        if match := _NOTE.match(line) or _OLD_NOTE.match(line):
            self.note(self._span(match), match["message"])
            return True
        if not self._marks:
            return False
        if match := _MARK.match(line):
            # Intel's compilers and nvcc give the column by a mark below the source.
            self._mark(match)
            return True
        if not line.startswith((" ", "\t")) or not line.strip():
            return None if not line.strip() else False
        if self._is_classic:
            return self._classic(line)
        if (match := _DETECTED.match(line)) and self.at is not None:
            file = match["file"] or self.report.diagnostics[self.at].span.file
            self.note(self.report.span(file, match["line"]), line.strip())
        return True

    def _classic(self, line: str) -> bool:
        """Reads a further line of MSVC's message, which is far to the right.

        It is so as long as MSVC prints no source.
        """
        if match := _CANDIDATE.match(line):
            span = self.report.span(match["file"], match["line"])
            self.note(span, f"{match['what']} {match['message']}")
        elif line.startswith(" " * 8):
            self.lengthen(line[8:])
        else:
            return False
        return True

    def _head(self, match: re.Match[str]) -> bool:
        code = (match["code"] or "").strip("[]")
        message = match["message"]
        span = self._span(match)
        if not code:
            message, code = coded(message)
        if not code and match["kind"] in ("info", "message", "informational"):
            return False  # printed by Boost.Test, or by a command for people
        source = _source(code, match)
        self._marks = source in ("nvcc", "icc", "ifort", "clang", "cl")
        # EDG indents the source line by two spaces.
        self._shift = 0 if source in ("ifort", "clang", "cl") else 2
        self._is_classic = source == "cl" and span.column is None
        severity = _SEVERITIES.get(match["kind"].lower(), Severity.ERROR)
        self.add(span, severity, message, source, code)
        return True

    def _alone(self, match: re.Match[str]) -> bool:
        code = match["code"] or ""
        if code == "U1077":
            return True  # a failed command prints its own error
        span = NOWHERE
        origin = match["origin"]
        if origin.endswith(("proj", ".cs", ".vb", ".fs", ".cpp", ".c", ".targets", ".sln", ".props",
                            ".rc", ".idl", ".slnx")):  # fmt: skip
            span = self.report.span(origin, 1)
        elif match["project"]:
            span = self.report.span(match["project"], 1)
        self._marks = False
        severity = _SEVERITIES.get(match["kind"].lower(), Severity.ERROR)
        self.add(span, severity, match["message"], _source(code, match), code)
        return True

    def _span(self, match: re.Match[str]) -> Span:
        group = match.groupdict()
        column = group.get("column") or group.get("col")
        end = group.get("end_column")
        if not end and column and group.get("last") and len(group["last"]) < 9:
            end = str(int(group["last"]) + 1)
        return self.report.span(
            match["file"].strip(),
            match["line"],
            column,
            group.get("end_line"),
            end,
            ColumnUnit.UTF16,
        )

    def _mark(self, match: re.Match[str]) -> None:
        self._marks = self._shift > 0
        if self.at is None:
            return
        place = self.report.diagnostics[self.at].span
        column = len(match["before"]) + 1 - self._shift
        count = len(match["more"]) + 1
        end = column + count if count > 1 else None
        if place.column is None and column > 0 and place.file:
            span = Span(
                file=place.file,
                line=place.line,
                column=column,
                end_column=end,
                # EDG prints a tab as one space.
                unit=ColumnUnit.CODE_POINT if self._shift else ColumnUnit.DISPLAY,
            )
            self.report.amend(self.at, span=span)
        elif place.column == column and end and not place.end_column:
            self.report.amend(self.at, span=msgspec.structs.replace(place, end_column=end))


def _source(code: str, match: re.Match[str]) -> str:
    if code.startswith("-W") or (
        not code and not match["project"] and match.groupdict().get("column")
    ):
        return "clang"
    if code.startswith("-"):
        return "nasm"
    for prefix, name in _SOURCES:
        if code.startswith(prefix):
            return name
    if code[:1] in ("C", "D") and code[1:].isdecimal():
        return "cl"
    if code.startswith("#"):
        file = match.groupdict().get("file") or ""
        return "nvcc" if code.endswith("-D") else "ifort" if file.endswith(_FORTRAN) else "icc"
    if code.isdecimal():
        return "pc-lint"
    if not code and match.groupdict().get("col"):
        return "icc"
    return "msbuild" if code or match["project"] else "nvcc"
