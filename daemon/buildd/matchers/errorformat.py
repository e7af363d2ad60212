"""Findings by Vim's 'errorformat'.

The text is the value of the option: what follows `:set errorformat=` has a backslash more before
each blank, backslash, bar and quote.
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
    # Not Vim's, but of tools whose letter `%t` finds: convention, refactoring, style.
    "c": Severity.INFORMATION,
    "r": Severity.INFORMATION,
    "s": Severity.INFORMATION,
}
"""By the type that `%t` or a prefix tells, in lower case; all others are errors."""


def errorformat(text: str, *, source: str = "errorformat", exists: Exists | None = None) -> Factory:
    """What makes the matcher of one log. `exists` tells of names in the log whether they are
    there; without it, they are if they look like it. Raises MatcherError."""
    return functools.partial(Errorformat, formats=formats(text), source=source, exists=exists)


class Errorformat(Matcher):
    """Takes the lines of valid entries; of the others, the other parsers see more than Vim."""

    def __init__(
        self, report: ParseResult, formats: Formats, source: str, exists: Exists | None
    ) -> None:
        super().__init__(report)
        self._list = Quickfix(formats, self.search, exists)
        self._source = source
        self._held: Entry | None = None
        """The entry that may still grow. It is shown already if `at` has its number."""
        self._shown: set[tuple[Span, Severity, str]] = set()
        self._settled: set[tuple[Span, Severity, str]] = set()

    def begin(self, line: str) -> bool:
        """Whether the line is one of a valid entry."""
        if self.is_given_up:
            return False
        entry = self._list.read(line[:LINE_LIMIT])
        growing = self._list.growing
        if self._held is not None and self._held is not growing:
            self._settle(self._held)
        if entry is None or not _is_finding(entry):
            # What is ignored here may be of interest to others.
            return False
        if entry is growing:
            self._hold(entry)
        elif entry is not self._held:
            self._settle(entry)
        self._held = growing if entry is growing else None
        return True

    def finish(self) -> None:
        if self._held is not None:
            self._settle(self._held)
            self._held = None

    # --- findings

    def _hold(self, entry: Entry) -> None:
        """Show at once what may still grow, unless it would be taken for one that was."""
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
    """General messages are for people, unless they name a file."""
    return entry.is_valid and (entry.prefix != "G" or bool(entry.file))


def _code(entry: Entry) -> str:
    return entry.number if entry.number.strip("0") else ""
