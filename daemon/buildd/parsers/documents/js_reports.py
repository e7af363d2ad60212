"""Reads the JSON reports of mocha and Playwright."""

from __future__ import annotations

import re
from typing import Any

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.documents.base import Reader, has
from buildd.parsers.documents.traces import places, span_of

_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class MochaReport(Reader):
    """Reads the report of one run, in which some tests occur twice."""

    def read(self, document: Any) -> bool:
        if not has(document, "stats", "tests", "failures", "passes"):
            return False
        pending = {test["fullTitle"] for test in document.get("pending") or ()}
        for test in document["tests"]:
            self._test(test, is_pending=test["fullTitle"] in pending)
        known = {test["fullTitle"] for test in document["tests"]}
        for test in document["failures"]:
            # A failed hook is not among the tests.
            if test["fullTitle"] not in known:
                self._test(test, is_pending=False)
        return True

    def _test(self, test: dict[str, Any], *, is_pending: bool) -> None:
        error, title = test.get("err") or {}, test["title"]
        state = TestState.SKIPPED if is_pending else TestState.PASSED
        span, message, file = None, "", test.get("file") or ""
        if error and not is_pending:
            state = TestState.FAILED
            message = _ESCAPE.sub("", str(error.get("message") or "failed")).strip()
            found = list(places(_frames_of(str(error.get("stack") or ""))))
            own = [place for place in found if file.endswith(place.file)] or found
            if own:
                span = span_of(own[0], self.report)
            elif file:
                span = self.report.span(file, 1)
            if span:
                self.report.add(span, Severity.ERROR, message, "mocha")
        suites = test["fullTitle"].removesuffix(title).strip()
        duration = test.get("duration")
        self.report.add_test(
            [part for part in (file, suites, title) if part],
            state,
            "mocha",
            duration=duration / 1000 if duration is not None else None,
            message=message,
            span=span,
        )


class Playwright(Reader):
    """Reads nested suites. The last attempt of a test decides."""

    def read(self, document: Any) -> bool:
        if not has(document, "config", "suites", "stats"):
            return False
        root = str((document["config"] or {}).get("rootDir") or "")
        for suite in document["suites"]:
            self._suite(suite, (), root)
        for error in document.get("errors") or ():
            self._error(error, root)
        return True

    def _suite(self, suite: dict[str, Any], above: tuple[str, ...], root: str) -> None:
        titles = (*above, suite["title"])
        for inner in suite.get("suites") or ():
            self._suite(inner, titles, root)
        for spec in suite.get("specs") or ():
            for test in spec["tests"]:
                self._test(spec, test, titles, root)

    def _test(
        self, spec: dict[str, Any], test: dict[str, Any], titles: tuple[str, ...], root: str
    ) -> None:
        results = test.get("results") or ()
        last = results[-1] if results else {}
        state = {
            "expected": TestState.PASSED,
            "flaky": TestState.PASSED,
            "skipped": TestState.SKIPPED,
        }.get(test.get("status", ""), TestState.FAILED)
        span, message = None, ""
        if state is TestState.FAILED:
            errors = last.get("errors") or [last.get("error") or {}]
            for error in errors:
                text = _ESCAPE.sub("", str(error.get("message") or "failed")).strip()
                place = error.get("location") or last.get("errorLocation") or {}
                found = self._span(place, root) or self.report.span(
                    _below(root, spec["file"]), spec["line"], spec.get("column")
                )
                self.report.add(found, Severity.ERROR, text, "playwright")
                span, message = span or found, message or text
        duration = last.get("duration")
        project = test.get("projectName")
        self.report.add_test(
            [name for name in (project, *titles, spec["title"]) if name],
            state,
            "playwright",
            duration=duration / 1000 if duration is not None else None,
            message=message,
            span=span,
        )

    def _error(self, error: dict[str, Any], root: str) -> None:
        message = _ESCAPE.sub("", str(error.get("message") or ""))
        span = self._span(error.get("location") or {}, root)
        if message:
            nowhere = self.report.span("", None)
            self.report.add(span or nowhere, Severity.ERROR, message, "playwright")

    def _span(self, place: dict[str, Any], root: str) -> Span | None:
        if not place.get("file"):
            return None
        file = _below(root, place["file"])
        return self.report.span(file, place["line"], place.get("column"), unit=ColumnUnit.UTF16)


def _below(root: str, file: str) -> str:
    """Returns the path of a file below the root directory."""
    return file if file.startswith("/") or file[1:2] == ":" or not root else f"{root}/{file}"


def _frames_of(stack: str) -> str:
    """Returns a stack without its message, which may name files too."""
    start = stack.find("\n    at ")
    return _ESCAPE.sub("", stack[start:] if start >= 0 else stack)
