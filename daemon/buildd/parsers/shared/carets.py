"""Reads diagnostics with a source line below them and a caret below that, as javac prints."""

from __future__ import annotations

import re
from typing import ClassVar

import msgspec

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_CARET = re.compile(r"[ \t]*(?P<marks>\^+)[ \t]*$")


class CaretParser(Parser):
    """Reads diagnostics with a caret; derived classes read the first line.

    `begin` of the derived class calls `head`. What stands between that line and the source line
    continues the message, as do the lines below the caret that `is_detail` accepts.
    """

    STOP: ClassVar[re.Pattern[str]]
    """Lines that cannot be part of an excerpt."""
    LINES: ClassVar[int] = 12
    """The most lines that there may be before the caret."""
    UNIT = ColumnUnit.UTF16

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._below: list[str] | None = None
        self._is_below_caret = False
        self._head = NOWHERE, Severity.ERROR, "", "", ""
        self._marked: set[tuple[Span, Severity, str]] = set()

    def head(
        self, span: Span, severity: Severity, message: str, source: str, code: str = ""
    ) -> None:
        """Adds a diagnostic below which an excerpt may follow."""
        self.add(span, severity, message, source, code)
        self._head = span, severity, message, source, code
        self._below = []
        self._is_below_caret = False

    def is_detail(self, line: str) -> bool:
        """Returns whether a line below the caret belongs to the message."""
        return False

    def more(self, line: str) -> bool | None:
        """Returns whether the line is part of the excerpt, or a detail below the caret."""
        if self._is_below_caret:
            if not self.is_detail(line):
                return False
            self.lengthen(line)
            return True
        if self._below is None:
            return False
        if self._below and (match := _CARET.match(line)):
            *rest, source = self._below
            self._mark(source, match.start("marks"), line, len(match["marks"]))
            for detail in rest:
                self.lengthen(detail)
            self._below = None
            self._is_below_caret = True
            return True
        if len(self._below) >= self.LINES or self.STOP.match(line):
            self._below = None
            return False
        self._below.append(line)
        return True

    def _mark(self, source: str, caret: int, line: str, count: int) -> None:
        """Sets the column of the diagnostic to that of the caret."""
        span, severity, message, name, code = self._head
        column = caret_column(source, line[:caret])
        if span.column == caret + 1:
            # This tool counts a tab as one column, as the caret does.
            column = caret + 1
        if not span.file or (span.column or column) != column:
            return
        end = column + count if count > 1 else None
        span = msgspec.structs.replace(span, column=column, end_column=end, unit=self.UNIT)
        key = span, severity, message
        if self.at is not None:
            self.report.amend(self.at, span=span)
        elif key not in self._marked and not self._head[0].column:
            # Without the caret it looked like another one on that line, and was not added.
            self.add(span, severity, message, name, code)
        self._marked.add(key)


def caret_column(source: str, indent: str) -> int:
    """Returns the 1-based column, in characters, of a caret behind `indent`.

    Tabs of the source are kept in `indent`, or are eight spaces there.
    """
    if "\t" in indent or "\t" not in source:
        return len(indent) + 1
    width = 0
    for column, character in enumerate(source, 1):
        if width >= len(indent):
            return column
        width += 8 - width % 8 if character == "\t" else 1
    return len(source) + 1
