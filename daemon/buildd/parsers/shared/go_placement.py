"""Moves what `go test` names without a directory into the directory of its package."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

import msgspec

from buildd.model import Span
from buildd.parsers.report import ParseResult


class Placement:
    """Holds which diagnostics and tests of the report belong to which package.

    They are placed at once, and again at the end of the log, because more may be known of a
    package's directory by then.
    """

    def __init__(self, report: ParseResult) -> None:
        self._report = report
        self._packages: list[tuple[Callable[[str], str], str, list[int], list[int]]] = []
        """For each package: what returns its directory, its name, its diagnostics and its tests."""

    def add(
        self,
        directory: Callable[[str], str],
        package: str,
        diagnostics: list[int],
        tests: list[int],
    ) -> None:
        """Adds a package with the indexes of its diagnostics and of its tests.

        `directory` returns the absolute directory of a package.
        """
        self._packages.append((directory, package, diagnostics, tests))
        self._place(directory(package), diagnostics, tests)

    def add_diagnostic(self, number: int) -> None:
        """Adds the diagnostic with this index to the last package, if there is one."""
        if self._packages:
            self._packages[-1][2].append(number)

    def finish(self) -> None:
        """Places everything by what is known of the directories at the end of the log."""
        for directory, package, diagnostics, tests in self._packages:
            self._place(directory(package), diagnostics, tests)

    def _place(self, directory: str, diagnostics: list[int], tests: list[int]) -> None:
        """Moves the names without a directory into the package's directory."""
        for number in diagnostics:
            diagnostic = self._report.diagnostics[number]
            span = _moved(diagnostic.span, directory)
            if span != diagnostic.span:
                self._report.amend(number, span=span)
        for number in tests:
            test = self._report.tests[number]
            if test.span is not None:
                self._report.tests[number] = msgspec.structs.replace(
                    test, span=_moved(test.span, directory)
                )


def _moved(span: Span, directory: str) -> Span:
    if span.column is not None or posixpath.dirname(span.file) == directory:
        return span
    file = posixpath.join(directory, posixpath.basename(span.file))
    return msgspec.structs.replace(span, file=file)
