"""Describes the formats of PHP checkers."""

from __future__ import annotations

from buildd.model import ColumnUnit, Severity
from buildd.parsers.documents.forms.form import Form

_BY_PRIORITY = {
    "1": Severity.ERROR,
    "2": Severity.ERROR,
    "3": Severity.WARNING,
    "4": Severity.INFORMATION,
    "5": Severity.INFORMATION,
}

FORMS = (
    Form(
        source="phpstan",
        has=("totals", "files", "errors"),
        rows=("files", "*", "messages"),
        row_has=("message", "line"),
        file="^^*",
        message=("message", "tip"),
        code="identifier",
        page="https://phpstan.org/error-identifiers/{}",
        page_of=r"[a-zA-Z]+\.[a-zA-Z.]+",
    ),
    Form(
        source="phpstan",
        has=("totals", "files", "errors"),
        rows=("errors",),
        row_has=("text",),
        file="",
        message=("text",),
    ),
    Form(
        source="phpcs",
        has=("totals", "files"),
        never=("errors",),
        rows=("files", "*", "messages"),
        row_has=("message", "source", "type"),
        file="^^*",
        column="column",
        code="source",
        severity="type",
        unit=ColumnUnit.CODE_POINT,
    ),
    Form(
        source="psalm",
        has=("severity", "line_from", "type", "message", "file_path"),
        is_object=False,
        file="file_path",
        line="line_from",
        column="column_from",
        end_line="line_to",
        end_column="column_to",
        code="type",
        severity="severity",
        href="link",
        related="other_references",
        notes=("file_path", "line_from", "column_from", "label"),
        unit=ColumnUnit.BYTE,
    ),
    Form(
        source="phpmd",
        has=("package", "files"),
        rows=("files", "violations"),
        row_has=("beginLine", "description", "rule"),
        file="^file",
        line="beginLine",
        end_line="endLine",
        message=("description",),
        code="rule",
        severity="priority",
        severities=_BY_PRIORITY,
        default=Severity.WARNING,
        href="externalInfoUrl",
    ),
    Form(
        source="phpmd",
        has=("package", "files"),
        rows=("errors",),
        row_has=("fileName", "message"),
        file="fileName",
        line="",
    ),
    Form(
        source="parallel-lint",
        has=("results",),
        rows=("results", "errors"),
        row_has=("type", "file", "message"),
        file="file",
        message=("normalizeMessage|message",),
    ),
)
