"""Reads the errors of Lua, luac and LuaJIT."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.trace_parser import TraceParser

_HEAD = re.compile(
    r"(?:\S*/)?(?:lua|luac|luajit|texlua|tarantool|resty)[\d.-]*(?:\.exe)?: "
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(][^:\n]*):(?P<line>\d+): (?P<message>.*)"
)
_LOADING = re.compile(
    r"(?:\S*/)?(?:lua|luajit|texlua)[\d.-]*: error loading module '(?P<name>[^'\n]*)' from file "
    r"'(?P<file>[^'\n]*)':$"
)
_FRAME = re.compile(r"\t(?P<file>(?:[A-Za-z]:[\\/])?[^\s:\[(][^:\n]*):(?P<line>\d+):(?P<what>.*)$")


def is_other(file: str) -> bool:
    """Returns whether a stack frame lies in a library, or its file name has lost its start."""
    return (
        file.startswith(("...", "/usr/", "[")) or "/share/lua/" in file or "/lua_modules/" in file
    )


class Lua(TraceParser):
    """Reads one diagnostic per error, with the stack below."""

    TOOLS = "Lua, luac, LuaJIT"
    HINTS = (
        *("lua: ", "luac: ", "luajit: ", "lua.exe: "),
        *(f"{program}{number}: " for program in ("lua5.", "luac5.") for number in range(1, 6)),
        *("luajit-", "\nlua5", "\nluac5", "luajit2", "error loading module '"),
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._state = ""

    def begin(self, line: str) -> bool:
        self._state = ""
        if _LOADING.match(line):
            self._state = "loading"
            return True
        match = _HEAD.match(line)
        if not match:
            return False
        self.is_placed = not is_other(match["file"])
        is_cut = match["file"].startswith("...")
        span = NOWHERE if is_cut else self.report.span(match["file"], match["line"])
        self.add(span, Severity.ERROR, match["message"], "lua")
        self._state = "stack"
        return True

    def more(self, line: str) -> bool | None:
        match = _FRAME.match(line)
        if self._state == "loading":
            if match:
                span = self.report.span(match["file"], match["line"])
                self.add(span, Severity.ERROR, match["what"], "lua")
                self._state, self.is_placed = "stack", True
            return match is not None
        if self._state != "stack":
            return False
        if match and not is_other(match["file"]):
            span = self.report.span(match["file"], match["line"])
            self.call(span, f"called from here:{match['what']}")
        return line.startswith("\t") or line == "stack traceback:"
