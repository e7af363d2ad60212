"""What every parser is, and the two kinds that most tools need."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from buildd.model import ColumnUnit, Related, Severity, Span
from buildd.parsers.report import ParseResult

LEVELS = ("structured", "text", "fix-its", "tests")
"""What a parser can read of its tools."""


class Parser:
    """The reading of one tool's lines within one log. Pure and total: any text, no exception.

    A line that holds one of HINTS is offered to `begin`; until `more` declines, the lines after
    one that `begin` took are its own. Lines come without their end, without escape sequences, and
    at most LINE_LIMIT long (unless WHOLE).
    """

    TOOLS: ClassVar[str]
    """The tools that it reads, for people."""
    LEVEL: ClassVar[tuple[str, ...]] = ("text",)
    HINTS: ClassVar[tuple[str, ...]]
    """Each line that begins a finding holds one of these; the fewer other lines do, the better. One
    may begin with the newline before the line, and none holds the one behind it."""
    AUTOMATIC: ClassVar[bool] = True
    """Whether it can be chosen by the output alone: its lines look like no other tool's."""
    WHOLE: ClassVar[bool] = False

    def __init__(self, report: ParseResult) -> None:
        self.report = report
        self.at: int | None = None
        """The number of the finding that notes belong to."""

    def begin(self, line: str) -> bool | None:
        """Whether the line is the first, or all, of what this tool has to say; None if only what
        follows can tell: others may have the line, and `more` is asked about the next one."""
        raise NotImplementedError

    def more(self, line: str) -> bool | None:
        """Whether the line belongs to what `begin` took last; None if not, but the next one may."""
        return False

    def finish(self) -> None:
        """The log has ended."""

    # --- for those that derive

    def add(
        self, span: Span, severity: Severity, message: str, source: str, code: str = ""
    ) -> int | None:
        """Add a finding; notes go to it from now on, unless it was known."""
        self.at = self.report.add(span, severity, message, source, code)
        return self.at

    def note(self, span: Span, message: str) -> None:
        """Give the finding a related place."""
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
        """Give the finding's message one more line."""
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
"""What tools call how bad it is, in lower case."""


class LineParser(Parser):
    """A tool that says each finding in one line, which PATTERN matches from its beginning.

    Its named groups: `file`, `line`, `message`; and where the tool has them `column`, `end_line`,
    `end_column` (exclusive), `kind`, `code`.
    """

    PATTERN: ClassVar[re.Pattern[str]]
    SOURCE: ClassVar[str]
    UNIT: ClassVar[ColumnUnit] = ColumnUnit.CODE_POINT
    DEFAULT: ClassVar[Severity] = Severity.ERROR
    """How bad a finding is that does not say."""
    KINDS: ClassVar[Mapping[str, Severity]] = SEVERITIES

    def begin(self, line: str) -> bool:
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
        """Which tool says it, by the match's groups."""
        return self.SOURCE

    def severity(self, group: Mapping[str, str | None]) -> Severity:
        """How bad it is, by the match's groups."""
        return self.KINDS.get((group.get("kind") or "").lower(), self.DEFAULT)


def path(*extensions: str) -> str:
    """A pattern of the group `file`: a name with one of these extensions, perhaps on a drive."""
    return (
        r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:()\[\]\"'`<>|][^:()\"'`<>|\n]*\.(?:"
        + "|".join(extensions)
        + "))"
    )
