"""Reads the spelling checkers codespell, misspell and typos."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import LineParser, Parser
from buildd.parsers.report import ParseResult


class Codespell(LineParser):
    """Reads one line per diagnostic, without a column."""

    TOOLS = "codespell"
    HINTS = (" ==> ",)
    SOURCE = "codespell"
    DEFAULT = Severity.WARNING
    PATTERN = re.compile(
        r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*):(?P<line>\d+): (?P<message>\S+(?: \S+)? ==> \S.*)"
    )


class Misspell(LineParser):
    """Reads one line per diagnostic. Columns count bytes from 0."""

    TOOLS = "misspell"
    HINTS = ("is a misspelling of ",)
    SOURCE = "misspell"
    DEFAULT = Severity.WARNING
    PATTERN = re.compile(
        r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+):? "
        r"(?P<message>\"[^\"]+\" is a misspelling of \S.*)"
    )

    def begin(self, line: str) -> bool:
        if not super().begin(line):
            return False
        if self.at is not None:
            place = self.report.diagnostics[self.at].span
            if match := self.PATTERN.match(line):
                column = int(match["column"][:9]) + 1
                span = msgspec.structs.replace(place, column=column, unit=ColumnUnit.BYTE)
                self.report.amend(self.at, span=span)
        return True


_SHOULD = r"(?P<message>`(?P<word>[^`\n]+)` (?:should be `.+|is disallowed.*|-> `.+`))"
_LONG = re.compile(rf"error: {_SHOULD}")
_BRIEF = re.compile(
    r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+): (?:error: )?" + _SHOULD
)
_PLACE = re.compile(r" +(?:-->|╭▸) (?P<file>\S.*?):(?P<line>\d+):(?P<column>\d+)$")
_OPEN = re.compile(r" +╭▸ *$")
_NAME = re.compile(r" *\d+ [│|] (?P<file>\S.*)$")
_EXCERPT = re.compile(r" *(?:\d+ )?(?:[│|]|╰╴)")


class Typos(Parser):
    """Reads the formats `long` and `brief`. A misspelt file name has no place within the file."""

    TOOLS = "typos"
    HINTS = ("` should be `", "` is disallowed", "` -> `")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        self._is_name = False

    def begin(self, line: str) -> bool | None:
        self._head, self._is_name = None, False
        if match := _BRIEF.match(line):
            self._found(match, match)
            return True
        if match := _LONG.match(line):
            self._head = match
            return None
        return False

    def more(self, line: str) -> bool:
        head = self._head
        if head is None:
            return bool(_EXCERPT.match(line))
        if match := _PLACE.match(line):
            self._found(match, head)
        elif self._is_name and (match := _NAME.match(line)):
            span = self.report.span(match["file"].strip(), 1)
            self.add(span, Severity.ERROR, head["message"], "typos")
            self._head = None
        elif _OPEN.match(line):
            self._is_name = True
            return True
        else:
            return False
        self._head = None
        return True

    def _found(self, place: re.Match[str], head: re.Match[str]) -> None:
        span = self.report.span(
            place["file"], place["line"], place["column"], unit=ColumnUnit.CODE_POINT
        )
        if span.column:
            end = span.column + len(head["word"])
            span = msgspec.structs.replace(span, end_column=end)
        self.add(span, Severity.ERROR, head["message"], "typos")
