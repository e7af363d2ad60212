"""erlc and rebar3."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser, path

_LINE = re.compile(
    path("erl", "hrl", "yrl", "xrl", "app\\.src", "config")
    + r":(?P<line>\d+)(?::(?P<column>\d+))?: (?P<warning>Warning: )?(?P<message>(?!error: )\S.*)"
)
_BOX = re.compile(r" *┌─ (?P<file>[^\n:]+\.[eh]rl):")
_BOX_LINE = re.compile(r" *(?P<line>\d+) │")
_BOX_MARK = re.compile(r" *│ (?P<before> *)[╰^]─* ?(?P<message>.*)")


class Erlang(Parser):
    """A line each, with `%% ` and the source below since 24; rebar3's boxes."""

    TOOLS = "erlc, rebar3, dialyzer"
    HINTS = (".erl:", ".hrl:", ".yrl:", ".xrl:", "┌─ ")

    def begin(self, line: str) -> bool:
        self._file = self._line = ""
        if match := _BOX.match(line):
            self._file = match["file"].strip()
            return True
        match = _LINE.match(line)
        if not match:
            return False
        span = self.report.span(match["file"], match["line"], match["column"])
        kind = Severity.WARNING if match["warning"] else Severity.ERROR
        self.add(span, kind, match["message"], "erlc")
        return True

    def more(self, line: str) -> bool | None:
        if not self._file:
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
