"""Reads RuboCop and Standard, linters for Ruby."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser

_OFFENSE = re.compile(
    r" *(?P<file>(?:[A-Za-z]:[\\/])?[^\s:'\"`(][^:\n]*):(?P<line>\d+):(?P<column>\d+): "
    r"(?P<kind>[CWEFRI]): (?:\[[\w ]+\] )*(?P<code>(?:[A-Z]\w*/)+[A-Z]\w*): (?P<message>.*)"
)
_STANDARD = re.compile(
    r"  (?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+): (?P<kind>)"
    r"(?P<code>(?:[A-Z]\w*/)+[A-Z]\w*): (?P<message>.*)"
)
_OLD = re.compile(
    r"(?P<file>(?:[A-Za-z]:[\\/])?(?:[^\s:'\"`(][^:\n]*?\.(?:rb|rake|ru|gemspec|jbuilder|erb|podspec)|"
    r"(?:[^\s:'\"`(][^:\n]*/)?[A-Z][a-z]+file)):(?P<line>\d+):(?P<column>\d+): "
    r"(?P<kind>[CWEFR]): (?:\[[\w ]+\] )*(?P<code>)(?P<message>[A-Z0-9].*)"
)
"""Before RuboCop 0.50, the name of the cop was printed only on request."""
_HEADING = re.compile(r"== (?P<file>\S.*) ==$")
_SIMPLE = re.compile(
    r"(?P<kind>[CWEFRI]): *(?P<line>\d+): *(?P<column>\d+): (?:\[[\w ]+\] )*"
    r"(?:(?P<code>(?:[A-Z]\w*/)+[A-Z]\w*): )?(?P<message>.*)"
)
_KINDS = {
    "F": Severity.ERROR,
    "E": Severity.ERROR,
    "W": Severity.WARNING,
    "C": Severity.INFORMATION,
    "R": Severity.INFORMATION,
    "I": Severity.INFORMATION,
}
_CORE = ("Bundler", "Gemspec", "Layout", "Lint", "Metrics", "Migration", "Naming", "Security",
         "Style")  # fmt: skip


class Rubocop(Parser):
    """Reads one line per diagnostic, with the source and marks below, or a file with its lines.

    Columns count code points; marks are as wide as the text on the screen.
    """

    TOOLS = "RuboCop, Standard"
    HINTS = (
        *(f": {kind}: " for kind in _KINDS),
        "\n== ",
        *(f": {department}/" for department in _CORE),
    )

    _file = ""
    _source: str | None = None
    _is_excerpt = False

    def begin(self, line: str) -> bool:
        self._file, self._is_excerpt = "", False
        if match := _HEADING.match(line):
            self._file = match["file"]
            return True
        if match := _OFFENSE.match(line) or _STANDARD.match(line) or _OLD.match(line):
            self._add(match["file"], match)
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._file:
            if match := _HEADING.match(line):
                self._file = match["file"]
            elif match := _SIMPLE.match(line):
                self._add(self._file, match)
            else:
                return line.startswith("(Using ")
            return True
        if not self._is_excerpt or _OFFENSE.match(line) or _OLD.match(line):
            return False
        if self._source is None:
            self._source = line
            return True if not line.startswith("(Using ") else None
        self._is_excerpt = False
        if line.strip(" ^") or "^" not in line:
            return False
        self._mark(line.count("^"))
        return True

    def _add(self, file: str, match: re.Match[str]) -> None:
        code = match["code"] or ""
        department, _, name = code.partition("/")
        page = "https://docs.rubocop.org/rubocop/cops_"
        is_core = department in _CORE and "/" not in name
        href = f"{page}{department.lower()}.html#{code.replace('/', '').lower()}" if is_core else ""
        span = self.report.span(file, match["line"], match["column"], unit=ColumnUnit.CODE_POINT)
        severity = _KINDS.get(match["kind"], Severity.WARNING)
        self.at = self.report.add(span, severity, match["message"], "rubocop", code, href=href)
        self._source, self._is_excerpt = None, not self._file

    def _mark(self, width: int) -> None:
        """Sets the end of the diagnostic by its marks."""
        source = self._source or ""
        if self.at is None or source.endswith(" ...") or width < 2:
            return
        span = self.report.diagnostics[self.at].span
        start = (span.column or 1) - 1
        at = start
        while width > 0 and at < len(source):
            width -= 2 if unicodedata.east_asian_width(source[at]) in "WF" else 1
            at += 1
        if at > start:
            self.report.amend(self.at, span=msgspec.structs.replace(span, end_column=at + 1))
