"""What a matcher finds in a log, in one row for each finding."""

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
    made = [make(one, folder=folder, exists=exists) for one in definitions]
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
    found = log([definition], text, folder=folder, exists=exists).report.diagnostics
    return [row(one) for one in found]


def row(one: Diagnostic) -> str:
    """`FILE:LINE:COLUMN-ENDLINE:ENDCOLUMN SEVERITY [CODE] MESSAGE`, without what is not told."""
    span = one.span
    place = f"{span.file}:{span.line}" if span.file else "nowhere"
    if span.column:
        place += f":{span.column}"
    if span.end_line or span.end_column:
        place += f"-{span.end_line or ''}:{span.end_column or ''}"
    code = f" [{one.code}]" if one.code else ""
    return f"{place} {one.severity.value}{code} {one.message}"
