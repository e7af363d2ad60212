"""Reads the source excerpts of rustc: what they mark, and the changes that they propose.

Excerpts count screen columns: a wide character takes two, a tab is printed as four spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from buildd.model import ColumnUnit, Edit, Span

TAB_WIDTH = 4

_ROW = re.compile(r"(?: *(?P<number>\d+))? +(?P<sign>[|+~-])(?: (?P<text>.*))?$")
_LEAD = re.compile(r"[ |^~_-]*")
_RUN = re.compile(r"\^(?:[\^-]*\^)?|-+")
_BRANCH = re.compile(r"(?P<stems>[ |]*)(?P<label>[^ |].*)")
_INSERTED = re.compile(r"[ +]*\+$")


@dataclass
class Mark:
    """A marked part of the source.

    Columns count characters from 1, and are None if they cannot be known.
    """

    line: int
    column: int | None
    end_line: int | None = None
    end_column: int | None = None
    is_primary: bool = False
    label: str = ""
    cell: int = -1
    """The screen column, from 0, below which its label may stand."""

    def span(self, file: str) -> Span:
        """The marked piece as one of the file."""
        return Span(
            file=file,
            line=self.line,
            column=self.column,
            end_line=self.end_line,
            end_column=self.end_column if self.column else None,
            unit=ColumnUnit.CODE_POINT if self.column else ColumnUnit.BYTE,
        )


class Rows:
    """Collects the lines of one excerpt; `marks` or `changes` returns what they say."""

    def __init__(self) -> None:
        self._rows: list[tuple[int | None, str, str]] = []

    def feed(self, line: str) -> bool:
        """Returns whether the line is part of an excerpt."""
        match = _ROW.match(line)
        if match:
            number = int(match["number"]) if match["number"] else None
            self._rows.append((number, match["sign"], match["text"] or ""))
        elif line == "...":
            self._rows.append((None, "...", ""))
        return match is not None or line == "..."

    def marks(self, line: int, column: int) -> list[Mark]:
        """Returns all marks; the one at `line` and `column` is the diagnostic's own place."""
        return _Marks(self._rows).read(line, column)

    def changes(self, file: str) -> list[tuple[Edit, ...]]:
        """Returns the edits of each proposal, without those that the excerpt shows inexactly."""
        found = []
        block: list[tuple[int | None, str, str]] = []
        for row in [*self._rows, (None, "|", "")]:
            if row == (None, "|", ""):
                if edits := _edits(block, file):
                    found.append(edits)
                block = []
            else:
                block.append(row)
        return found


class _Marks:
    def __init__(self, rows: Sequence[tuple[int | None, str, str]]) -> None:
        self._rows = rows
        # Marks over several lines are drawn left of the source, which moves it to the right.
        depth = max((_depth(text) for number, _, text in rows if number is None), default=0)
        self._shift = depth + 1 if depth else 0
        self._found: list[Mark] = []
        self._open: dict[int, Mark] = {}
        self._runs: list[Mark] = []
        self._own = 0, 0
        self._has_tabs = False
        self._labelled: Mark | None = None

    def read(self, line: int, column: int) -> list[Mark]:
        source, number = "", 0
        self._own = line, column
        for position, (own_number, sign, text) in enumerate(self._rows):
            if own_number is not None:
                source, number = text[self._shift :], own_number
                self._runs, self._labelled = [], None
                if number == line:
                    self._look_for_tabs(source, column, position)
                self._begin_of_line(text, source, number)
            elif sign == "|" and text:
                self._annotations(text, source, number)
        return self._found

    def _look_for_tabs(self, source: str, column: int, position: int) -> None:
        for number, _, text in self._rows[position + 1 :]:
            caret = text.find("^", self._shift) - self._shift
            if number is not None:
                return
            if caret >= 0:
                beyond = len(_cells(source, 0, caret)) - (column - 1)
                self._has_tabs = beyond > 0 and beyond % (TAB_WIDTH - 1) == 0
                return

    def _begin_of_line(self, text: str, source: str, number: int) -> None:
        for place, drawn in enumerate(text[: max(self._shift - 1, 0)]):
            if drawn == "/":
                indent = len(source) - len(source.lstrip())
                self._open[place] = Mark(number, self._column(source, indent))

    def _annotations(self, text: str, source: str, number: int) -> None:
        lead = _LEAD.match(text)
        assert lead  # noqa: S101 (it matches anything)
        marks, label = lead[0], text[lead.end() :]
        if _depth(text):
            self._many_lines(text, source, number)
        elif not self._runs and ("^" in marks or "-" in marks):
            for run in _RUN.finditer(marks):
                start, end = run.start() - self._shift, run.end() - self._shift
                mark = Mark(
                    number,
                    self._column(source, start),
                    end_column=self._column(source, end),
                    is_primary="^" in run[0],
                    cell=start,
                )
                # The diagnostic's own mark may be covered, in part, by a mark within it.
                last = self._runs[-1] if self._runs else None
                if (
                    last
                    and mark.is_primary
                    and last.end_column == mark.column
                    and (last.line, last.column) == self._own
                ):
                    mark.column = last.column
                self._runs.append(mark)
                self._found.append(mark)
            if self._runs:
                self._runs[-1].label = label
                self._labelled = self._runs[-1]
        elif self._runs and (branch := _BRANCH.match(text)):
            cell = len(branch["stems"]) - self._shift
            for mark in self._runs:
                if mark.cell == cell:
                    mark.label = f"{mark.label} {branch['label']}".strip()
                    self._labelled = mark

    def _many_lines(self, text: str, source: str, number: int) -> None:
        """Reads a line that begins or ends a mark over several lines."""
        first = text.index("_")
        end = first
        while text[end : end + 1] == "_":
            end += 1
        place, cell, sign = first - 1, end - self._shift, text[end : end + 1]
        if text[place] == " ":
            self._open[place] = Mark(number, self._column(source, cell), is_primary=sign == "^")
        elif place in self._open:
            mark = replace(
                self._open.pop(place),
                end_line=number,
                end_column=self._column(source, cell + 1),
                is_primary=sign == "^",
                label=text[end + 1 :].strip(),
            )
            self._found.append(mark)

    def _column(self, source: str, cell: int) -> int | None:
        """Returns the 1-based column, in characters, at a screen column of the printed source."""
        if cell < 0 or source.startswith("..."):
            return None
        count = len(_cells(source, 0, cell)) + max(cell - _width(source), 0)
        if self._has_tabs:
            indent = len(source) - len(source.lstrip(" "))
            count -= min(indent, count) // TAB_WIDTH * (TAB_WIDTH - 1)
        return count + 1


