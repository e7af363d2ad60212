"""What a form of documents calls the parts of its findings. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from buildd.model import ColumnUnit, Severity
from buildd.parsers.documents.base import has


@dataclasses.dataclass(frozen=True, kw_only=True)
class Form:
    """Where the rows are, and each one's fields.

    A field is the name of a member; `a.b` is one within another, `a.0` the first of a list, `^a`
    one of the object or, above a list, of what that is in, `a|b` the first of both that is there.
    """

    source: str
    has: tuple[str, ...] = ()
    """Members of the document, or of each if it is a list; by them the form is known."""
    rows: tuple[str, ...] = ()
    """The way to the rows: names of members, `*` for all members of an object, whose name then is
    the field `^*`. Lists on the way are gone through. A row that is a text is its field `text`."""
    row_has: tuple[str, ...] = ()
    """Members of each row; what has them not is none."""
    never: tuple[str, ...] = ()
    """Members that the document, or its first, does not have."""
    is_alone: bool | None = None
    """Whether the document is an object (True) or a list (False); None if it may be either."""
    file: str
    line: str = "line"
    column: str = ""
    end_line: str = ""
    end_column: str = ""
    length: str = ""
    message: tuple[str, ...] = ("message",)
    joint: str = "\n"
    """What stands between the parts of the message."""
    wording: str = ""
    """The message, with a `{}` for each of its parts."""
    code: str = ""
    severity: str = ""
    severities: Mapping[str, Severity] = dataclasses.field(default_factory=dict)
    """By the tool's word in lower case, where that is none of the usual ones."""
    default: Severity = Severity.ERROR
    href: str = ""
    page: str = ""
    """The address of a rule's documentation, with `{}` for its name."""
    page_of: str = r"[a-z][a-z0-9-]*"
    """What the names of rules are that have such a page."""
    unless: str = ""
    """A field by which a row is excused."""
    related: str = ""
    """The list of notes."""
    notes: tuple[str, str, str, str] = ("", "", "", "")
    """File, line, column and message of one of these."""
    unit: ColumnUnit = ColumnUnit.CODE_POINT
    first_line: int = 1
    first_column: int = 1
    is_end_inclusive: bool = False
    needs_file: bool = False
    """Whether a row that tells no file is no finding."""

    def fits(self, document: Any) -> bool:
        """Whether a document is of this form."""
        if isinstance(document, list):
            if self.is_alone or not document:
                return False
            first = document[0]
        else:
            if self.is_alone is False:
                return False
            first = document
        return has(first, *self.has) and not any(key in first for key in self.never)

    def is_empty(self, document: Any) -> bool:
        """Whether a document that fits is known to be of this form though it has no rows."""
        return len(self.has) > 1 and next(_walk(document, self.rows, ()), None) is None

    def found(self, document: Any) -> Iterator[tuple[Any, ...]]:
        """Each row, with what it is in, and that in turn."""
        for chain in _walk(document, self.rows, ()):
            if has(chain[0], *self.row_has):
                yield chain


def _walk(node: Any, steps: tuple[str, ...], chain: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, list):
        for one in node:
            yield from _walk(one, steps, chain)
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
