"""Reads `elm make` and elm-review, in the format for people."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_HEAD = re.compile(
    r"-- (?P<title>[A-Z][\w .'/-]*?) -{2,} ?(?P<file>[^\s-][^\n]*?\.elm)"
    r"(?::(?P<line>\d+):(?P<column>\d+))?$"
)
_OF_PROJECT = re.compile(
    r"-- (?P<title>[A-Z][A-Z]+(?: [A-Z]+)*(?= -+ elm\.json$)|NO elm\.json FILE|CONNECTION PROBLEM|"
    r"PROBLEM (?:LOADING|BUILDING|DOWNLOADING) [A-Z ]+|CORRUPT CACHE) -{2,}"
    r"(?: (?P<file>elm\.json))?$"
)
_ROW = re.compile(r" *(?P<line>\d+)\|(?P<mark>[ >])?")
_CARET = re.compile(r" +(?P<marks>\^+) *$")
_RULE = re.compile(r"(?:\(fix\) )?(?P<code>[A-Z]\w*(?:\.[A-Z]\w*)+): (?P<message>.*)$")
_END = re.compile(
    r"Detected (?:errors|problems) in |={4}|npm (?:ERR!|error) |make(?:\[\d+\])?: |error |"
    r"code E[A-Z]+$|I found \d+ errors? in "
)
_LIMIT = 60
"""The most lines of one diagnostic."""
_MESSAGE = 16


class Elm(Parser):
    """Reads a title and a file, text, an excerpt with a caret or marked lines, and more text.

    Columns count code points.
    """

    TOOLS = "elm make, elm-review"
    HINTS = ("\n-- ",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        """The first line of a diagnostic that is not added yet."""
        self._span = NOWHERE
        self._message: list[str] = []
        self._row: tuple[int, int] | None = None
        """The number of the last source line, and the index where its text begins."""
        self._marked: list[int] = []
        """The numbers of the lines that are marked as a whole."""
        self._lines = 0
        self._blank = 0

    def begin(self, line: str) -> bool:
        self._close()
        match = _HEAD.match(line) or _OF_PROJECT.match(line)
        if not match:
            return False
        group = match.groupdict()
        self._span = self.report.span(
            group["file"], group.get("line"), group.get("column"), unit=ColumnUnit.CODE_POINT
        )
        self._head, self._message, self._row, self._marked = match, [], None, []
        self._lines = self._blank = 0
        self.at = None
        return True

    def more(self, line: str) -> bool:
        self._lines += 1
        self._blank = 0 if line.strip() else self._blank + 1
        is_over = self._lines > _LIMIT or self._blank > 2 or line.startswith("-- ")
        if is_over or _END.match(line):
            self._close()
            return False
        if match := _ROW.match(line):
            number = int(match["line"][:9])
            self._row = number, match.end("line") + 2
            if match["mark"] == ">":
                self._marked.append(number)
        elif (match := _CARET.match(line)) and self._row:
            self._caret(match)
        elif line.strip():
            self._read_text(line)
        return True

    def finish(self) -> None:
        self._close()

    def _read_text(self, line: str) -> None:
        if self._marked:
            self._close()
        if self._head is None:
            if self._lines < _MESSAGE * 2:
                self.lengthen(line)
        elif len(self._message) < _MESSAGE:
            self._message.append(line)

    def _caret(self, match: re.Match[str]) -> None:
        if self._head is None or self._row is None:
            # This is a further excerpt, which the text refers to.
            return
        number, margin = self._row
        start, end = match.start("marks") - margin + 1, match.end("marks") - margin + 1
        if start > 0 and self._span.file and self._span.line in (1, number):
            self._span = self.report.span(
                self._span.file, number, start, None, end, ColumnUnit.CODE_POINT
            )
        self._close()

    def _close(self) -> None:
        head, self._head = self._head, None
        if head is None:
            return
        if self._marked and self._span.column is None and self._span.file:
            first, last = self._marked[0], self._marked[-1]
            end_line = last if last > first else None
            self._span = msgspec.structs.replace(self._span, line=first, end_line=end_line)
        self._marked = []
        code = head["title"]
        if self._message and (match := _RULE.match(self._message[0])):
            code, self._message[0] = match["code"], match["message"]
        is_rule = code != head["title"]
        source = "elm-review" if head["title"].startswith("ELM-REVIEW") or is_rule else "elm"
        self.add(self._span, Severity.ERROR, "\n".join(self._message) or code, source, code)