def _depth(text: str) -> int:
    """Returns how far left of the source a mark over lines begins or ends; 0 if none does."""
    first = text.find("_")
    if first < 1 or text[:first].strip(" |"):
        return 0
    end = first
    while text[end : end + 1] == "_":
        end += 1
    return first if text[end : end + 1] in ("^", "-") else 0


def _edits(rows: Sequence[tuple[int | None, str, str]], file: str) -> tuple[Edit, ...]:
    """Returns the edits of one proposal; none if it is not shown exactly."""
    edits: list[Edit] = []
    index = 0
    added = 0
    """Whole lines that were added so far: later line numbers are those of the changed text."""
    while index < len(rows):
        number, sign, text = rows[index]
        index += 1
        following = rows[index] if index < len(rows) else (None, "", "")
        if number is None:
            return ()
        line = number - added
        if sign == "-":
            if following[0] == number and following[1] == "+":
                index += 1
                edits.append(_replacement(file, line, text, following[2]))
            else:
                edits.append(
                    Edit(
                        span=Span(file=file, line=line, column=1, end_line=line + 1, end_column=1),
                        text="",
                    )
                )
                added -= 1
        elif sign == "+":
            edits.append(Edit(span=Span(file=file, line=line, column=1), text=f"{text}\n"))
            added += 1
        elif sign == "|" and following[0] is None and _INSERTED.match(following[2]):
            index += 1
            inserted = 0
            for run in re.finditer(r"\++", following[2]):
                new = _cells(text, run.start(), run.end())
                edits.append(Edit(span=_place(file, line, run.start() - inserted), text=new))
                inserted += _width(new)
        elif sign == "~":
            return ()
    return tuple(edits)


def _replacement(file: str, line: int, old: str, new: str) -> Edit:
    """Returns the edit that turns the old version of a line into the new one."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    span = _place(file, line, _width(old[:start]))
    if start < len(old) - end:
        last = _width(old[: len(old) - end]) + 1
        span = Span(
            file=file,
            line=line,
            column=span.column,
            end_line=line,
            end_column=last,
            unit=span.unit,
            tab_width=TAB_WIDTH,
        )
    return Edit(span=span, text=new[start : len(new) - end])


def _place(file: str, line: int, cell: int) -> Span:
    return Span(file=file, line=line, column=cell + 1, unit=ColumnUnit.DISPLAY, tab_width=TAB_WIDTH)


def _cells(text: str, start: int, end: int) -> str:
    """Returns the characters in the screen columns from `start` to `end`, from 0."""
    at = 0
    found = []
    for character in text:
        if at >= end:
            break
        if at >= start:
            found.append(character)
        at += _width(character)
    return "".join(found)


def _width(text: str) -> int:
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )
