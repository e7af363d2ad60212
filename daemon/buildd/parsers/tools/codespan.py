"""Reads diagnostics as the Rust library codespan-reporting prints them.

Among the tools that use it are cargo-deny, typst and Gleam.
"""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import SEVERITIES, Parser
from buildd.parsers.report import NOWHERE, ParseResult

_HEAD = re.compile(
    r"(?P<kind>error|warning|note|help|bug)(?:\[(?P<code>[\w:.-]+)\])?: (?P<message>\S.*)$"
)
CORNER = re.compile(
    r"\s*┌─+ (?P<file>[^\n]*?\S):(?P<line>\d+):(?P<column>\d+)(?: ─+)?$",
)
GRAPH = re.compile(r"\s*(?:├ \S|[│ ]*[├└]── \S)")
_ROW = re.compile(r"\s*(?P<line>\d*) [│|](?: (?P<text>.*))?$")
_REMARK = re.compile(r"\s+= (?P<text>.*)$")
_ON = re.compile(r"\s{3,}(?P<text>\S.*)$")
_MARKS = re.compile(r"(?P<row>[ \^━─-]*[\^━─-])(?: (?P<text>\S.*))?$")
_HANGING = re.compile(r"[ │|]*(?P<text>[^\s│|].*)$")
_OVER_LINES = re.compile(r"[ │|]*╰─+\^ (?P<text>\S.*)$")
_LINK = re.compile(r"Advisory: (?P<href>https://\S+)$")
_NAMES = {
    "typ": "typst",
    "gleam": "gleam",
    "wgsl": "naga",
    "move": "move",
    "nr": "noir",
    "ncl": "nickel",
    "circom": "circom",
    "lock": "cargo-deny",
    "toml": "cargo-deny",
}
_LIMIT = 4
"""The most lines of a message before its place."""


class Codespan(Parser):
    """Reads a first line, a corner with the place, source lines with marks and labels, and notes.

    Columns count characters.
    """

    TOOLS = "cargo-deny, typst, Gleam, naga, others that use codespan-reporting"
    HINTS = ("\nerror: ", "\nerror[", "\nwarning: ", "\nwarning[", "\nbug: ", "\nbug[", "\nnote[",
             "\nhelp[", "\nhelp: error occurred ", "┌─", "\n ├ ")  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        """The first line of a diagnostic whose place is still to come."""
        self._message: list[str] = []
        self._file = ""
        self._span = NOWHERE
        self._row = 0
        """The number of the last source line; `_text` is its text."""
        self._text = ""
        self._marks: list[tuple[int, int]] = []
        """The start and the end of each mark below it, as indexes from 0."""
        self._is_over_lines = self._is_remark = False

    def begin(self, line: str) -> bool | None:
        if head := _HEAD.match(line):
            self._head, self._message = head, [head["message"]]
            return None
        # Another parser may have taken the first line.
        return self._head is not None and self._placed(line)

    def more(self, line: str) -> bool | None:
        if self._head:
            return self._before(line)
        if not line.strip():
            return False
        if match := CORNER.match(line):
            # The diagnostic concerns another file, too.
            self._file, self._row, self._marks = match["file"], 0, []
        elif match := _ROW.match(line):
            self._frame(match)
        elif match := _REMARK.match(line) or (_ON.match(line) if self._is_remark else None):
            self._is_remark = True
            self._remark(match["text"])
        else:
            return bool(GRAPH.match(line))
        return True

    def _before(self, line: str) -> bool | None:
        if self._placed(line):
            return True
        self._message.append(line)
        is_other = not line.strip() or _HEAD.match(line) or len(self._message) > _LIMIT
        if is_other:
            self._head = None
        return False if is_other else None

    def _placed(self, line: str) -> bool:
        if match := CORNER.match(line):
            self._corner(match)
            return True
        if self._head and self._head["code"] and GRAPH.match(line):
            # cargo-deny reports on a crate as a whole.
            self._file, self._span = "", NOWHERE
            self._add(self._head, "cargo-deny")
            return True
        return False

    def _corner(self, match: re.Match[str]) -> None:
        head, self._file = self._head, match["file"]
        self._row, self._text, self._marks = 0, "", []
        self._is_over_lines = self._is_remark = False
        if head is None:
            return
        self._span = NOWHERE
        if "://" not in self._file.removeprefix("file://"):
            self._span = self.report.span(
                self._file, match["line"], match["column"], unit=ColumnUnit.CODE_POINT
            )
        if head["kind"] == "help" and not head["code"]:
            # typst prints from where the code of the last diagnostic was called.
            self.note(self._span, "\n".join(self._message))
            self._head, self._span = None, NOWHERE
            return
        self._add(head, _NAMES.get(self._file.rpartition(".")[2], "codespan"))

    def _add(self, head: re.Match[str], source: str) -> None:
        severity = SEVERITIES.get(head["kind"], Severity.ERROR)
        self.add(self._span, severity, "\n".join(self._message), source, head["code"] or "")
        self._head = None

    # --- below the corner

    def _frame(self, match: re.Match[str]) -> None:
        text = match["text"] or ""
        if match["line"]:
            self._row, self._text, self._marks = int(match["line"][:9]), text, []
            self._is_over_lines = self._is_over_lines or text.startswith("╭")
        elif self._is_over_lines:
            if label := _OVER_LINES.match(text):
                self._lengthen(label["text"])
        elif self._row and (marks := _MARKS.match(text)) and not self._marks:
            self._marks = [run.span() for run in re.finditer(r"[\^━]+|[─-]+", marks["row"])]
            for mark in self._marks:
                self._end(*mark)
            if marks["text"]:
                self._label(self._marks[-1], marks["text"])
        elif self._marks and (label := _HANGING.match(text)):
            start = label.start("text")
            for mark in self._marks:
                if mark[0] == start:
                    self._label(mark, label["text"])

    def _is_own(self, start: int) -> bool:
        """Returns whether a mark is at the diagnostic's own place."""
        span = self._span
        return span.column == start + 1 and span.line == self._row and bool(span.file)

    def _end(self, start: int, end: int) -> None:
        if self.at is not None and self._is_own(start) and self._text[:end].isascii():
            span = msgspec.structs.replace(self._span, end_column=end + 1)
            self.report.amend(self.at, span=span)

    def _label(self, mark: tuple[int, int], text: str) -> None:
        start, end = mark
        if self._is_own(start):
            self._lengthen(text)
        elif self._span.file and self._text[:end].isascii() and "\t" not in self._text[:end]:
            unit = ColumnUnit.CODE_POINT
            span = self.report.span(self._file, self._row, start + 1, None, end + 1, unit)
            self.note(span, text)

    def _remark(self, text: str) -> None:
        if self.at is not None and (match := _LINK.match(text)):
            self.report.amend(self.at, href=match["href"])
        self._lengthen(text)

    def _lengthen(self, text: str) -> None:
        if self.at is not None and text not in self.report.diagnostics[self.at].message:
            self.lengthen(text)
