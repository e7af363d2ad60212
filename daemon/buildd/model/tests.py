"""How tests ended, and where they are written."""

from __future__ import annotations

import enum

from buildd.model.base import Frozen
from buildd.model.diagnostics import Span


class TestState(enum.StrEnum):
    """How a test ended."""

    __test__ = False

    PASSED = "passed"
    FAILED = "failed"
    """What it asserts does not hold."""
    ERRORED = "errored"
    """It could not be carried out."""
    SKIPPED = "skipped"


class Declaration(Frozen, frozen=True):
    """Where a test is written. `line` is 0 where only the file is known; `built` is the digest of
    the text that it counts in, as in `Span`."""

    file: str
    line: int = 0
    built: str = ""

    @property
    def span(self) -> Span | None:
        """The line as a place; None where only the file is known."""
        return Span(file=self.file, line=self.line, built=self.built) if self.line else None


class TestResult(Frozen, frozen=True):
    """One test of one run. `path` is its place in the tree: package or file, suites, its own name.

    `duration` is in seconds, None where the tool does not tell; `span` is where the tool says that
    it failed, or stands; `declared` is where the source has it, None where nobody knows; `output`
    is what it printed.
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
