"""Formats what a matcher finds in a log, one row per diagnostic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from buildd.matchers import make
from buildd.matchers.base import Exists
from buildd.model import Diagnostic
from buildd.parsers.base import Parser
from buildd.parsers.log import Log

DIRECTORY = "/src"


def log(
    definitions: Sequence[str | Mapping[str, Any]],
    text: str,
    *,
    kinds: Sequence[type[Parser]] = (),
    folder: str = "",
    exists: Exists | None = None,
) -> Log:
    """Reads a text with matchers made from these definitions, and with these parsers."""
    made = [make(definition, folder=folder, exists=exists) for definition in definitions]
    whole = Log(kinds, DIRECTORY, made)
    whole.feed(text.removesuffix("\n") + "\n")
    whole.finish()
    return whole


def rows(
    definition: str | Mapping[str, Any],
    text: str,
    *,
    folder: str = "",
    exists: Exists | None = None,
) -> list[str]:
    """Returns a row for each diagnostic that a matcher finds in a text."""
    found = log([definition], text, folder=folder, exists=exists).report.diagnostics
    return [row(diagnostic) for diagnostic in found]


def row(diagnostic: Diagnostic) -> str:
    """Returns `FILE:LINE:COLUMN-ENDLINE:ENDCOLUMN SEVERITY [CODE] MESSAGE`.

    Parts that are unknown are left out.
    """
    span = diagnostic.span
    place = f"{span.file}:{span.line}" if span.file else "nowhere"
    if span.column:
        place += f":{span.column}"
    if span.end_line or span.end_column:
        place += f"-{span.end_line or ''}:{span.end_column or ''}"
    code = f" [{diagnostic.code}]" if diagnostic.code else ""
    return f"{place} {diagnostic.severity.value}{code} {diagnostic.message}"
