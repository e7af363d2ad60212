"""Reads jasmine's own runner, and karma, which runs JavaScript tests in browsers."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.tools.jest import is_other

_TITLE = re.compile(r"\d+\) (?P<title>\S.*)$")
_BROWSER = re.compile(
    r"[A-Z][\w .]*? [\d.]+ \([^()\n]+\) (?:(?P<title>\S.*) FAILED|(?P<error>ERROR))$"
)
_FRAME = re.compile(
    r"\s+at (?:.*?[( ])?(?P<file>(?:[a-z]+://?)?[^\s():][^()\n]*?)(?:\?[^:\n]*)?"
    r":(?P<line>\d+)(?::(?P<column>\d+))?(?: <- [^\n]*)?\)?$"
)
_OTHER_FRAME = re.compile(r"\s+at \S")
# Karma and webpack put this before a file's name.
_SERVED = re.compile(
    r"(?:https?://[^/\n]+/(?:_karma_webpack_/|base/|absolute(?=/))?)?"
    r"(?:webpack:(?://[\w@.-]*)?/)?(?:\./)?"
)
_MOST = 40
"""The most lines of a message."""


class _Failures(Parser):
    """Reads the failures of one test: messages, each with a stack below.

    Columns count UTF-16 units.
    """

    LEVEL = ("text", "tests")
    SOURCE: str

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._title: str | None = None
        """The title of the failed test; empty if the error is outside of a test."""
        self._message: list[str] = []
        self._frames: list[Span] = []
        self._is_in_stack = False
        self._first: tuple[Span, str] | None = None
        """The place and the text of the test's first message."""

    def finish(self) -> None:
        self._end()

    def _start(self, title: str) -> None:
        self._end()
        self._title = title

    def _line(self, line: str) -> None:
        """Reads a line of a message or of its stack."""
        if match := _FRAME.match(line):
            file = _SERVED.sub("", match["file"].removeprefix("file://"), count=1)
            self._is_in_stack = True
            if not is_other(file):
                unit = ColumnUnit.UTF16
                span = self.report.span(file, match["line"], match["column"], unit=unit)
                self._frames.append(span)
        elif _OTHER_FRAME.match(line):
            self._is_in_stack = True
        else:
            if self._is_in_stack:
                self._add_failure()
            if len(self._message) < _MOST:
                self._message.append(line.strip())

    def _add_failure(self) -> None:
        """Adds a diagnostic for a message whose stack has ended."""
        message, self._message = "\n".join(self._message).strip(), []
        frames, self._frames = self._frames, []
        self._is_in_stack = False
        if not message:
            return
        span = frames[0] if frames else NOWHERE
        self.add(span, Severity.ERROR, message, self.SOURCE)
        for frame in frames[1:]:
            self.note(frame, "called from here")
        self._first = self._first or (span, message)

    def _end(self) -> None:
        self._add_failure()
        title, self._title = self._title, None
        first, self._first = self._first, None
        if title and first:
            span, message = first
            self.report.add_test(
                (title,),
                TestState.FAILED,
                self.SOURCE,
                message=message,
                span=span if span.file else None,
            )


class Jasmine(_Failures):
    """Reads a title with its number, then `Message:` and `Stack:` for each failure."""

    TOOLS = "jasmine"
    SOURCE = "jasmine"
    HINTS = tuple(f"\n{number}) " for number in range(1, 100))
    _part = ""

    def begin(self, line: str) -> bool | None:
        match = _TITLE.match(line)
        if match:
            self._start(match["title"])
            self._part = "title"
        return None if match else False

    def more(self, line: str) -> bool:
        if line in ("  Message:", "  Stack:"):
            if line == "  Message:":
                self._add_failure()
            self._part = line.strip(" :").lower()
            return True
        is_its_own = self._part != "title" and line.startswith("    ")
        if not is_its_own:
            self._end()
        elif self._part == "message" or _FRAME.match(line):
            # Before version 4 the stack repeats the message.
            self._line(line)
        return is_its_own


class Karma(_Failures):
    """Reads a browser with a title, then messages and stacks, indented."""

    TOOLS = "karma"
    SOURCE = "karma"
    HINTS = (") ERROR", " FAILED")

    def begin(self, line: str) -> bool:
        match = _BROWSER.match(line)
        if match:
            self._start(match["title"] or "")
        return match is not None

    def more(self, line: str) -> bool:
        if self._title is None or not line.startswith((" ", "\t")):
            self._end()
            return False
        self._line(line)
        return True
