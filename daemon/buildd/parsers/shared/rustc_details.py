"""Reads what rustc prints below the place of a diagnostic: the excerpt, notes and proposals."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Edit, Fix, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.rustc_excerpt import Mark, Rows

ARROW = re.compile(
    r" *(?:-->|╭▸) (?P<file>[^\n]+\.(?:rs|toml|md|in|rsx?)|<\w+>):(?P<line>\d+):(?P<column>\d+)$"
)
_OTHER_FILE = re.compile(r" *::: (?P<file>[^\n]+):(?P<line>\d+):(?P<column>\d+)$")
_SUB = re.compile(r"(?P<kind>note|help|warning|error): (?P<message>.*)")
_REMARK = re.compile(r" *= (?P<kind>note|help|warning): (?P<message>.*)")
_LINT = re.compile(r"`(?:#\[\w+\(|-[WDFA] )(?P<lint>[\w:-]+)\)?\]?`")
_VISIT = re.compile(r"(?:for )?further information,? (?:visit|see) <?(?P<href>https?://[^\s>]+)")
_INLINE = re.compile(r"(?:help: )(?P<title>.*): `(?P<text>[^`]*)`$")
_PLACEHOLDER = re.compile(r"/\*|[\[(]\.\.[\])]|<item>|\.\.\.|…")
"""Text in a proposal that only stands for what the user has to write."""
_INDENTED = re.compile(r" {4,}\S")


class Details:
    """Reads the lines below a place, and adds what they say to the parser's current diagnostic.

    Call `open` with each place, `feed` with the lines below it, and `close` after the last one.
    Columns count code points.
    """

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self._rows = Rows()
        self._place = NOWHERE
        """The place that the current excerpt shows."""
        self._sub: str | None = None
        """The note or help that the current excerpt belongs to; None for the diagnostic itself."""

    def open(self, place: Span, sub: str | None = None) -> None:
        """Begins an excerpt that shows `place`; `sub` is the note or help that it belongs to."""
        self._place, self._sub, self._rows = place, sub, Rows()

    def feed(self, line: str) -> bool:
        """Returns whether the line belongs to what stands below the place."""
        parser = self._parser
        if not line.strip():
            return False
        if self._rows.feed(line):
            return True
        if match := ARROW.match(line) or _OTHER_FILE.match(line):
            sub = self._sub
            self.close()
            self.open(place_of(match, parser.report), sub or "")
            if sub and self._place.file:
                parser.note(self._place, sub)
        elif match := _SUB.match(line):
            if match["kind"] in ("error", "warning"):
                return False
            self.close()
            self._rows, self._sub = Rows(), match["message"]
        elif match := _REMARK.match(line):
            self.close()
            self._rows, self._sub = Rows(), ""
            self._remark(match["kind"], match["message"])
        elif _INDENTED.match(line) and self._sub == "":
            parser.lengthen(f"  {line.strip()}")
        elif not line.startswith(" "):
            return False
        return True

    def close(self) -> None:
        """Adds the marks or the changes of the excerpt, which is complete."""
        parser = self._parser
        rows, self._rows = self._rows, Rows()
        if parser.at is None or self._place.column is None:
            return
        if self._sub:
            self._propose(self._sub, rows.changes(self._place.file))
        place = self._place
        for mark in rows.marks(place.line, place.column or 0):
            span = Span(
                file=place.file,
                line=mark.line,
                column=mark.column,
                end_line=mark.end_line,
                end_column=mark.end_column if mark.column else None,
                unit=ColumnUnit.CODE_POINT if mark.column else ColumnUnit.BYTE,
            )
            is_own = mark.is_primary and self._sub is None
            if is_own and (mark.line, mark.column) == (place.line, place.column):
                self._refine(span, mark)
            elif mark.is_primary and (mark.line, mark.column) == (place.line, place.column):
                self._refine_note(span)
            elif mark.label and self._sub != "":
                parser.note(span, mark.label)

    def _refine(self, span: Span, mark: Mark) -> None:
        parser = self._parser
        assert parser.at is not None  # noqa: S101 (the caller has looked)
        diagnostic = parser.report.diagnostics[parser.at]
        parser.report.amend(parser.at, span=span)
        if (match := _INLINE.match(mark.label)) and not _PLACEHOLDER.search(match["text"]):
            edit = Edit(span=span, text=match["text"])
            fix = Fix(title=f"{match['title']}: `{match['text']}`", edits=(edit,))
            parser.report.amend(parser.at, fixes=(*diagnostic.fixes, fix))
        if mark.label:
            parser.lengthen(mark.label)

    def _refine_note(self, span: Span) -> None:
        parser = self._parser
        assert parser.at is not None  # noqa: S101 (the caller has looked)
        related = [
            msgspec.structs.replace(note, span=span) if note.span == self._place else note
            for note in parser.report.diagnostics[parser.at].related
        ]
        parser.report.amend(parser.at, related=tuple(related))

    def _propose(self, title: str, changes: list[tuple[Edit, ...]]) -> None:
        parser = self._parser
        assert parser.at is not None  # noqa: S101 (the caller has looked)
        diagnostic = parser.report.diagnostics[parser.at]
        fixes = [
            Fix(title=title, edits=edits)
            for edits in changes
            if not any(_PLACEHOLDER.search(edit.text) for edit in edits)
        ]
        if fixes:
            parser.report.amend(parser.at, fixes=(*diagnostic.fixes, *fixes))

    def _remark(self, kind: str, message: str) -> None:
        parser = self._parser
        if parser.at is None:
            return
        diagnostic = parser.report.diagnostics[parser.at]
        if match := _VISIT.match(message):
            href = match["href"]
            name = href.rpartition("#")[2].rpartition("/")[2]
            code = diagnostic.code or (f"clippy::{name}" if "clippy" in href else "")
            parser.report.amend(parser.at, href=href, code=code)
        elif match := _LINT.match(message):
            if not diagnostic.code:
                parser.report.amend(parser.at, code=match["lint"].replace("-", "_"))
        else:
            parser.lengthen(f"{kind}: {message}")


def place_of(match: re.Match[str], report: ParseResult) -> Span:
    """Returns the place that a line names; NOWHERE within the standard library or a macro."""
    if match["file"].startswith(("<", "/rustc/")):
        return NOWHERE
    return report.span(match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT)
