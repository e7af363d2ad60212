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
        """Takes a call in the user's own code; returns whether it is now the diagnostic's place.

        If the diagnostic has a place already, the call becomes a note, unless it is that place.
        """
        if self.at is None:
            return False
        if not self.is_placed:
            self.report.amend(self.at, span=span)
            self.is_placed = True
            return True
        if span != self.report.diagnostics[self.at].span:
            self.note(span, message)
        return False
