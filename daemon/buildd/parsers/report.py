"""Holds what the parsers of one log have found together: diagnostics and test results, in order."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from buildd.model import (
    ColumnUnit,
    Diagnostic,
    Fix,
    Related,
    Severity,
    Span,
    Tag,
    TestResult,
    TestState,
)
from buildd.parsers.directories import Directories

LIMIT = 10_000
"""The most diagnostics, and the most test results, that are kept of one log; further ones are only
counted.
"""

TEXT_LIMIT = 64 << 10
"""The most characters that are kept of a message, a rendered text or a test's output."""

NOWHERE = Span(file="", line=1)
"""The place of a diagnostic that names no file."""

_LONGEST = 1e9
"""Seconds beyond which a number is no duration of a test. It may be infinite."""

_PROBE = re.compile(
    r"(?:^|[/\\])(?:_?conf(?:ig)?test\.(?!py)\w+|CMakeFiles[/\\]CMake(?:Tmp|Scratch)[/\\].*"
    r"(?<!CMakeLists\.txt)|tmp\w{8}[/\\]testfile\.\w+)$"
)
"""Files that configure scripts write only to see whether a compiler accepts them."""

_DRIVE = re.compile(r"/?[A-Za-z]:[\\/]")

Number = str | int | None


class ParseResult:
    """Holds the diagnostics and test results that all parsers of one log add.

    Relative file names are resolved against the directory that the tool runs in at that moment:
    `directories` follows what make and other tools print about it.
    """

    def __init__(self, directory: str) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.tests: list[TestResult] = []
        self.dropped = 0
        """The number of diagnostics and test results beyond the limit."""
        self.since = 0
        """The index of the first diagnostic that still holds; those before it are from an earlier
        cycle of a tool that watches files.
        """
        self.changes = 0
        """A number that grows whenever something is added or changed."""
        self.repeats = 0
        """The number of diagnostics that were added again."""
        self.directories = Directories(directory)
        self._known: set[tuple[Span, Severity, str]] = set()
        self._numbers: dict[tuple[str, ...], int] = {}

    def span(
        self,
        file: str | None,
        line: Number,
        column: Number = None,
        end_line: Number = None,
        end_column: Number = None,
        unit: ColumnUnit = ColumnUnit.BYTE,
        *,
        tab_width: int = 8,
    ) -> Span:
        """Returns the span of a place as a tool names it.

        Lines and columns count from 1 and may be text or numbers; columns are in `unit`, and
        `end_column` is exclusive. A number that no file can have counts as missing. Returns NOWHERE
        if `file` is empty.
        """
        if not file:
            return NOWHERE
        start = _number(column)
        end = _number(end_column)
        return Span(
            file=self.resolve(file),
            line=_number(line) or 1,
            column=start or None,
            end_line=_number(end_line) or None,
            end_column=end or None if start else None,
            unit=unit if start else ColumnUnit.BYTE,
            tab_width=tab_width,
        )

    def resolve(self, file: str) -> str:
        """Returns the absolute path of a file as the tool names it."""
        file = file.removeprefix("file://")
        if _DRIVE.match(file):
            return file.removeprefix("/")
        if "\\" in file and "/" not in file:
            file = file.replace("\\", "/")
        return self.directories.resolve(file)

    def add(
        self,
        span: Span,
        severity: Severity,
        message: str,
        source: str,
        code: str = "",
        *,
        href: str = "",
        tags: tuple[Tag, ...] = (),
        related: Sequence[Related] = (),
        fixes: Sequence[Fix] = (),
        rendered: str = "",
    ) -> int | None:
        """Adds a diagnostic and returns its index.

        Returns None if it is known already, lies in a file that configure only probes with, or is
        beyond the limit.
        """
        if _PROBE.search(span.file):
            return None
        message = message.strip()[:TEXT_LIMIT]
        key = (span, severity, message)
        if key in self._known:
            self.repeats += 1
            return None
        if len(self.diagnostics) - self.since >= LIMIT:
            self.dropped += 1
            return None
        self._known.add(key)
        self.changes += 1
        self.diagnostics.append(
            Diagnostic(
                span=span,
                severity=severity,
                message=message,
                source=source,
                code=code,
                href=href,
                tags=tags,
                related=tuple(related),
                fixes=tuple(fixes),
                rendered=rendered[:TEXT_LIMIT],
            )
        )
        return len(self.diagnostics) - 1

    def begin_cycle(self) -> None:
        """Starts a new cycle of a tool that watches files.

        What the tool found before no longer holds, and can be found again.
        """
        self.since = len(self.diagnostics)
        self._known.clear()
        self.changes += 1

    def amend(self, number: int, **fields: object) -> None:
        """Replaces fields of the diagnostic with this index."""
        self.changes += 1
        self.diagnostics[number] = msgspec.structs.replace(self.diagnostics[number], **fields)

    def add_test(
        self,
        path: Sequence[str],
        state: TestState,
        source: str,
        *,
        duration: float | None = None,
        message: str = "",
        span: Span | None = None,
        output: str = "",
    ) -> None:
        """Adds how a test ended; a later result of the same test replaces the earlier one.

        `path` leads from the suite to the test. Its empty names are left out; a path without any
        name adds nothing. `duration` is in seconds; what no duration can be counts as unknown.
        """
        named = tuple(filter(None, path))
        if not named:
            return
        result = TestResult(
            path=named,
            state=state,
            source=source,
            duration=duration if duration is None or 0 <= duration < _LONGEST else None,
            message=message.strip()[:TEXT_LIMIT],
            span=span,
            output=output[:TEXT_LIMIT],
        )
        self.changes += 1
        number = self._numbers.get(result.path)
        if number is not None:
            self.tests[number] = result
        elif len(self.tests) < LIMIT:
            self._numbers[result.path] = len(self.tests)
            self.tests.append(result)
        else:
            self.dropped += 1

    def rename_test(self, number: int, path: tuple[str, ...]) -> None:
        """Changes the path of the test with this index, which was known too late."""
        path = tuple(filter(None, path)) or self.tests[number].path
        test = self.tests[number]
        self._numbers.pop(test.path, None)
        if path in self._numbers:
            return
        self._numbers[path] = number
        self.tests[number] = msgspec.structs.replace(test, path=path)


def _number(value: Number) -> int:
    """Returns a number of a log, or 0 if no file can have it."""
    if isinstance(value, int):
        return value if 0 <= value < 1 << 31 else 0
    return int(value) if value and len(value) < 10 and value.isdecimal() else 0
