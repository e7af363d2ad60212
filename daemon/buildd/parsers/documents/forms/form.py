"""Describes how a document names the fields of its diagnostics."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from buildd.model import ColumnUnit, Severity
from buildd.parsers.documents.base import has


@dataclasses.dataclass(frozen=True, kw_only=True)
class Form:
    """Describes one format: where its rows are, and the names of each row's fields.

    A field is the name of a member; `a.b` is one within another, `a.0` the first of a list, `^a`
    one of the enclosing object, and `a|b` the first that exists. An empty name means that the
    format has no such field.
    """

    source: str
    has: tuple[str, ...] = ()
    """Members of the document, or of the first one in a list; they identify the format."""
    rows: tuple[str, ...] = ()
    """The path to the rows: names of members, or `*` for all members of an object, whose name is
    then the field `^*`. Lists on the path are searched. A row that is a text has the field `text`.
    """
    row_has: tuple[str, ...] = ()
    """Members that each row has; others are skipped."""
    never: tuple[str, ...] = ()
    """Members that the document, or the first one in a list, does not have."""
    is_object: bool | None = None
    """Whether the document is an object (True) or a list (False); None if it may be either."""
    file: str
    line: str = "line"
    column: str = ""
    end_line: str = ""
    end_column: str = ""
    length: str = ""
    message: tuple[str, ...] = ("message",)
    separator: str = "\n"
    """The separator between the parts of the message."""
    wording: str = ""
    """The message as a format string, with a `{}` for each of its parts."""
    code: str = ""
    severity: str = ""
    severities: Mapping[str, Severity] = dataclasses.field(default_factory=dict)
    """The severities of the tool's own words, in lower case."""
    default: Severity = Severity.ERROR
    href: str = ""
    page: str = ""
    """The address of a rule's documentation, with `{}` for the rule's name."""
    page_of: str = r"[a-z][a-z0-9-]*"
    """A pattern for the names of the rules that have such a page."""
    unless: str = ""
    """A field that is true if the row is suppressed."""
    related: str = ""
    """The field with the list of notes."""
    notes: tuple[str, str, str, str] = ("", "", "", "")
    """The fields of a note: file, line, column and message."""
    unit: ColumnUnit = ColumnUnit.CODE_POINT
    first_line: int = 1
    """The number of a file's first line."""
    first_column: int = 1
    """The number of a line's first column."""
    is_end_inclusive: bool = False
    needs_file: bool = False
    """Whether a row without a file is skipped."""

    def fits(self, document: Any) -> bool:
        """Returns whether a document has this format."""
        if isinstance(document, list):
            if self.is_object or not document:
                return False
            first = document[0]
        else:
            if self.is_object is False:
                return False
            first = document
        return has(first, *self.has) and not any(key in first for key in self.never)

    def is_empty(self, document: Any) -> bool:
        """Returns whether a document that fits has this format for certain, but no rows."""
        return len(self.has) > 1 and next(_walk(document, self.rows, ()), None) is None

    def found(self, document: Any) -> Iterator[tuple[Any, ...]]:
        """Yields each row, followed by the objects that enclose it, the nearest first."""
        for chain in _walk(document, self.rows, ()):
            if has(chain[0], *self.row_has):
                yield chain


def _walk(node: Any, steps: tuple[str, ...], chain: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Yields the rows below a node, each followed by the objects that enclose it."""
    if isinstance(node, list):
        for item in node:
            yield from _walk(item, steps, chain)
    elif isinstance(node, str) and not steps:
        yield ({"text": node}, *chain)
    elif not isinstance(node, dict):
        return
    elif not steps:
        yield (node, *chain)
    elif steps[0] == "*":
        for key, value in node.items():
            yield from _walk(value, steps[1:], ({"*": key}, node, *chain))
    else:
        yield from _walk(node.get(steps[0]), steps[1:], (node, *chain))
