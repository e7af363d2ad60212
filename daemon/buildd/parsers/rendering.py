"""Keeps what the tool itself printed for each diagnostic: the lines that its parser took."""

from __future__ import annotations

from buildd.parsers.base import Parser
from buildd.parsers.report import TEXT_LIMIT, ParseResult

LINES = 60
"""The most lines that are kept of a diagnostic."""


class Rendering:
    """Collects the lines that parsers take, and adds them to the diagnostics of `report`."""

    def __init__(self, report: ParseResult) -> None:
        self._report = report
        self._lines: list[str] = []
        self._parser: Parser | None = None
        """The parser whose diagnostic the lines belong to."""
        self._number = 0
        """The index of that diagnostic."""
        self._leading: list[str] = []
        """Lines that were taken before the diagnostic that they belong to."""
        self._repeats = 0
        self._is_repeat = False
        """Whether the last diagnostic was known already."""

    def begins(self) -> None:
        """Notes that the next line is the first of a diagnostic."""
        self._is_repeat = False

    def taken(self, parser: Parser, line: str, before: int) -> None:
        """Notes that `parser` has taken the line.

        `before` is the number of diagnostics before it did.
        """
        if parser.WHOLE:
            # Such lines are for programs, not for people.
            self.finish()
            return
        count = len(self._report.diagnostics)
        if count > before:
            leading = self._leading
            self.finish()
            self._lines = [*leading, line]
            self._parser, self._number = parser, count - 1
        elif self._report.repeats != self._repeats:
            self.finish()
            self._repeats, self._is_repeat = self._report.repeats, True
        elif parser is self._parser and parser.at == self._number:
            self._lines.append(line)
        elif not self._is_repeat:
            # For example the chain of includes that gcc prints before a diagnostic.
            self._leading.append(line)
        del self._lines[LINES:], self._leading[LINES:]

    def finish(self) -> None:
        """Ends the current diagnostic.

        A single line is not kept: it says no more than the message.
        """
        if len(self._lines) > 1 and not self._report.diagnostics[self._number].rendered:
            text = "\n".join(self._lines)
            self._report.amend(self._number, rendered=text[:TEXT_LIMIT])
        self._lines = []
        self._leading = []
        self._parser = None
