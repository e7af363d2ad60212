"""GoogleTest's --gtest_output=json."""

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
    """Suites of tests; each failure begins with its place."""

    def read(self, document: Any) -> bool:
        if not has(document, "tests", "failures", "testsuites"):
            return False
        for suite in document["testsuites"]:
            for one in suite.get("testsuite") or ():
                self._test(suite["name"], one)
        return True

    def _test(self, suite: str, one: dict[str, Any]) -> None:
        state, span, texts = TestState.PASSED, None, []
        if one.get("status") == "NOTRUN" or one.get("result") in ("SKIPPED", "SUPPRESSED"):
            state = TestState.SKIPPED
        for failure in one.get("failures") or ():
            state = TestState.FAILED
            text = str(failure.get("failure") or "")
            place = NOWHERE
            if match := _PLACE.match(text):
                place = self.report.span(match["file"], match["line"] or match["row"])
                text = match["message"]
            elif one.get("file"):
                place = self.report.span(one["file"], one.get("line"))
            texts.append(text)
            span = span or (place if place.file else None)
            self.report.add(place, Severity.ERROR, text or "failed", "googletest")
        if state is TestState.SKIPPED:
            texts = [str(told.get("message") or "") for told in one.get("skipped") or ()]
        time = str(one.get("time") or "").removesuffix("s")
        self.report.add_test(
            (suite, one["name"]),
            state,
            "googletest",
            duration=float(time) if re.fullmatch(r"\d+(?:\.\d+)?", time) else None,
            message="\n".join(texts),
            span=span,
        )
