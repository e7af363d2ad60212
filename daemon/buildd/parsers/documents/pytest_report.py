"""Reads the JSON of two pytest plugins: pytest-json-report and pytest-reportlog."""

from __future__ import annotations

from typing import Any

from buildd.model import Severity, Span, TestState
from buildd.parsers.documents.base import Reader, has
from buildd.parsers.report import NOWHERE

_STATES = {
    "passed": TestState.PASSED,
    "xpassed": TestState.PASSED,
    "xpass": TestState.PASSED,
    "failed": TestState.FAILED,
    "error": TestState.ERRORED,
    "skipped": TestState.SKIPPED,
    "xfailed": TestState.SKIPPED,
    "xfail": TestState.SKIPPED,
}


class _Tests(Reader):
    """Finds the places of failures for both formats."""

    def place(self, file: str, crash: dict[str, Any], trace: list[dict[str, Any]]) -> Span | None:
        """Returns the place of a failure in the test's own file.

        If the traceback does not pass through that file, it is where the test crashed.
        """
        for entry in trace:
            if entry.get("path") == file:
                return self.report.span(file, entry.get("lineno"))
        path = crash.get("path")
        return self.report.span(path, crash.get("lineno")) if isinstance(path, str) else None


class PytestReport(_Tests):
    """Reads the report of pytest-json-report, one object for the whole run."""

    def read(self, document: Any) -> bool:
        if not has(document, "exitcode", "root", "summary"):
            return False
        if not ("tests" in document or "collectors" in document or "pytest_version" in document):
            return has(document, "created", "environment")
        for test in document.get("tests") or ():
            self._test(test)
        for item in document.get("collectors") or ():
            if item.get("outcome") == "failed":
                name = item["nodeid"]
                message = str(item.get("longrepr") or "collection failed")
                self.report.add(self.report.span(name, 1), Severity.ERROR, message, "pytest")
        for item in document.get("warnings") or ():
            if item.get("filename"):
                span = self.report.span(item["filename"], item.get("lineno"))
                code = str(item.get("category") or "")
                self.report.add(span, Severity.WARNING, str(item["message"]), "pytest", code)
        return True

    def _test(self, test: dict[str, Any]) -> None:
        state = _STATES.get(test["outcome"], TestState.SKIPPED)
        names = test["nodeid"].split("::")
        message, span, output, duration = "", None, "", 0.0
        for name in ("setup", "call", "teardown"):
            stage = test.get(name) or {}
            duration += stage.get("duration") or 0.0
            output += stage.get("stdout") or ""
            if stage.get("outcome") not in ("failed", "error") or message:
                continue
            crash = stage.get("crash") or {}
            message = str(crash.get("message") or stage.get("longrepr") or "")
            span = self.place(names[0], crash, stage.get("traceback") or [])
        if state in (TestState.FAILED, TestState.ERRORED):
            text = message or "failed"
            self.report.add(span or NOWHERE, Severity.ERROR, text, "pytest")
        self.report.add_test(
            names, state, "pytest", duration=duration, message=message, span=span, output=output
        )


class PytestLog(_Tests):
    """Reads the events of pytest-reportlog. A test has three: setup, call and teardown."""

    def read(self, document: Any) -> bool:
        if not has(document, "$report_type") and not has(document, "pytest_version"):
            return False
        kind = document.get("$report_type")
        if kind == "TestReport":
            self._test(document)
        elif kind == "CollectReport" and document.get("outcome") == "failed":
            message = _text(document.get("longrepr"))
            file = document["nodeid"].partition("::")[0]
            self.report.add(self.report.span(file, 1), Severity.ERROR, message, "pytest")
        return kind is not None or document.keys() <= {"pytest_version", "$report_type"}

    def _test(self, event: dict[str, Any]) -> None:
        state = _STATES.get(event["outcome"], TestState.SKIPPED)
        if event.get("when") != "call":
            if state is TestState.PASSED:
                return
            if state is TestState.FAILED:
                state = TestState.ERRORED
        if event.get("wasxfail") is not None and state is TestState.SKIPPED:
            state = TestState.SKIPPED
        names, reason = event["nodeid"].split("::"), event.get("longrepr")
        message, span = "", None
        if state in (TestState.FAILED, TestState.ERRORED):
            message = _text(reason)
            crash = reason.get("reprcrash") or {} if isinstance(reason, dict) else {}
            message = str(crash.get("message") or message)
            span = self.place(names[0], crash, _trace(reason))
            self.report.add(span or NOWHERE, Severity.ERROR, message or "failed", "pytest")
        elif isinstance(reason, list) and len(reason) == 3:
            message = str(reason[2])
        self.report.add_test(
            names, state, "pytest", duration=event.get("duration"), message=message, span=span
        )


def _trace(reason: Any) -> list[dict[str, Any]]:
    if not isinstance(reason, dict):
        return []
    entries = (reason.get("reprtraceback") or {}).get("reprentries") or []
    return [(entry.get("data") or {}).get("reprfileloc") or {} for entry in entries]


def _text(reason: Any) -> str:
    if isinstance(reason, dict):
        return str(
            (reason.get("reprcrash") or {}).get("message") or reason.get("longrepr") or "failed"
        )
    return str(reason or "failed")
