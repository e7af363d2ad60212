"""Reads `rspec --format json`."""

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
    """Reads the report of one run.

    The place of a failure is where the backtrace passes through the example's file.
    """

    def read(self, document: Any) -> bool:
        if not has(document, "examples", "summary", "summary_line"):
            return False
        for example in document["examples"]:
            self._example(example)
        if (document["summary"] or {}).get("errors_outside_of_examples_count"):
            for message in document.get("messages") or ():
                if "error occurred outside of examples" in message:
                    self._outside(message.strip())
        return True

    def _example(self, example: dict[str, Any]) -> None:
        state = _STATES.get(example["status"], TestState.SKIPPED)
        file, exception = example["file_path"], example.get("exception") or {}
        message, span = "", None
        if state is TestState.FAILED:
            message = str(exception.get("message") or exception.get("class") or "failed").strip()
            span = self.report.span(file, example["line_number"])
            for line in exception.get("backtrace") or ():
                name, _, rest = line.partition(":")
                if name.removeprefix("./").endswith(file.removeprefix("./")):
                    span = self.report.span(file, rest.partition(":")[0])
                    break
            self.report.add(span, Severity.ERROR, message, "rspec")
        self.report.add_test(
            (file, example.get("full_description") or example["description"]),
            state,
            "rspec",
            duration=example.get("run_time"),
            message=message or str(example.get("pending_message") or ""),
            span=span,
        )

    def _outside(self, message: str) -> None:
        place = next(places(message), None)
        span = self.report.span(place.file, place.line) if place else NOWHERE
        self.report.add(span, Severity.ERROR, message, "rspec")
