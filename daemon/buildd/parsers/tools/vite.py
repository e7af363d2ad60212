"""Reads vite 2 to 7, which build with rollup, and from 8 on with rolldown."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.web_files import from_zero
from buildd.parsers.tools.rollup import FROM, MESSAGE

_FILE = re.compile(
    r"(?:file|  File): (?P<file>\S.*?)(?:\?[^:]*)?(?::(?P<line>\d+):(?P<column>\d+))?$"
)
_IMPORT = re.compile(
    r"(?:.*?\[vite\] (?:Internal server error: |Pre-transform error: )?|Error: )?(?:\[vite\]: )?"
    r"(?P<message>(?:Rollup f|F)ailed to resolve import \"[^\"]*\" from \"(?P<file>[^\"]+)\".*)$"
)
_SERVER = re.compile(r".*?\[vite\] (?:Internal server error|Pre-transform error): (?P<rest>\S.*)$")
_PLUGIN = re.compile(
    r"(?:[A-Z]\w*Error: |Error: )?\[(?:vite:|plugin:|@|vite-)(?P<plugin>[^\]]*)\] "
)
_POSTCSS = re.compile(
    r"(?:\[\w+\] )?(?:[\w-]+: )?(?P<file>/[^\n:]*|[A-Za-z]:[^\n:]*):(?P<line>\d+):"
    r"(?P<column>\d+): (?P<message>.*)$"
)
_SASS = re.compile(r" {2,4}(?P<file>\S.*?) (?P<line>\d+):(?P<column>\d+)  +\S")
_SUMMARY = re.compile(r"(?:Transform|Build) failed with \d+ errors?:")
_LIMIT = 30


class Vite(Parser):
    """Reads `error during build:` and the message, with the place before, in or after it.

    Columns count UTF-16 units.
    """

    TOOLS = "vite"
    HINTS = ("error during build:", "\nfile: ", "\n[vite:", "ailed to resolve import", "[vite] ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._place: re.Match[str] | None = None
        self._message = ""
        self._is_awaited = False
        """Whether the next line is the message."""
        self._counts_from_one = False
        self._lines = 0

    def begin(self, line: str) -> bool:
        self._lines = 0
        if line == "error during build:":
            self._message, self._is_awaited, self.at = "", True, None
            return True
        if match := _IMPORT.match(line):
            self._place, self._message = None, ""
            self.add(self.report.span(match["file"], 1), Severity.ERROR, match["message"], "vite")
            self._is_awaited = False
            return True
        if line.startswith("file: ") and (match := _FILE.match(line)) and match["line"]:
            self._place, self._is_awaited = match, False
            return True
        if match := _SERVER.match(line):
            self.at = None
            self._read_message(match["rest"])
            return True
        return False

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if self._is_awaited:
            self._is_awaited = False
            return self._first(line)
        if self._lines > _LIMIT:
            return False
        if match := _FILE.match(line):
            self._found(match)
            return True
        if match := _SASS.match(line):
            if self._message:
                self._add(self.report.span(match["file"], match["line"], match["column"]))
            return True
        if line.startswith(("    at ", "error during build:")):
            self._close()
            return line.startswith("    at ")
        return bool(self._message) or not line.strip() or line[:1] in " 0123456789"

    def finish(self) -> None:
        self._close()

    def _first(self, line: str) -> bool | None:
        if _IMPORT.match(line):
            return False
        text = _PLUGIN.sub("", line)
        self._counts_from_one = "vue" in line[: len(line) - len(text)] or "svelte" in line[:40]
        if _SUMMARY.search(text):
            # Diagnostics of esbuild or rolldown follow.
            self._place = None
            return False
        self._read_message(text)
        return True

    def _read_message(self, text: str) -> None:
        self._message = text
        if match := _POSTCSS.match(text):
            self._message = match["message"]
            self._add(
                self.report.span(
                    match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
                )
            )
        elif (match := MESSAGE.match(text)) and match["file"]:
            self._message = match["message"]
            self._add(self._span(match))
        elif self._place:
            self._message = match["message"] if match else text
            self._add(self._span(self._place))

    def _found(self, place: re.Match[str]) -> None:
        if self._message:
            self._add(self._span(place))
        elif self.at is not None:
            # The name was resolved before; this is its place.
            span = self.report.diagnostics[self.at].span
            if span.column is None and place["line"]:
                self.report.amend(self.at, span=self._span(place))

    def _span(self, match: re.Match[str]) -> Span:
        column = match["column"] if self._counts_from_one else from_zero(match["column"])
        return self.report.span(match["file"], match["line"] or 1, column, unit=ColumnUnit.UTF16)

    def _add(self, span: Span) -> None:
        message, self._message, self._place = self._message, "", None
        self.add(span, Severity.ERROR, message, "vite")

    def _close(self) -> None:
        if not self._message:
            return
        found = MESSAGE.match(self._message)
        self._message = found["message"] if found else self._message
        match = FROM.match(self._message)
        self._add(self.report.span(match["file"], 1) if match else NOWHERE)
