"""rspec --format json."""

from __future__ import annotations

from typing import Any

from buildd.model import Severity, TestState
from buildd.parsers.documents.base import Reader, has
from buildd.parsers.documents.traces import places
from buildd.parsers.report import NOWHERE

_STATES = {
    "passed": TestState.PASSED,
    "failed": TestState.FAILED,
    "pending": TestState.SKIPPED,
}


class RspecReport(Reader):
    """A failure stands where the backtrace is in the file of its example."""

    def read(self, document: Any) -> bool:
        if not has(document, "examples", "summary", "summary_line"):
            return False
        for one in document["examples"]:
            self._example(one)
        if (document["summary"] or {}).get("errors_outside_of_examples_count"):
            for message in document.get("messages") or ():
                if "error occurred outside of examples" in message:
                    self._outside(message.strip())
        return True

    def _example(self, one: dict[str, Any]) -> None:
        state = _STATES.get(one["status"], TestState.SKIPPED)
        file, told = one["file_path"], one.get("exception") or {}
        message, span = "", None
        if state is TestState.FAILED:
            message = str(told.get("message") or told.get("class") or "failed").strip()
            span = self.report.span(file, one["line_number"])
            for line in told.get("backtrace") or ():
                name, _, rest = line.partition(":")
                if name.removeprefix("./").endswith(file.removeprefix("./")):
                    span = self.report.span(file, rest.partition(":")[0])
                    break
            self.report.add(span, Severity.ERROR, message, "rspec")
        self.report.add_test(
            (file, one.get("full_description") or one["description"]),
            state,
            "rspec",
            duration=one.get("run_time"),
            message=message or str(one.get("pending_message") or ""),
            span=span,
        )

    def _outside(self, message: str) -> None:
        place = next(places(message), None)
        span = self.report.span(place.file, place.line) if place else NOWHERE
        self.report.add(span, Severity.ERROR, message, "rspec")
