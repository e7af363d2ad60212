"""The JSON of mocha and of Playwright."""

from __future__ import annotations

import re
from typing import Any

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.documents.base import Reader, has
from buildd.parsers.documents.traces import places, span_of

_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class MochaReport(Reader):
    """The whole run in one object, with some tests in it twice."""

    def read(self, document: Any) -> bool:
        if not has(document, "stats", "tests", "failures", "passes"):
            return False
        pending = {one["fullTitle"] for one in document.get("pending") or ()}
        for one in document["tests"]:
            self._test(one, is_pending=one["fullTitle"] in pending)
        known = {one["fullTitle"] for one in document["tests"]}
        for one in document["failures"]:
            # What failed in a hook is no test.
            if one["fullTitle"] not in known:
                self._test(one, is_pending=False)
        return True

    def _test(self, one: dict[str, Any], *, is_pending: bool) -> None:
        told, title = one.get("err") or {}, one["title"]
        state = TestState.SKIPPED if is_pending else TestState.PASSED
        span, message, file = None, "", one.get("file") or ""
        if told and not is_pending:
            state = TestState.FAILED
            message = _ESCAPE.sub("", str(told.get("message") or "failed")).strip()
            found = list(places(_frames_of(str(told.get("stack") or ""))))
            own = [place for place in found if file.endswith(place.file)] or found
            if own:
                span = span_of(own[0], self.report)
            elif file:
                span = self.report.span(file, 1)
            if span:
                self.report.add(span, Severity.ERROR, message, "mocha")
        suites = one["fullTitle"].removesuffix(title).strip()
        duration = one.get("duration")
        self.report.add_test(
            [part for part in (file, suites, title) if part],
            state,
            "mocha",
            duration=duration / 1000 if duration is not None else None,
            message=message,
            span=span,
        )


class Playwright(Reader):
    """Suites within suites; the last of a test's tries tells."""

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
            [one for one in (project, *titles, spec["title"]) if one],
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
    return file if file.startswith("/") or file[1:2] == ":" or not root else f"{root}/{file}"


def _frames_of(stack: str) -> str:
    """A stack without the message, which may name files too."""
    start = stack.find("\n    at ")
    return _ESCAPE.sub("", stack[start:] if start >= 0 else stack)
