"""Reads diagnostics by the problem matchers of VS Code.

https://code.visualstudio.com/docs/debugtest/tasks#_defining-a-problem-matcher
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from buildd.matchers.base import LINE_LIMIT, MESSAGE_LIMIT, Matcher
from buildd.matchers.definition import MatcherDefinition
from buildd.matchers.file_location import resolved
from buildd.matchers.pattern import fill, location
from buildd.model import Severity
from buildd.parsers.report import ParseResult

_SEVERITIES = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "warn": Severity.WARNING,
    "info": Severity.INFORMATION,
    "hint": Severity.INFORMATION,
    "note": Severity.INFORMATION,
}
_LETTERS = {"E": Severity.ERROR, "W": Severity.WARNING, "I": Severity.INFORMATION}


class ProblemMatcher(Matcher):
    """Takes the line that completes a match of all its patterns, and those that its loop matches.

    With a `background`, `is_active` holds between the lines that begin and end a cycle, and `cycle`
    counts the cycles. Each new cycle moves the report's `since` on: what was found before no longer
    holds.
    """

    def __init__(self, report: ParseResult, definition: MatcherDefinition) -> None:
        super().__init__(report)
        self.definition = definition
        self.is_active = definition.background is None or definition.background.is_active_on_start
        self.cycle = int(self.is_active)
        self._lines: deque[str] = deque(maxlen=len(definition.patterns))
        """The last lines, as many as there are patterns."""
        self._looping: dict[str, str] | None = None
        """What the patterns before the looping one matched, while that goes on."""

    def begin(self, line: str) -> bool:
        """Returns whether the line completes a diagnostic."""
        line = line[:LINE_LIMIT]
        if not self.reads_line() or self._changes_cycle(line):
            return False
        if self._looping is not None:
            if self._loops(line):
                return True
            self._looping = None
            self._lines.clear()
        self._lines.append(line)
        return len(self._lines) == self._lines.maxlen and self._matches()

    # --- cycles

    def _changes_cycle(self, line: str) -> bool:
        """Returns whether the line announces the start or the end of a cycle."""
        background = self.definition.background
        if background is None:
            return False
        if not self.is_active and self.search(background.begins, line):
            self.is_active = True
            self.cycle += 1
            self.report.begin_cycle()
            self._looping = None
            self._lines.clear()
            return True
        if self.is_active and self.search(background.ends, line):
            self.is_active = False
            return True
        return False

    # --- problems

    def _matches(self) -> bool:
        found: dict[str, str] = {}
        *before, last = self.definition.patterns
        for pattern, line in zip(before, self._lines, strict=False):
            match = self.search(pattern.regexp, line)
            if not match:
                return False
            fill(found, pattern, match)
        match = self.search(last.regexp, self._lines[-1])
        if not match:
            return False
        inherited = dict(found)
        fill(found, last, match)
        if not self._add(found, "\n".join(self._lines)):
            return False
        self._looping = inherited if last.is_looping and before else None
        self._lines.clear()
        return True

    def _loops(self, line: str) -> bool:
        last = self.definition.patterns[-1]
        match = self.search(last.regexp, line)
        if not match or self._looping is None:
            return False
        found = dict(self._looping)
        fill(found, last, match)
        return self._add(found, "")

    def _add(self, found: Mapping[str, str], rendered: str) -> bool:
        """Adds a diagnostic; returns whether enough is known for that."""
        definition = self.definition
        is_of_file = definition.patterns[0].is_of_file
        place = (0, 0, 0, 0) if is_of_file else location(found)
        file, message = found.get("file"), found.get("message")
        if not file or not message or place is None:
            return False
        line, column, end_line, end_column = place
        path = resolved(file, definition.location, self.report, self.base)
        span = self.report.span(
            path,
            line,
            column,
            # VS Code ignores the end if a column is missing.
            (end_line or line) if column and end_column else None,
            end_column,
            definition.unit,
        )
        self.at = self.report.add(
            span,
            self._severity(found.get("severity", "")),
            message[:MESSAGE_LIMIT],
            definition.source,
            found.get("code", ""),
            rendered=rendered if "\n" in rendered else "",
        )
        return True

    def _severity(self, word: str) -> Severity:
        return _SEVERITIES.get(word.lower()) or _LETTERS.get(word) or self.definition.severity
