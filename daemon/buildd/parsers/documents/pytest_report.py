"""What pytest's plugins write as JSON: pytest-json-report, and pytest-reportlog by the line."""

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
    """What the two have in common."""

    def place(self, file: str, crash: dict[str, Any], trace: list[dict[str, Any]]) -> Span | None:
        """Where the test's own file leads to what went wrong, else where that was."""
        for entry in trace:
            if entry.get("path") == file:
                return self.report.span(file, entry.get("lineno"))
        path = crash.get("path")
        return self.report.span(path, crash.get("lineno")) if isinstance(path, str) else None


class PytestReport(_Tests):
    """The whole run in one object."""

    def read(self, document: Any) -> bool:
        if not has(document, "exitcode", "root", "summary"):
            return False
        if not ("tests" in document or "collectors" in document or "pytest_version" in document):
            return has(document, "created", "environment")
        for test in document.get("tests") or ():
            self._test(test)
        for one in document.get("collectors") or ():
            if one.get("outcome") == "failed":
                name = one["nodeid"]
                message = str(one.get("longrepr") or "collection failed")
                self.report.add(self.report.span(name, 1), Severity.ERROR, message, "pytest")
        for one in document.get("warnings") or ():
            if one.get("filename"):
                span = self.report.span(one["filename"], one.get("lineno"))
                code = str(one.get("category") or "")
                self.report.add(span, Severity.WARNING, str(one["message"]), "pytest", code)
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
    """Events; a test is over after three of them."""

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

    def _test(self, one: dict[str, Any]) -> None:
        state = _STATES.get(one["outcome"], TestState.SKIPPED)
        if one.get("when") != "call":
            if state is TestState.PASSED:
                return
            if state is TestState.FAILED:
                state = TestState.ERRORED
        if one.get("wasxfail") is not None and state is TestState.SKIPPED:
            state = TestState.SKIPPED
        names, told = one["nodeid"].split("::"), one.get("longrepr")
        message, span = "", None
        if state in (TestState.FAILED, TestState.ERRORED):
            message = _text(told)
            crash = told.get("reprcrash") or {} if isinstance(told, dict) else {}
            message = str(crash.get("message") or message)
            span = self.place(names[0], crash, _trace(told))
            self.report.add(span or NOWHERE, Severity.ERROR, message or "failed", "pytest")
        elif isinstance(told, list) and len(told) == 3:
            message = str(told[2])
        self.report.add_test(
            names, state, "pytest", duration=one.get("duration"), message=message, span=span
        )


def _trace(told: Any) -> list[dict[str, Any]]:
    if not isinstance(told, dict):
        return []
    entries = (told.get("reprtraceback") or {}).get("reprentries") or []
    return [(one.get("data") or {}).get("reprfileloc") or {} for one in entries]


def _text(told: Any) -> str:
    if isinstance(told, dict):
        return str((told.get("reprcrash") or {}).get("message") or told.get("longrepr") or "failed")
    return str(told or "failed")
