"""Where tests are written: told by the tool's name for a test and the text of the source.

What cannot be known from these stays unknown: no place is better than a wrong one.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from buildd.files.file_lookup import Look
from buildd.model import Declaration, TestResult
from buildd.testing.declarations.sources import Path, SourceLine, TestSources

FINDERS: dict[str, str] = {
    "cargo": "rust:cargo",
    "go": "go:go",
    "jest": "javascript:by_file",
    "pytest": "python:pytest",
    "unittest": "python:unittest",
    "vitest": "javascript:by_file",
}
"""By the tool: the function that finds a test, and the module it is in, which is imported when a
test of that tool has run."""


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
        place = FINDERS.get(test.source)
        found = _imported(place)(test.path, self._sources) if place else None
        if not found:
            return None
        file, line = found
        return Declaration(file=file, line=line, built=self._sources.built(file))


def _imported(place: str) -> Callable[[Path, TestSources], SourceLine | None]:
    """What gives the file and the line of a test; line 0 where only the file is known."""
    module, _, name = place.partition(":")
    found: Callable[[Path, TestSources], SourceLine | None] = getattr(
        importlib.import_module(f"buildd.testing.declarations.{module}"), name
    )
    return found
