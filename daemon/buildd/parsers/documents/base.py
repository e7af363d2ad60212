"""What every reader of a form of documents is."""

from __future__ import annotations

from typing import Any

from buildd.parsers.report import Report


class Reader:
    """Knows one tool's form. One is made for each log, and sees each of its documents."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def read(self, document: Any) -> bool:
        """Whether the document is of this form; what it says is in the report then. It is what
        JSON decodes to, or an `ElementTree.Element`. May raise `msgspec.ValidationError`,
        LookupError, TypeError, ValueError or AttributeError on what it does not know, before it
        has reported anything."""
        raise NotImplementedError

    def finish(self) -> None:
        """The log has ended."""
