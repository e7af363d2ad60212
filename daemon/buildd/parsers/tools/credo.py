"""Reads Credo and Dialyxir, linters for Elixir."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import LineParser, Parser
from buildd.parsers.report import ParseResult

_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:()\[\]]+\.(?:exs?|eex|heex|leex))"
_PLACE = rf"{_FILE}(?::(?P<line>\d+)(?::(?P<column>\d+))?)?"
_HEAD = re.compile(r"[┃│] \[(?P<kind>[CDFRW])\] \S+ (?P<message>\S.*)")
_BELOW = re.compile(rf"[┃│] +{_PLACE}(?: #\(.*\))?$")
_LINE = re.compile(rf"\[(?P<kind>[CDFRW])\] \S+ {_PLACE} (?P<message>\S.*)")
_FLYCHECK = re.compile(rf"{_PLACE}: (?P<kind>[CDFRW]): (?P<message>\S.*)")


class Credo(Parser):
    """Reads a message with its place below, or both on one line. Columns count code points.

    Only warnings are likely errors; all else concerns style and is information.
    """

    TOOLS = "Credo"
    HINTS = ("[C] ", "[D] ", "[F] ", "[R] ", "[W] ", ": C: ", ": D: ", ": F: ", ": R: ", ": W: ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None

    def begin(self, line: str) -> bool:
        self._head = None
        if match := _LINE.match(line) or _FLYCHECK.match(line):
            self._found(match, match["kind"], match["message"])
        elif match := _HEAD.match(line):
            self._head = match
        else:
            return False
        return True

    def more(self, line: str) -> bool:
        head = self._head
        if head is None:
            return False
        if match := _BELOW.match(line):
            self._head = None
            self._found(match, head["kind"], head["message"])
            return True
        return line.startswith(("┃", "│")) and not _HEAD.match(line)

    def _found(self, match: re.Match[str], kind: str, message: str) -> None:
        span = self.report.span(
            match["file"], match["line"] or 1, match["column"], unit=ColumnUnit.CODE_POINT
        )
        severity = Severity.WARNING if kind == "W" else Severity.INFORMATION
        self.add(span, severity, message, "credo", kind)


class Dialyxir(LineParser):
    """Reads the short format of Dialyxir."""

    TOOLS = "Dialyxir (short)"
    HINTS = (".ex:", ".exs:")
    SOURCE = "dialyxir"
    DEFAULT = Severity.WARNING
    PATTERN = re.compile(
        rf"{_FILE}:(?P<line>\d+):(?:(?P<column>\d+):)?(?P<code>[a-z]+(?:_[a-z]+)*) "
        r"(?P<message>\S.*)"
    )
