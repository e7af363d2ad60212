"""This module defines the results of tests, and where tests are declared."""

from __future__ import annotations

import enum

from buildd.model.base import Frozen
from buildd.model.diagnostics import Span


class TestState(enum.StrEnum):
    """The result of a test."""

    __test__ = False

    PASSED = "passed"
    FAILED = "failed"
    """An assertion of the test does not hold."""
    ERRORED = "errored"
    """The test could not run to its end."""
    SKIPPED = "skipped"


class Declaration(Frozen, frozen=True):
    """A declaration is where a test's source is.

    `line` is 0 if only the file is known. `built` is the digest of the text that was read, as in
    `Span`.
    """

    file: str
    line: int = 0
    built: str = ""

    @property
    def span(self) -> Span | None:
        """The declaration's line, or None if only the file is known."""
        return Span(file=self.file, line=self.line, built=self.built) if self.line else None


class TestResult(Frozen, frozen=True):
    """A test result is how one test of one run ended.

    `path` is the test's place in the tree of tests: package or file, suites, its own name.
    `duration` is in seconds, None if the tool does not report it. `span` is where the tool says
    that the test failed or is written. `declared` is where the source declares it, None if unknown.
    `output` is what the test printed.
    """

    __test__ = False

    path: tuple[str, ...]
    state: TestState
    source: str
    duration: float | None = None
    message: str = ""
    span: Span | None = None
    declared: Declaration | None = None
    output: str = ""
