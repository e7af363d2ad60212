"""Where tests are written: told by the tool's name for a test and the text of the source.

What cannot be known from these stays unknown: no place is better than a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable

from buildd.files.file_lookup import Look
from buildd.model import Declaration, TestResult
from buildd.testing.declarations import go, javascript, python, rust
from buildd.testing.declarations.sources import Path, SourceLine, TestSources

FINDERS: dict[str, Callable[[Path, TestSources], SourceLine | None]] = {
    "cargo": rust.cargo,
    "go": go.go,
    "jest": javascript.by_file,
    "pytest": python.pytest,
    "unittest": python.unittest,
    "vitest": javascript.by_file,
}
"""By the tool: the file and line of a test; line 0 where only the file is known."""


class Declarations:
    """Of the tests of one run, whose command starts in `directory` (on the host); each file is read
    once. Reads files: use it in a thread."""

    def __init__(self, project: str, directory: str, look: Look) -> None:
        self._sources = TestSources(project, directory, look)
        self._known: dict[tuple[str, Path], Declaration | None] = {}

    def of(self, test: TestResult) -> Declaration | None:
        """Where the test is written; None if nobody knows."""
        key = test.source, test.path
        if key not in self._known:
            self._known[key] = self._find(test)
        return self._known[key]

    def _find(self, test: TestResult) -> Declaration | None:
        finder = FINDERS.get(test.source)
        found = finder(test.path, self._sources) if finder else None
        if not found:
            return None
        file, line = found
        return Declaration(file=file, line=line, built=self._sources.built(file))
