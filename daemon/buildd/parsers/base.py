"""Defines what every parser is, and the base class for tools that print one line per diagnostic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from buildd.model import ColumnUnit, Related, Severity, Span
from buildd.parsers.report import ParseResult

LEVELS = ("structured", "text", "fix-its", "tests")
"""What a parser can read of its tools, from the most exact to the least."""


class Parser:
    """Reads one tool's lines within one log.

    A parser is pure and total: it does no I/O and raises no exception on any text. A line that
    holds one of HINTS is offered to `begin`. If `begin` takes it, the lines after it go to `more`
    until that declines. Lines come without their end and without escape sequences, and are at most
    LINE_LIMIT characters long (unless WHOLE).
    """

    TOOLS: ClassVar[str]
    """The names of the tools that it reads, for people."""
    LEVEL: ClassVar[tuple[str, ...]] = ("text",)
    """What it reads of them, a part of LEVELS."""
    HINTS: ClassVar[tuple[str, ...]]
    """Texts of which each line that begins a diagnostic holds one; the fewer other lines hold one,
    the better. A hint may begin with the newline before the line, and never holds the newline at
    its end.
    """
    AUTOMATIC: ClassVar[bool] = True
    """Whether it can be chosen by the output alone, because its lines look like no other tool's."""
    WHOLE: ClassVar[bool] = False
    """Whether it is given whole lines, however long they are."""

    def __init__(self, report: ParseResult) -> None:
        self.report = report
        self.at: int | None = None
        """The index of the diagnostic that notes are added to."""

    def begin(self, line: str) -> bool | None:
        """Returns whether the line is the first, or the only one, of something that it reads.

        Returns None if only the following lines can tell: other parsers may take the line
        meanwhile, and `more` is asked about the next one.
        """
        raise NotImplementedError

    def more(self, line: str) -> bool | None:
        """Returns whether the line continues what `begin` took last.

        Returns None if the line does not, but the one after it may.
        """
        return False

    def finish(self) -> None:
        """Reports what is still pending when the log has ended."""

    # --- for derived classes

    def add(
        self, span: Span, severity: Severity, message: str, source: str, code: str = ""
    ) -> int | None:
        """Adds a diagnostic, and directs later notes to it.

        Returns its index; None, and then notes are dropped, if the diagnostic was known already.
        """
        self.at = self.report.add(span, severity, message, source, code)
        return self.at

    def note(self, span: Span, message: str) -> None:
        """Adds a related place to the current diagnostic."""
        if self.at is not None:
            related = self.report.diagnostics[self.at].related
            note = Related(span=span, message=message)
            if note not in related and len(related) < 100:
                self.report.amend(self.at, related=(*related, note))

    def move_notes(self, place: Span, span: Span) -> None:
        """Give the finding's notes at one place a more exact one."""
        if self.at is not None:
            related = tuple(
                msgspec.structs.replace(note, span=span) if note.span == place else note
                for note in self.report.diagnostics[self.at].related
            )
            self.report.amend(self.at, related=related)

    def lengthen(self, line: str) -> None:
        """Adds a line to the message of the current diagnostic."""
        if self.at is not None:
            message = self.report.diagnostics[self.at].message
            if len(message) < 4096:
                self.report.amend(self.at, message=f"{message}\n{line}" if message else line)


SEVERITIES: Mapping[str, Severity] = {
    "critical": Severity.ERROR,
    "e": Severity.ERROR,
    "err": Severity.ERROR,
    "error": Severity.ERROR,
    "failure": Severity.ERROR,
    "fatal": Severity.ERROR,
    "fatal error": Severity.ERROR,
    "w": Severity.WARNING,
    "warn": Severity.WARNING,
    "warning": Severity.WARNING,
    "i": Severity.INFORMATION,
    "info": Severity.INFORMATION,
    "information": Severity.INFORMATION,
    "note": Severity.INFORMATION,
    "notice": Severity.INFORMATION,
    "style": Severity.INFORMATION,
    "hint": Severity.HINT,
    "help": Severity.HINT,
}
"""The words that tools use for severities, in lower case."""


class LineParser(Parser):
    """Reads a tool that prints each diagnostic on one line, which PATTERN matches from its start.

    The named groups of the pattern are `file`, `line` and `message`, and as far as the tool has
    them `column`, `end_line`, `end_column` (exclusive), `kind` and `code`. Columns count from 1 in
    UNIT.
    """

    PATTERN: ClassVar[re.Pattern[str]]
    SOURCE: ClassVar[str]
    """The tool's name, as diagnostics show it."""
    UNIT: ClassVar[ColumnUnit] = ColumnUnit.CODE_POINT
    DEFAULT: ClassVar[Severity] = Severity.ERROR
    """The severity of a diagnostic whose `kind` is missing or unknown."""
    KINDS: ClassVar[Mapping[str, Severity]] = SEVERITIES

    def begin(self, line: str) -> bool:
        """Returns whether the line matches PATTERN, and adds its diagnostic if so."""
        match = self.PATTERN.match(line)
        if not match:
            return False
        group = match.groupdict()
        self.add(
            self.report.span(
                group.get("file"),
                group.get("line"),
                group.get("column"),
                group.get("end_line"),
                group.get("end_column"),
                self.UNIT,
            ),
            self.severity(group),
            group["message"],
            self.source(group),
            group.get("code") or "",
        )
        return True

    def source(self, group: Mapping[str, str | None]) -> str:
        """Returns the name of the tool that a match is from."""
        return self.SOURCE

    def severity(self, group: Mapping[str, str | None]) -> Severity:
        """Returns the severity of a match."""
        return self.KINDS.get((group.get("kind") or "").lower(), self.DEFAULT)


def path(*extensions: str) -> str:
    """Returns a pattern for the group `file`: a name with one of these extensions.

    The name may begin with a drive letter.
    """
    return (
        r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:()\[\]\"'`<>|][^:()\"'`<>|\n]*\.(?:"
        + "|".join(extensions)
        + "))"
    )
