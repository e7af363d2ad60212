"""Keeps the results of pytest's tests, of which several sections of a log tell a part."""

from __future__ import annotations

from buildd.model import TestState
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.pytest_failure import Failure


class Results:
    """Adds each test to the report, and again whenever more is known of it.

    A test's identifier is `FILE::CLASS::NAME`, as pytest prints it.
    """

    def __init__(self, report: ParseResult) -> None:
        self._report = report
        self._known: dict[str, tuple[TestState, float | None, Failure | None, str]] = {}
        """State, duration in seconds, failure and message of each test."""

    def add(self, identifier: str, state: TestState, failure: Failure | None, message: str) -> None:
        """Adds how a test ended; its duration, and a failure that is known, stay."""
        _, seconds, known, _ = self._known.get(identifier, (state, None, None, ""))
        self._record(identifier, state, seconds, failure or known, message)

    def set_duration(self, identifier: str, seconds: float) -> None:
        """Adds how long a test took. Its result may be printed later, or not at all."""
        if known := self._known.get(identifier):
            self._record(identifier, known[0], seconds, known[2], known[3])
        else:
            self._known[identifier] = (TestState.PASSED, seconds, None, "")

    def _record(
        self,
        identifier: str,
        state: TestState,
        seconds: float | None,
        failure: Failure | None,
        message: str,
    ) -> None:
        self._known[identifier] = (state, seconds, failure, message)
        file, _, rest = identifier.partition("::")
        self._report.add_test(
            (file, *parts(rest)),
            state,
            "pytest",
            duration=seconds,
            message=failure.text if failure and failure.span else message,
            span=failure.span if failure else None,
            output="\n".join(failure.output) if failure else "",
        )


def parts(rest: str) -> list[str]:
    """Splits a test's name into its classes and its name; a parameter may hold the separator."""
    name, bracket, parameter = rest.partition("[")
    *classes, last = name.split("::")
    return [*classes, last + bracket + parameter]
