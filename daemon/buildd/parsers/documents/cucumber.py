"""Cucumber's JSON, which behave and others write too."""

from __future__ import annotations

import re
from typing import Any

from buildd.model import Severity, TestState
from buildd.parsers.documents.base import Reader, has, is_list_of

_BAD = ("failed", "ambiguous", "undefined", "error")
_PLACE = re.compile(r"(?P<file>.+):(?P<line>\d+)$")


class Cucumber(Reader):
    """A scenario is a test; it failed in the step that did."""

    def read(self, document: Any) -> bool:
        if not is_list_of(document, "elements", "keyword", "name"):
            return False
        for feature in document:
            file = feature.get("uri") or ""
            if not file and (match := _PLACE.match(str(feature.get("location") or ""))):
                file = match["file"]
            for one in feature["elements"]:
                if one.get("type") != "background":
                    self._scenario(str(file).removeprefix("file:"), feature["name"], one)
        return True

    def _scenario(self, file: str, feature: str, one: dict[str, Any]) -> None:
        state, span, message, time = TestState.PASSED, None, "", 0.0
        steps = [*(one.get("before") or ()), *(one.get("steps") or ()), *(one.get("after") or ())]
        for step in steps:
            result = step.get("result") or {}
            status = str(result.get("status") or "skipped").lower()
            time += result.get("duration") or 0
            if status in _BAD and state is not TestState.FAILED:
                state = TestState.FAILED
                told = result.get("error_message") or f"{status}: {step.get('name', '')}"
                message = "\n".join(told) if isinstance(told, list) else str(told)
                line = step.get("line") or one.get("line")
                if not line and (match := _PLACE.match(str(step.get("location") or ""))):
                    line = match["line"]
                span = self.report.span(file, line)
                self.report.add(span, Severity.ERROR, message, "cucumber")
            elif status in ("skipped", "pending", "untested") and state is TestState.PASSED:
                state = TestState.SKIPPED
        is_in_seconds = has(one, "status")  # behave
        self.report.add_test(
            [part for part in (file, feature, one.get("name") or "scenario") if part],
            state,
            "cucumber",
            duration=time if is_in_seconds else time / 1e9,
            message=message,
            span=span,
        )
