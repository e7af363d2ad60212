"""Reads luacheck, a linter for Lua."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_CHECKING = re.compile(
    r"Checking (?P<file>\S.*?) +(?P<what>OK|\d+ (?P<kind>warning|error).*|.*error)$"
)
_LINE = re.compile(
    r" *(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+)(?:-"
    r"(?P<end>\d+))?: "
    r"(?:\((?P<code>[WE]\d{3})\) )?(?P<message>.*)"
)
_VISUAL = re.compile(
    r"(?P<file>[^\s(][^(\n]*)\((?P<line>\d+),(?P<column>\d+)\) : (?P<kind>warning|error)"
    r"(?: (?P<code>[WE]\d{3}))?: (?P<message>.*)"
)

_PLAIN = re.compile(
    r"[^\s:][^:\n]*\.lua:\d+:\d+(?:-\d+)?: (?:(?:un)?used |unused$|setting |accessing |mutating |"
    r"value |variable |field |line |trailing |inconsistent |shadowing |left-hand |right-hand |"
    r"unreachable |empty |loop |label |control |expected |unexpected |undefined |assigning |"
    r"error-prone |invalid |missing |unfinished |cyclomatic |unbalanced |access|argument |upvalue |"
    r"unable |const |'break' )"
)
"""Messages of --formatter plain, which prints neither codes nor headings."""

_SYNTAX = re.compile(r"(?:(?:un)?expected|unfinished|invalid|malformed) .*near ")


class Luacheck(Parser):
    """Reads one line per diagnostic. Columns count code points.

    Without codes, only the heading of the file says whether it has errors.
    """

    TOOLS = "luacheck"
    HINTS = ("\nChecking ", ": (W", ": (E", ") : warning W", ") : error E", ".lua:")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._kind = Severity.WARNING
        self._is_heading = False

    def begin(self, line: str) -> bool:
        if (match := _CHECKING.match(line)) and (
            ".lua" in line or "luacheck" in line or "rockspec" in line
        ):
            is_error = match["kind"] == "error" or match["what"].endswith("error")
            self._kind = Severity.ERROR if is_error else Severity.WARNING
            self._is_heading = True
            return True
        self._is_heading = False
        match = _VISUAL.match(line) or _LINE.match(line)
        if not match or not (match["code"] or _PLAIN.match(line)):
            return False
        self._kind = Severity.ERROR if _SYNTAX.match(match["message"]) else Severity.WARNING
        self._add(match)
        return True

    def more(self, line: str) -> bool | None:
        if not self._is_heading:
            return False
        if line.startswith("    ") and (match := _LINE.match(line)):
            self._add(match)
            return True
        return not line

    def _add(self, match: re.Match[str]) -> None:
        code = match["code"] or ""
        severity = self._kind
        if code:
            severity = Severity.ERROR if code.startswith("E") else Severity.WARNING
        end = match.groupdict().get("end")
        self.add(
            self.report.span(
                match["file"],
                match["line"],
                match["column"],
                None,
                int(end) + 1 if end and len(end) < 9 else None,
                ColumnUnit.CODE_POINT,
            ),
            severity,
            match["message"],
            "luacheck",
            code,
        )
