"""Reads diagnostics by Vim's 'errorformat'.

The text is the value of the option. After `:set errorformat=`, each blank, backslash, bar and quote
has one backslash more.
"""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Mapping

from buildd.matchers.base import LINE_LIMIT, RENDERED_LINES, Exists, Factory, Matcher
from buildd.matchers.formats import Formats, formats
from buildd.matchers.quickfix import Entry, Quickfix
from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.report import NOWHERE, ParseResult

SEVERITIES: Mapping[str, Severity] = {
    "e": Severity.ERROR,
    "w": Severity.WARNING,
    "i": Severity.INFORMATION,
    "n": Severity.HINT,
    # These are not Vim's: tools print them where `%t` matches: convention, refactoring, style.
    "c": Severity.INFORMATION,
    "r": Severity.INFORMATION,
    "s": Severity.INFORMATION,
}
"""The severities of the types that `%t` or a prefix gives, in lower case; others are errors."""


def errorformat(text: str, *, source: str = "errorformat", exists: Exists | None = None) -> Factory:
    """Returns the factory that makes the matcher for each log.

    `exists` returns whether a name in the log is that of a file or directory; without it, a name
    counts if it looks like a file's. Raises MatcherError.
    """
    return functools.partial(Errorformat, formats=formats(text), source=source, exists=exists)


class Errorformat(Matcher):
    """Takes the lines of valid entries.

    It leaves the other lines to other parsers, which may read more in them than Vim does.
    """

    def __init__(
        self, report: ParseResult, formats: Formats, source: str, exists: Exists | None
    ) -> None:
        super().__init__(report)
        self._list = Quickfix(formats, self.search, exists)
        self._source = source
        self._held: Entry | None = None
        """The entry that may still grow. It is reported already if `at` is its index."""
        self._shown: set[tuple[Span, Severity, str]] = set()
        self._settled: set[tuple[Span, Severity, str]] = set()

    def begin(self, line: str) -> bool:
        """Returns whether the line belongs to a valid entry."""
        if not self.reads_line():
            return False
        entry = self._list.read(line[:LINE_LIMIT])
        growing = self._list.growing
        if self._held is not None and self._held is not growing:
            self._settle(self._held)
        if entry is None or not _is_finding(entry):
            # Other parsers may want what is ignored here.
            return False
        if entry is growing:
            self._hold(entry)
        elif entry is not self._held:
            self._settle(entry)
        self._held = growing if entry is growing else None
        return True

    def finish(self) -> None:
        """Reports the entry that could still grow."""
        if self._held is not None:
            self._settle(self._held)
            self._held = None

    # --- diagnostics

    def _hold(self, entry: Entry) -> None:
        """Reports an entry that may still grow, unless an equal one was reported."""
        span, severity, message = key = self._key(entry)
        if self._held is not entry:
            self.at = None
        if self.at is not None:
            self.report.amend(self.at, span=span, severity=severity, message=message)
        elif entry.file and message and key not in self._shown:
            self._shown.add(key)
            self.at = self.report.add(span, severity, message, self._source, _code(entry))

    def _settle(self, entry: Entry) -> None:
        span, severity, message = key = self._key(entry)
        rendered = "\n".join(entry.lines[:RENDERED_LINES]) if len(entry.lines) > 1 else ""
        code = _code(entry)
        if self._held is entry and self.at is not None:
            self.report.amend(
                self.at, span=span, severity=severity, message=message, code=code, rendered=rendered
            )
        elif key not in self._settled:
            self.report.add(span, severity, message, self._source, code, rendered=rendered)
        self._settled.add(key)
        self.at = None
        self._held = None

    def _key(self, entry: Entry) -> tuple[Span, Severity, str]:
        message = entry.text.strip()
        if entry.module and not entry.file:
            message = f"{entry.module}: {message}" if message else entry.module
        severity = SEVERITIES.get(entry.kind.lower(), Severity.ERROR)
        return self._span(entry), severity, message or entry.lines[0].strip()

    def _span(self, entry: Entry) -> Span:
        if not entry.file:
            return NOWHERE
        is_rooted = entry.is_rooted and not posixpath.isabs(entry.file)
        return self.report.span(
            posixpath.join(self.base, entry.file) if is_rooted else entry.file,
            entry.line,
            entry.column,
            entry.end_line,
            entry.end_column,
            ColumnUnit.DISPLAY if entry.is_screen_column else ColumnUnit.BYTE,
        )


def _is_finding(entry: Entry) -> bool:
    """Returns whether an entry is a diagnostic.

    General messages (`%G`) are for people, unless they name a file.
    """
    return entry.is_valid and (entry.prefix != "G" or bool(entry.file))


def _code(entry: Entry) -> str:
    return entry.number if entry.number.strip("0") else ""
