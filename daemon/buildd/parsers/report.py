"""What the parsers of one log have found together: diagnostics and test results, in order. Pure."""

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
"""Diagnostics kept of one log, and as many test results; beyond that they are counted only."""

TEXT_LIMIT = 64 << 10
"""Characters kept of a message, a rendered text or a test's output."""

NOWHERE = Span(file="", line=1)
"""The place of a finding that names none."""

_PROBE = re.compile(
    r"(?:^|[/\\])(?:_?conf(?:ig)?test\.(?!py)\w+|CMakeFiles[/\\]CMake(?:Tmp|Scratch)[/\\].*"
    r"(?<!CMakeLists\.txt)|tmp\w{8}[/\\]testfile\.\w+)$"
)
"""What configure scripts write only to see whether a compiler takes it."""

_DRIVE = re.compile(r"/?[A-Za-z]:[\\/]")

Number = str | int | None


class ParseResult:
    """Shared by the parsers of one log. Relative names of files are resolved against where the
    output is at the time: `directories` follows what make and others tell."""

    def __init__(self, directory: str) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.tests: list[TestResult] = []
        self.dropped = 0
        """How many there were beyond the limit."""
        self.since = 0
        """The number of the first finding that still holds; those before are of a former cycle of
        a tool that goes on and on."""
        self.changes = 0
        """Another number whenever something was found or has grown."""
        self.repeats = 0
        """How often something was found again."""
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
        """A place as a tool named it: numbers as text or as they are, 1-based, `end_column`
        exclusive. What no file can have counts as not told; without a file it is NOWHERE."""
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
        """The absolute path of a file as the tool named it."""
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
        """Add a finding; its number, or None if the same was found before, or is of a probe."""
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
        """A tool that watches files begins anew: what it found before may be found again."""
        self.since = len(self.diagnostics)
        self._known.clear()
        self.changes += 1

    def amend(self, number: int, **fields: object) -> None:
        """Give a finding more than it had."""
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
        """Add how a test ended; said again of the same test, the later word holds. What of its
        path has no name is left out; one without any is none."""
        named = tuple(filter(None, path))
        if not named:
            return
        result = TestResult(
            path=named,
            state=state,
            source=source,
            duration=duration,
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
        """Give a test the place in the tree that was told only later."""
        path = tuple(filter(None, path)) or self.tests[number].path
        test = self.tests[number]
        self._numbers.pop(test.path, None)
        if path in self._numbers:
            return
        self._numbers[path] = number
        self.tests[number] = msgspec.structs.replace(test, path=path)


def _number(value: Number) -> int:
    """A number of a log; what no file can have counts as none."""
    if isinstance(value, int):
        return value if 0 <= value < 1 << 31 else 0
    return int(value) if value and len(value) < 10 and value.isdecimal() else 0
