"""Reads erlc, rebar3, dialyzer and elvis, for Erlang."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser, path

_LINE = re.compile(
    path("erl", "hrl", "yrl", "xrl", "app\\.src", "config")
    + r":(?P<line>\d+)(?::(?P<column>\d+))?: (?P<warning>Warning: )?(?P<message>(?!error: )\S.*)"
)
_ELVIS = re.compile(path("erl", "hrl") + r":(?P<line>\d+):(?P<code>[a-z]\w*):(?P<message>\S.*)")
_DIALYZER = re.compile(
    r"Function \S+ (?:has no local return|will never be called)|The pattern |The variable |"
    r"The call |The created fun|The return type|The inferred |The specification |"
    r"The success typing|Invalid (?:type specification|contract)|Callback info|"
    r"Callback .* is not exported|"
    r"The callback |Unknown (?:function|type|behaviour)|Guard test |Expression produces a value|"
    r"Record construction|Type specification |Fun application|Overloaded contract|"
    r"Undefined callback|Call to missing or unexported|The (?:test|attempt|record|binary|clause) |"
    r"Attempt to |Body yields|Unmatched|Matching of pattern|Cons will produce|Creation of "
)
"""Messages of dialyzer in the compiler's format, all of which are warnings."""
_BOX = re.compile(r" *┌─ (?P<file>[^\n:]+\.[eh]rl):")
_BOX_LINE = re.compile(r" *(?P<line>\d+) │")
_BOX_MARK = re.compile(r" *│ (?P<before> *)[╰^]─* ?(?P<message>.*)")


class Erlang(Parser):
    """Reads one line per diagnostic, with the source below since OTP 24, and rebar3's boxes."""

    TOOLS = "erlc, rebar3, dialyzer, elvis"
    HINTS = (".erl:", ".hrl:", ".yrl:", ".xrl:", "┌─ ")

    def begin(self, line: str) -> bool:
        self._file = self._line = ""
        if match := _BOX.match(line):
            self._file = match["file"].strip()
            return True
        match = _LINE.match(line)
        if match:
            span = self.report.span(match["file"], match["line"], match["column"])
            message = match["message"]
            is_dialyzer = bool(_DIALYZER.match(message))
            is_warning = match["warning"] or is_dialyzer
            kind = Severity.WARNING if is_warning else Severity.ERROR
            self.add(span, kind, message, "dialyzer" if is_dialyzer else "erlc")
            self._is_dialyzer = is_dialyzer
            return True
        if match := _ELVIS.match(line):
            span = self.report.span(match["file"], match["line"])
            self.add(span, Severity.WARNING, match["message"], "elvis", match["code"])
            self._is_dialyzer = False
            return True
        return False

    def more(self, line: str) -> bool | None:
        if not self._file:
            if self._is_dialyzer and line.startswith("  ") and line.strip():
                self.lengthen(line.strip())
                return True
            return line.startswith("%")
        if match := _BOX_LINE.match(line):
            self._line = match["line"]
            return True
        if (match := _BOX_MARK.match(line)) and self._line and match["message"]:
            message = match["message"]
            is_warning = message.startswith("Warning: ")
            span = self.report.span(self._file, self._line, len(match["before"]) + 1)
            kind = Severity.WARNING if is_warning else Severity.ERROR
            self.add(span, kind, message.removeprefix("Warning: "), "erlc")
            return True
        return line.strip().startswith("│") or line.strip() == "│"

    _file = ""
    _line = ""
    _is_dialyzer = False
