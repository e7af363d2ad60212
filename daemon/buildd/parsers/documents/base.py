"""What every reader of a form of documents is, and what most of them need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from buildd.model import Severity
from buildd.parsers.base import SEVERITIES
from buildd.parsers.report import ParseResult

ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""The exceptions that a reader raises for a document that has its form only in part."""


class Reader:
    """Knows one tool's form. One is made for each log, and sees each of its documents."""

    IS_XML: ClassVar[bool] = False
    """Whether it reads elements of XML, and else what JSON decodes to."""

    def __init__(self, report: ParseResult) -> None:
        self.report = report

    def read(self, document: Any) -> bool:
        """Whether the document is of this form; what it says is in the report then. It is what
        JSON decodes to, or an `ElementTree.Element`. May raise `ODD` on what it does not know."""
        raise NotImplementedError

    def finish(self) -> None:
        """The log has ended."""


def severity(
    name: object,
    default: Severity = Severity.ERROR,
    others: Mapping[str, Severity] | None = None,
) -> Severity:
    """How bad it is, by a tool's word for it, which `others` may know better."""
    word = str(name).lower()
    return (others and others.get(word)) or SEVERITIES.get(word, default)


def has(document: Any, *keys: str) -> bool:
    """Whether it is an object with these keys."""
    if not isinstance(document, dict):
        return False
    # A loop, for logs may be full of JSON that is asked this by all.
    for key in keys:  # noqa: SIM110
        if key not in document:
            return False
    return True


def is_list_of(document: Any, *keys: str) -> bool:
    """Whether it is a list, not empty, of objects that all have these keys."""
    return (
        isinstance(document, list)
        and bool(document)
        and all(has(one, *keys) for one in document[:50])
    )


def one_based(number: Any) -> int | None:
    """A number that counts from 0, as one from 1; None where it tells none."""
    return number + 1 if isinstance(number, int) and number >= 0 else None
