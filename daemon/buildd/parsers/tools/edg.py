"""Reads compilers that quote the file name: those with EDG's front end, IBM's, Sun's and IAR's."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.carets import CaretParser

_KIND = (
    r"(?P<kind>(?i:(?:(?:catastrophic|fatal|serious|internal) )?error|warning|remark|note|info\w*))"
)
_LINE = re.compile(
    r"(?:\d+>)?\s{0,8}\"(?P<file>[^\"\n]+)\",? *"
    r"(?:[Ll]ine(?: =)? ?(?P<line>\d+)(?:\.(?P<dotted>\d+)|, Column = (?P<named>\d+)"
    r"| pos (?P<pos>\d+)|\((?P<paren>\d+)\)| \(col\. (?P<col>\d+)\))?"
    r"|(?P<row>\d+) |At (?:end|top) of source)?[:;,]? *"
    # IBM: `1506-046 (S)`
    r"(?:(?:(?P<number>\d{4}-\d{3}\w?) )?\((?P<letter>[IWELSU])\) "
    # IAR: `Error[Pe020]:`, Diab: `error (dcc:1518):`, EDG: `error #20-D:`, ARM: `Error:  #20:`
    rf"|{_KIND} *(?:\[(?P<bracket>[A-Za-z]*\d+)\]|\((?P<dcc>\w+:\d+)\)|(?P<hash>#[\w-]+)"
    r"|: {1,2}(?P<armcc>#\d+(?:-D)?|[A-Z]\d{4}[A-Z]))? *:)? *(?P<message>.*)"
)
_CRAY = re.compile(
    r"(?:cc|CC|ftn|cf90|f90)-(?P<code>\d+) \w+: "
    r"(?P<kind>ERROR|WARNING|CAUTION|REMARK|NOTE|COMMENT)\b[^=\n]*"
    r"File = (?P<file>[^,\n]+), Line = (?P<line>\d+)(?:, Column = (?P<column>\d+))?"
)
_LETTERS = {"I": Severity.INFORMATION, "W": Severity.WARNING}
_KINDS = {"w": Severity.WARNING, "c": Severity.WARNING, "e": Severity.ERROR, "f": Severity.ERROR,
          "s": Severity.ERROR}  # fmt: skip
_COLUMNS = ("dotted", "named", "pos", "paren", "col")
_CODES = ("number", "bracket", "dcc", "hash", "armcc")


class Edg(CaretParser):
    """Reads a message, whose further lines are indented, then the source line and a caret."""

    TOOLS = "armcc, TI's, Green Hills', IAR's, Diab, NVIDIA HPC's, xlc, Sun's, Cray's compilers"
    HINTS = ('", line ', '", Line ', '",', " File = ")
    STOP = re.compile(r"\S|$")
    UNIT = ColumnUnit.CODE_POINT

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_wrapped = False
        """Whether all indented lines below belong to the message."""

    def begin(self, line: str) -> bool:
        if match := _CRAY.match(line):
            span = self.report.span(match["file"], match["line"], match["column"])
            self.head(span, _severity(match["kind"]), "", "cray", match["code"])
            self._is_wrapped = True
            return True
        match = _LINE.match(line)
        if not match or not _is_one(match):
            return False
        column = next((match[name] for name in _COLUMNS if match[name]), None)
        span = self.report.span(match["file"], match["line"] or match["row"], column)
        code = next((match[name] for name in _CODES if match[name]), "")
        severity = _LETTERS.get(match["letter"] or "", Severity.ERROR)
        if match["kind"]:
            severity = _severity(match["kind"])
        self.head(span, severity, match["message"], _source(match), code)
        # IAR prints the source line above.
        self._is_wrapped = bool(match["row"])
        return True

    def more(self, line: str) -> bool | None:
        if not self._is_wrapped:
            return super().more(line)
        if not line.startswith("  ") or not line.strip():
            self._is_wrapped = False
            return False
        self.lengthen(line)
        return True

    def lengthen(self, line: str) -> None:
        super().lengthen(line.strip())

    def _mark(self, source: str, caret: int, line: str, count: int) -> None:
        # EDG indents the source line by two columns.
        if source.startswith("  ") and caret > 1:
            source, caret, line = source[2:], caret - 2, line[2:]
        super()._mark(source, caret, line, count)


def _is_one(match: re.Match[str]) -> bool:
    if match["kind"]:
        return bool(match["line"] or match["row"] or match["dcc"] or match["hash"])
    # Sun's C compiler does not mark errors as such.
    return bool(match["letter"] or (match["line"] and match["message"]))


def _severity(kind: str) -> Severity:
    last = kind.lower().rpartition(" ")[2]
    return (
        Severity.INFORMATION
        if last.startswith("com")
        else _KINDS.get(last[0], Severity.INFORMATION)
    )


def _source(match: re.Match[str]) -> str:
    if match["bracket"]:
        return "iar"
    if match["dcc"]:
        return "diab"
    if match["letter"]:
        return "xlc"
    return "armcc" if match["armcc"] else "edg" if match["hash"] else "cc"
