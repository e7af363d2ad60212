"""What tools find: diagnostics, with their fixes."""

from __future__ import annotations

import enum

from buildd.model.base import Frozen


class Severity(enum.StrEnum):
    """How bad; LSP's four."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    HINT = "hint"


class ColumnUnit(enum.StrEnum):
    """What a tool counted when it said 'column 7'."""

    BYTE = "byte"
    CODE_POINT = "code-point"
    UTF16 = "utf-16"
    DISPLAY = "display"
    """Columns on the screen: wide characters take two, a tab leads to the next stop."""


class Span(Frozen, frozen=True):
    """A place in a file. `column` is None where the tool named only the line; `end_column` is
    exclusive (one past the last), and None where the tool gave no end. `built` is the digest of
    the text that all of them count in, as `built.py` makes it; empty if that is not known."""

    file: str
    line: int
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    unit: ColumnUnit = ColumnUnit.BYTE
    tab_width: int = 8
    built: str = ""


class Related(Frozen, frozen=True):
    """A note that belongs to a diagnostic, at a place of its own."""

    span: Span
    message: str


class Tag(enum.StrEnum):
    """What more an editor may show of a finding's place; LSP's two."""

    UNNECESSARY = "unnecessary"
    DEPRECATED = "deprecated"


class Edit(Frozen, frozen=True):
    """Text in place of what a span holds. Here `end_column` None means that nothing is replaced:
    the text goes in before `column`."""

    span: Span
    text: str


class Fix(Frozen, frozen=True):
    """What a tool offers to mend a finding. `preferred` where it may be done unseen."""

    title: str
    edits: tuple[Edit, ...]
    preferred: bool = False


class Diagnostic(Frozen, frozen=True):
    """One finding of one tool. `source` is the tool's name (`gcc`); `code` its own name for the
    finding (`-Wunused-variable`), or empty; `href` leads to the documentation of that. `rendered`
    is the finding as the tool itself printed it, where that says more than the message."""

    span: Span
    severity: Severity
    message: str
    source: str
    code: str = ""
    href: str = ""
    tags: tuple[Tag, ...] = ()
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = ()
    rendered: str = ""
