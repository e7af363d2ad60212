"""The report as readers have it: what a document has of another type than is told stays out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from buildd.model import Severity, Span, TestState
from buildd.parsers.report import ParseResult


def checked(report: ParseResult) -> ParseResult:
    """A report that raises TypeError, before it adds anything, where a text is none."""
    return cast("ParseResult", _Checked(report))


class _Checked:
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
        _check(message, source, code, more.get("href", ""), more.get("rendered", ""))
        _check(*(note.message for note in more.get("related", ())))
        for fix in more.get("fixes", ()):
            _check(fix.title, *(edit.text for edit in fix.edits))
        return self._report.add(span, severity, message, source, code, **more)

    def add_test(self, path: Sequence[str], state: TestState, source: str, **more: Any) -> None:
        _check(*path, source, more.get("message", ""), more.get("output", ""))
        if not isinstance(more.get("duration"), float | int | None) or not all(path):
            raise TypeError
        self._report.add_test(path, state, source, **more)


def _check(*texts: object) -> None:
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(text)
