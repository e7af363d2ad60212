"""Defines what every reader of documents is, and the helpers that most readers need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from buildd.model import Severity
from buildd.parsers.base import SEVERITIES
from buildd.parsers.report import ParseResult

MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""The exceptions that a reader raises for a document that has its form only in part."""


class Reader:
    """Reads the documents of one tool's format.

    Each log gets an instance of its own, which is offered all documents of the log.
    """

    IS_XML: ClassVar[bool] = False
    """Whether it reads XML elements; otherwise it reads what JSON decodes to."""

    def __init__(self, report: ParseResult) -> None:
        self.report = report

    def read(self, document: Any) -> bool:
        """Returns whether the document has this format, and reports what it says if so.

        The document is what JSON decodes to, or an `ElementTree.Element`. May raise
        `MALFORMED` on content that it does not know.
        """
        raise NotImplementedError

    def finish(self) -> None:
        """Reports what is still pending when the log has ended."""


def severity(
    name: object,
    default: Severity = Severity.ERROR,
    others: Mapping[str, Severity] | None = None,
) -> Severity:
    """Returns the severity that a tool's word stands for; `others` takes precedence."""
    word = str(name).lower()
    return (others and others.get(word)) or SEVERITIES.get(word, default)


def has(document: Any, *keys: str) -> bool:
    """Returns whether the document is an object with these keys."""
    if not isinstance(document, dict):
        return False
    # A loop, because it is faster: all readers ask this of each JSON document.
    for key in keys:  # noqa: SIM110
        if key not in document:
            return False
    return True


def is_list_of(document: Any, *keys: str) -> bool:
    """Returns whether the document is a non-empty list of objects that have these keys."""
    return (
        isinstance(document, list)
        and bool(document)
        and all(has(item, *keys) for item in document[:50])
    )


def one_based(number: Any) -> int | None:
    """Returns the 1-based number for one that counts from 0, or None if it is not a number."""
    return number + 1 if isinstance(number, int) and number >= 0 else None
