"""Reads rollup: `[!]` for an error or `(!)` for a warning, then the place and a code frame."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.web_files import FILES, from_zero
from buildd.parsers.tools.babel import SYNTAX

_NAME = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:\"'(][^:\"\n]*?\.(?:" + "|".join(FILES) + "))"
_HEAD = re.compile(
    r"(?P<sign>\[!\]|\(!\)) (?:\(plugin (?P<plugin>[^)]+)\) |\[plugin (?P<plugin2>[^\]]+)\] )?"
    r"(?P<rest>\S.*)$"
)
MESSAGE = re.compile(
    r"(?:[A-Z]\w*Error: |Error: )?(?:\[plugin [^\]]*\] )?(?:" + _NAME
    + r" \((?P<line>\d+):(?P<column>\d+)\): )?(?:@rollup/plugin-typescript )?"
    r"(?:(?P<code>TS\d+): )?(?P<message>.*)$"
)  # fmt: skip
"""The message after the sign. The column counts from 0, or from 1 in TypeScript messages of
plug-ins.
"""
FROM = re.compile(r".* from [\"']?" + _NAME + r"[\"']?\.?$")
_PLACE = re.compile(_NAME + r"(?:(?::)? \(?(?P<line>\d+):(?P<column>\d+)\)?)?$")
_IMPORTED = re.compile(r"(?P<name>\S+) \(imported by (?P<files>.+)\)$")
_SOURCE = re.compile(r"(?P<line>\d+): ")
_MARK = re.compile(r"(?P<indent> +)\^+$")
_LIMIT = 60


class Rollup(Parser):
    """Reads the message, perhaps a link, `file (line:column)`, a code frame, and rollup's stack.

    Columns count UTF-16 units.
    """

    TOOLS = "rollup"
    HINTS = ("[!] ", "(!) ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._severity = Severity.ERROR
        self._message = self._code = self._file = self._line = self._number = ""
        self._counts_from_one = False
        self._lines = 0

    def begin(self, line: str) -> bool:
        match = _HEAD.match(line)
        if not match:
            return False
        self._close()
        self._severity = Severity.ERROR if match["sign"] == "[!]" else Severity.WARNING
        self._file = self._line = self._number = ""
        self._lines, self.at = 0, None
        said = MESSAGE.match(match["rest"])
        self._message, self._code = match["rest"], ""
        plugin = match["plugin"] or match["plugin2"] or ""
        self._counts_from_one = plugin in ("typescript", "vue", "svelte")
        if babel := SYNTAX.match(match["rest"]):
            # Babel's code frame follows, and below that `file (line:column)` again.
            self._message = babel["message"]
            self._add(self._span(babel))
        elif said:
            self._message, self._code = said["message"], said["code"] or ""
            if said["file"]:
                self._add(self._span(said))
        return True

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if self._lines > _LIMIT or line.startswith(("created ", "Error: ")):
            self._close()
            return False
        if not line.strip() or line.startswith(("http", " ", "\t", "> ")):
            if (match := _MARK.match(line)) and self._number and self.at is None:
                self._framed(match)
            return True
        if match := _SOURCE.match(line):
            self._number = match["line"]
            return True
        if match := _IMPORTED.match(line):
            self._imported(match)
            return True
        match = _PLACE.match(line)
        if not match:
            return not (line.startswith(("[!]", "(!)")) or self._lines > 3)
        if match["line"]:
            if self.at is None:
                self._add(self._span(match))
        else:
            if self._file:
                self._close()
            self._file, self._number = match["file"], ""
        return True

    def finish(self) -> None:
        self._close()

    def _span(self, match: re.Match[str]) -> Span:
        column = match["column"] if self._counts_from_one else from_zero(match["column"])
        return self.report.span(match["file"], match["line"], column, unit=ColumnUnit.UTF16)

    def _add(self, span: Span) -> None:
        self.add(span, self._severity, self._message, "rollup", self._code)
        if self._severity is Severity.ERROR:
            self._file = ""

    def _framed(self, match: re.Match[str]) -> None:
        """Adds a warning that is placed by its code frame alone, where a tab is two spaces."""
        column = len(match["indent"]) - len(self._number) - 1
        if self._file and column > 0:
            span = self.report.span(
                self._file, self._number, column, unit=ColumnUnit.DISPLAY, tab_width=2
            )
            self._add(span)
            self._file = ""
            self.at = None

    def _imported(self, match: re.Match[str]) -> None:
        for file in match["files"].split(", ")[:20]:
            span = self.report.span(file.strip("\"'"), 1)
            self.report.add(
                span, self._severity, f"{self._message}: {match['name']}", "rollup", self._code
            )
        self._message = ""

    def _close(self) -> None:
        """Adds what was printed about a file without a place in it."""
        file, self._file = self._file, ""
        if self.at is not None or not self._message:
            return
        if file:
            self._add(self.report.span(file, 1))
        elif self._severity is Severity.ERROR:
            self._add(NOWHERE)
            self._message = ""
