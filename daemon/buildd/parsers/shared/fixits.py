"""Reads fix-its of gcc and clang.

Both print them for programs with -fdiagnostics-parseable-fixits. Of those that they print for
people, only the ones that say clearly what to replace are read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from buildd.model import Diagnostic, Edit, Fix
from buildd.parsers.report import ParseResult

_FIXIT = re.compile(
    r'fix-it:"(?P<file>[^"]+)":\{(?P<line>\d+):(?P<column>\d+)-(?P<end_line>\d+):'
    r'(?P<end_column>\d+)\}:"(?P<text>.*)"$'
)
_MEANT = re.compile(r"did you mean (?:to use )?[‘'`\"](?P<text>[^’'\"]+)[’'\"]\??$")
_ESCAPED = re.compile(r"(?:\\[0-7]{3})+|\\.")


def edit(line: str, report: ParseResult) -> Edit | None:
    """Returns the edit that a parseable fix-it line describes, or None if the line is none.

    Columns count bytes.
    """
    match = _FIXIT.match(line)
    if not match:
        return None
    text = _ESCAPED.sub(_unescaped, match["text"])
    span = report.span(
        match["file"], match["line"], match["column"], match["end_line"], match["end_column"]
    )
    if (span.line, span.column) == (span.end_line, span.end_column):
        span = msgspec.structs.replace(span, end_line=None, end_column=None)
    return Edit(span=span, text=text)


def suggested(diagnostic: Diagnostic, shown: str) -> Fix | None:
    """Returns the fix that `did you mean ‘X’` proposes, if `shown` below the caret is X."""
    match = _MEANT.search(diagnostic.message.partition("\n")[0])
    span = diagnostic.span
    if not match or match["text"] != shown or not span.column:
        return None
    if span.end_column is None:
        span = msgspec.structs.replace(span, end_column=span.column + 1)
    return fix((Edit(span=span, text=shown),))


def fix(edits: Sequence[Edit]) -> Fix:
    """Returns one fix with all edits that a compiler proposes for a diagnostic."""
    first = edits[0]
    title = f"Replace with `{first.text}`" if first.span.end_column else f"Insert `{first.text}`"
    if len(edits) > 1:
        title = f"Make the {len(edits)} changes that the compiler proposes"
    elif not first.text:
        title = "Remove it"
    return Fix(title=title, edits=tuple(edits), preferred=True)


def _unescaped(match: re.Match[str]) -> str:
    """Returns the text that an escape sequence stands for."""
    escape = match[0]
    if len(escape) > 2:
        # Bytes of UTF-8, each in three octal digits.
        codes = bytes(int(code, 8) & 0xFF for code in escape.split("\\")[1:])
        return codes.decode("utf-8", "replace")
    return {"n": "\n", "t": "\t"}.get(escape[1], escape[1])
