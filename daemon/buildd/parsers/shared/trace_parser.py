"""Tools that print the calls that led to an error, the user's own and others', newest first."""

from __future__ import annotations

from buildd.model import Span
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult


class TraceParser(Parser):
    """A parser of an error and the calls below it, for others to derive from.

    `is_placed` tells whether the finding is at a place of the user's own; `begin` sets it.
    """

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self.is_placed = True

    def call(self, span: Span, message: str = "called from here") -> bool:
        """Take a call in the user's own code: the finding's place if it has none yet, else a note,
        unless it is that place again. Whether it is the finding's place now."""
        if self.at is None:
            return False
        if not self.is_placed:
            self.report.amend(self.at, span=span)
            self.is_placed = True
            return True
        if span != self.report.diagnostics[self.at].span:
            self.note(span, message)
        return False
