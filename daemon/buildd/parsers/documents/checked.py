"""Guards the report that document readers write to: values of the wrong type raise an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from buildd.model import Severity, Span, TestState
from buildd.parsers.report import ParseResult


def checked(report: ParseResult) -> ParseResult:
    """Returns a proxy of `report` that checks the types of what is added.

    It raises TypeError, before anything is added, if a value that should be text is not.
    """
    return cast("ParseResult", _Checked(report))


class _Checked:
    """Passes everything on to a report, after a check of the types."""

    def __init__(self, report: ParseResult) -> None:
        self._report = report

    def __getattr__(self, name: str) -> Any:
        return getattr(self._report, name)

    def add(
        self,
        span: Span,
        severity: Severity,
        message: str,
        source: str,
        code: str = "",
        **more: Any,
    ) -> int | None:
        """Adds a diagnostic, as `ParseResult.add` does. Raises TypeError."""
        _check(message, source, code, more.get("href", ""), more.get("rendered", ""))
        _check(*(note.message for note in more.get("related", ())))
        for fix in more.get("fixes", ()):
            _check(fix.title, *(edit.text for edit in fix.edits))
        return self._report.add(span, severity, message, source, code, **more)

    def add_test(self, path: Sequence[str], state: TestState, source: str, **more: Any) -> None:
        """Adds a test result, as `ParseResult.add_test` does. Raises TypeError."""
        _check(*path, source, more.get("message", ""), more.get("output", ""))
        if not isinstance(more.get("duration"), float | int | None) or not all(path):
            raise TypeError
        self._report.add_test(path, state, source, **more)


def _check(*texts: object) -> None:
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(text)
