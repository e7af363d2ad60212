"""Reads Cucumber's JSON report, which behave and other tools write too."""

from __future__ import annotations

import re
from typing import Any

from buildd.model import Severity, TestState
from buildd.parsers.documents.base import Reader, has, is_list_of

_BAD = ("failed", "ambiguous", "undefined", "error")
_PLACE = re.compile(r"(?P<file>.+):(?P<line>\d+)$")


class Cucumber(Reader):
    """Reads a list of features. A scenario is a test, and fails at its first failed step."""

    def read(self, document: Any) -> bool:
        if not is_list_of(document, "elements", "keyword", "name"):
            return False
        for feature in document:
            file = feature.get("uri") or ""
            if not file and (match := _PLACE.match(str(feature.get("location") or ""))):
                file = match["file"]
            for element in feature["elements"]:
                if element.get("type") != "background":
                    self._scenario(str(file).removeprefix("file:"), feature["name"], element)
        return True

    def _scenario(self, file: str, feature: str, scenario: dict[str, Any]) -> None:
        state, span, message, time = TestState.PASSED, None, "", 0.0
        steps = [
            *(scenario.get("before") or ()),
            *(scenario.get("steps") or ()),
            *(scenario.get("after") or ()),
        ]
        for step in steps:
            result = step.get("result") or {}
            status = str(result.get("status") or "skipped").lower()
            time += result.get("duration") or 0
            if status in _BAD and state is not TestState.FAILED:
                state = TestState.FAILED
                text = result.get("error_message") or f"{status}: {step.get('name', '')}"
                message = "\n".join(text) if isinstance(text, list) else str(text)
                line = step.get("line") or scenario.get("line")
                if not line and (match := _PLACE.match(str(step.get("location") or ""))):
                    line = match["line"]
                span = self.report.span(file, line)
                self.report.add(span, Severity.ERROR, message, "cucumber")
            elif status in ("skipped", "pending", "untested") and state is TestState.PASSED:
                state = TestState.SKIPPED
        is_in_seconds = has(scenario, "status")  # behave gives seconds, the others nanoseconds
        self.report.add_test(
            [part for part in (file, feature, scenario.get("name") or "scenario") if part],
            state,
            "cucumber",
            duration=time if is_in_seconds else time / 1e9,
            message=message,
            span=span,
        )
