"""Reads libxml2's and libxslt's messages about XML, as xmllint, xsltproc and others print them."""

from __future__ import annotations

import re

import msgspec

from buildd.model import Severity, Span
from buildd.parsers.base import SEVERITIES, Parser
from buildd.parsers.report import NOWHERE, ParseResult

_HEAD = re.compile(
    r"(?:(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*):(?P<line>\d+)|Entity: line \d+): "
    r"(?:element [^\s:]+(?::[^\s:]+)?: )?"
    r"(?:parser|namespace|validity|HTML parser|I/O|XInclude|XPath|XPointer|regexp|encoding|"
    r"output|Schemas (?:parser|validity)|Relax-NG (?:parser|validity)|Schematron (?:parser|"
    r"validity)|Catalog|C14N|XSLT) (?P<kind>error|warning) : (?P<message>\S.*)$"
)
_NO_FILE = re.compile(
    r"(?:I/O )?(?P<kind>error|warning) ?: (?P<message>failed to load (?:external entity )?\".*)$"
)
_SHEET = re.compile(
    r"(?P<what>compilation|runtime) error: file (?P<file>\S[^\n]*?) line (?P<line>\d+)"
    r"(?: element \S+)?$"
)
_CARET = re.compile(r"\s*\^$")
_WIDTH = 79
"""The bytes of a source line before the caret up to which the line is shown from its start."""


class Xmllint(Parser):
    """Reads a place and a message on one line, then perhaps the source and a caret below it.

    The caret is below the byte up to which the line was read. Messages about style sheets are on a
    line of their own.
    """

    TOOLS = "xmllint, xsltproc, others that use libxml2"
    HINTS = (
        " error : ",
        " warning : ",
        "arning: failed to load ",
        "compilation error: file ",
        "runtime error: file ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._span = NOWHERE
        self._rows: list[str] | None = None
        """The lines below a message; None if none can follow."""
        self._is_sheet = False
        self._what = Severity.ERROR, ""

    def begin(self, line: str) -> bool | None:
        self._rows, self._is_sheet = None, False
        if match := _HEAD.match(line):
            is_file = match["file"] not in (None, "-")
            self._span = self.report.span(match["file"], match["line"]) if is_file else NOWHERE
            self._what = SEVERITIES[match["kind"]], match["message"]
            self.add(self._span, *self._what, "xmllint")
            self._rows = []
            return True
        if match := _SHEET.match(line):
            self._span, self._is_sheet = self.report.span(match["file"], match["line"]), True
            return None
        if match := _NO_FILE.match(line):
            self.add(NOWHERE, SEVERITIES[match["kind"]], match["message"], "xmllint")
            return True
        return False

    def more(self, line: str) -> bool:
        if self._is_sheet:
            self._is_sheet = False
            if line.strip():
                self.add(self._span, Severity.ERROR, line, "xsltproc")
            return bool(line.strip())
        if self._rows is None or _HEAD.match(line):
            return False
        if self._rows:
            rows, self._rows = self._rows, None
            is_caret = bool(_CARET.match(line))
            if is_caret:
                self._point(rows[0], len(line) - 1)
            return is_caret
        self._rows.append(line)
        return True

    def _point(self, source: str, caret: int) -> None:
        if not source.strip() or caret >= _WIDTH or self._span is NOWHERE:
            return
        span: Span = msgspec.structs.replace(self._span, column=caret + 1)
        if self.at is None:
            # Without the caret it looked like another one on that line, and was not added.
            self.add(span, *self._what, "xmllint")
        else:
            self.report.amend(self.at, span=span)
