"""Reads the source excerpt below a diagnostic of a C compiler: the caret, and what it underlines.

gcc from 9 and clang from 17 print a margin (`  5 | code`), older gcc a space, older clang nothing.
The caret stands in screen columns of the excerpt, whatever unit the first line counts in.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

from buildd.model import ColumnUnit, Span

_MARGIN = re.compile(r" *(?:(?:\d+|\.\.\.) *)?\| ?")
_CARET = re.compile(r"[ ~]*\^[ ~^]*$")


class Excerpt:
    """Reads the excerpt below a first line that names `span`.

    Feed it the lines; once it returns the caret line, call `refine` with that. `proves` says
    whether the caret has shown which unit the tool counts in: on a line of one-byte characters, all
    units agree.
    """

    def __init__(self, span: Span) -> None:
        self.span = span
        self.proves = False
        self.has_margin = False
        self.source = ""
        """The source line that was fed last, without its margin."""
        self._lines = 0

    def feed(self, line: str) -> str | None:
        """Returns the caret line without its margin, if this is it.

        Returns an empty text if the excerpt goes on, and None if the line does not belong to one.
        """
        margin = _MARGIN.match(line)
        self.has_margin = margin is not None
        content = line[margin.end() :] if margin else line
        self._lines += 1
        if _CARET.match(content) and self._lines > 1:
            return content
        # An excerpt without a margin is exactly one line with the caret below it.
        if self._lines > 1 and not margin:
            return None
        self.source = content
        return ""

    def refine(self, caret_line: str) -> Span:
        """Returns the span with the end of the caret line, and in the unit that it proves."""
        span = self.span
        if span.column is None:
            return span
        caret = caret_line.index("^")
        reach = 1
        while caret_line[caret + reach : caret + reach + 1] == "~":
            reach += 1
        # Without a margin, older gcc shifts the excerpt by one space.
        shifted = not caret_line.startswith("^") and caret == span.column
        column = caret if shifted and self.source.startswith(" ") else caret + 1
        self.proves = column != span.column or not self.source[:caret].isascii()
        if column == span.column:
            return msgspec.structs.replace(
                span, unit=ColumnUnit.DISPLAY, end_column=span.column + reach if reach > 1 else None
            )
        marked = _cells(self.source, caret, reach)
        end = span.column + len(marked.encode("utf-8", "replace")) if reach > 1 and marked else None
        return msgspec.structs.replace(span, unit=ColumnUnit.BYTE, end_column=end)


def _cells(text: str, start: int, count: int) -> str:
    """Returns the characters in the screen columns from `start` to `start + count`, from 0."""
    at = 0
    found = []
    for character in text:
        if at >= start + count:
            break
        if at >= start:
            found.append(character)
        at += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return "".join(found)
