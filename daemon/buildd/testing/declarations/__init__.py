"""This folder finds where tests are declared, from the tool's names and the sources' text.

If these do not identify exactly one place, the result is none: a wrong place is worse.
"""

from __future__ import annotations

from collections.abc import Callable

from buildd.files.file_lookup import DigestOf
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
"""The function that finds the file and line of a tool's test; line 0 if only the file is known."""


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
        finder = FINDERS.get(test.source)
        place = finder(test.path, self._sources) if finder else None
        if not place:
            return None
        file, line = place
        return Declaration(file=file, line=line, built=self._sources.built(file))
