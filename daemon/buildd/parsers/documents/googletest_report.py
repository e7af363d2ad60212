"""Reads what GoogleTest writes with --gtest_output=json."""

from __future__ import annotations

import re
from typing import Any

from buildd.model import Severity, TestState
from buildd.parsers.documents.base import Reader, has
from buildd.parsers.report import NOWHERE

_PLACE = re.compile(
    r"(?P<file>[^\n]+?)(?::(?P<line>\d+)|\((?P<row>\d+)\):?)\n(?P<message>.*)", re.DOTALL
)


class GoogletestReport(Reader):
    """Reads the test suites of one run. Each failure begins with its place."""

    def read(self, document: Any) -> bool:
        if not has(document, "tests", "failures", "testsuites"):
            return False
        for suite in document["testsuites"]:
            for test in suite.get("testsuite") or ():
                self._test(suite["name"], test)
        return True

    def _test(self, suite: str, test: dict[str, Any]) -> None:
        state, span, texts = TestState.PASSED, None, []
        if test.get("status") == "NOTRUN" or test.get("result") in ("SKIPPED", "SUPPRESSED"):
            state = TestState.SKIPPED
        for failure in test.get("failures") or ():
            state = TestState.FAILED
            text = str(failure.get("failure") or "")
            place = NOWHERE
            if match := _PLACE.match(text):
                place = self.report.span(match["file"], match["line"] or match["row"])
                text = match["message"]
            elif test.get("file"):
                place = self.report.span(test["file"], test.get("line"))
            texts.append(text)
            span = span or (place if place.file else None)
            self.report.add(place, Severity.ERROR, text or "failed", "googletest")
        if state is TestState.SKIPPED:
            texts = [str(reason.get("message") or "") for reason in test.get("skipped") or ()]
        time = str(test.get("time") or "").removesuffix("s")
        self.report.add_test(
            (suite, test["name"]),
            state,
            "googletest",
            duration=float(time) if re.fullmatch(r"\d+(?:\.\d+)?", time) else None,
            message="\n".join(texts),
            span=span,
        )
