"""This folder finds where tests are declared, from the tool's names and the sources' text.

If these do not identify exactly one place, the result is none: a wrong place is worse.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from buildd.files.file_lookup import DigestOf
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
"""The function that finds a tool's test, as MODULE:NAME.

The module is imported when a test of that tool has run.
"""


class Declarations:
    """The declarations of one run's tests.

    `directory` is where the run's command starts, on the host. Each file is read once. It reads
    files: call it in a thread.
    """

    def __init__(self, project: str, directory: str, digest_of: DigestOf) -> None:
        self._sources = TestSources(project, directory, digest_of)
        self._found: dict[tuple[str, Path], Declaration | None] = {}

    def of(self, test: TestResult) -> Declaration | None:
        """Return where the test is declared, or None if that is unknown."""
        key = test.source, test.path
        if key not in self._found:
            self._found[key] = self._find(test)
        return self._found[key]

    def _find(self, test: TestResult) -> Declaration | None:
        name = FINDERS.get(test.source)
        place = _import_finder(name)(test.path, self._sources) if name else None
        if not place:
            return None
        file, line = place
        return Declaration(file=file, line=line, built=self._sources.built(file))


def _import_finder(name: str) -> Callable[[Path, TestSources], SourceLine | None]:
    """Import a tool's finder.

    It returns the file and line of a test, with line 0 if only the file is known.
    """
    module, _, function = name.partition(":")
    finder: Callable[[Path, TestSources], SourceLine | None] = getattr(
        importlib.import_module(f"buildd.testing.declarations.{module}"), function
    )
    return finder
