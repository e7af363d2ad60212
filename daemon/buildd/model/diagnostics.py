"""This module defines the diagnostics that tools report, with their places and fixes."""

from __future__ import annotations

import enum

from buildd.model.base import Frozen


class Severity(enum.StrEnum):
    """The severity of a diagnostic is one of LSP's four (`DiagnosticSeverity`)."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    HINT = "hint"


class ColumnUnit(enum.StrEnum):
    """A column unit says what a tool counts as one column."""

    BYTE = "byte"
    CODE_POINT = "code-point"
    UTF16 = "utf-16"
    DISPLAY = "display"
    """Columns on the screen: a wide character takes two, and a tab goes to the next tab stop."""


class Span(Frozen, frozen=True):
    """A span is a place in a file, as a tool reported it.

    `column` is None if the tool named only the line. `end_column` is exclusive, and None if the
    tool reported no end. `unit` and `tab_width` say how columns are counted. `built` is the digest
    of the text that the tool read, from `diagnostics/source_snapshots.py`, or empty.
    """

    file: str
    line: int
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    unit: ColumnUnit = ColumnUnit.BYTE
    tab_width: int = 8
    built: str = ""


class Related(Frozen, frozen=True):
    """A related note belongs to a diagnostic and has its own place."""

    span: Span
    message: str


class Tag(enum.StrEnum):
    """A tag tells editors how to draw a diagnostic; they are LSP's two (`DiagnosticTag`)."""

    UNNECESSARY = "unnecessary"
    DEPRECATED = "deprecated"


class Edit(Frozen, frozen=True):
    """An edit replaces the text of a span.

    If the span's `end_column` is None, nothing is replaced: the text is inserted at `column`.
    """

    span: Span
    text: str


class Fix(Frozen, frozen=True):
    """A fix is a set of edits that a tool suggests to solve a diagnostic.

    `preferred` means that the fix is safe to apply without a look at it.
    """

    title: str
    edits: tuple[Edit, ...]
    preferred: bool = False


class Diagnostic(Frozen, frozen=True):
    """A diagnostic is one error, warning or note that a tool reports about a file.

    `source` is the tool's name (`gcc`). `code` is the tool's name for this kind of diagnostic
    (`-Wunused-variable`), or empty, and `href` is the address of the code's documentation.
    `rendered` is the text that the tool printed, if that says more than the message.
    """

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
