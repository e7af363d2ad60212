"""Reads test results of .NET: trx of VSTest, and the XML of xUnit 2 and 3 and of NUnit 2 and 3."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

from buildd.model import Severity, Span, TestState
from buildd.parsers.documents.base import Reader
from buildd.parsers.documents.traces import places, span_of
from buildd.parsers.report import NOWHERE, ParseResult

_OUTCOMES = {
    "passed": TestState.PASSED,
    "pass": TestState.PASSED,
    "success": TestState.PASSED,
    "passedbutrunaborted": TestState.PASSED,
    "warning": TestState.PASSED,
    "failed": TestState.FAILED,
    "fail": TestState.FAILED,
    "failure": TestState.FAILED,
    "error": TestState.ERRORED,
    "timeout": TestState.ERRORED,
    "aborted": TestState.ERRORED,
    "invalid": TestState.ERRORED,
    "notrunnable": TestState.ERRORED,
}
_TIME = re.compile(r"(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$")


class _Tests(Reader):
    """Adds the test results of the three formats to the report."""

    IS_XML = True

    def add(
        self,
        source: str,
        path: list[str],
        state: TestState,
        *,
        time: float | None,
        message: str,
        trace: str,
        output: str = "",
    ) -> None:
        """Adds a test result, and a diagnostic if the test failed. `time` is in seconds."""
        is_bad = state in (TestState.FAILED, TestState.ERRORED)
        span = _place(trace, self.report) if is_bad else None
        message = message.strip()
        if span:
            self.report.add(span, Severity.ERROR, message or "failed", source)
        self.report.add_test(
            path, state, source, duration=time, message=message, span=span, output=output
        )


class Trx(_Tests):
    """Reads a trx document, in which test definitions, not results, name the classes."""

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "TestRun":
            return False
        classes = {
            definition.get("id", ""): method.get("className", "").partition(",")[0]
            for definition in document.iter("UnitTest")
            if (method := definition.find("TestMethod")) is not None
        }
        for result in document.findall("Results/*"):
            self._result(result, classes)
        for info in document.iter("RunInfo"):
            if info.get("outcome") == "Error" and (text := (info.findtext("Text") or "").strip()):
                self.report.add(NOWHERE, Severity.ERROR, text, "vstest")
        return True

    def _result(self, result: Element, classes: dict[str, str]) -> None:
        name, group = result.get("testName", ""), classes.get(result.get("testId", ""), "")
        # Each data row of a test has a result of its own.
        inner = result.findall("InnerResults/*")
        if inner:
            for row in inner:
                self._result(row, classes)
            return
        outcome = result.get("outcome", "").lower()
        self.add(
            "vstest",
            [part for part in (group, name.removeprefix(f"{group}.")) if part] or ["test"],
            _OUTCOMES.get(outcome, TestState.SKIPPED),
            time=_seconds(result.get("duration", "")),
            message=result.findtext("Output/ErrorInfo/Message") or "",
            trace=result.findtext("Output/ErrorInfo/StackTrace") or "",
            output=result.findtext("Output/StdOut") or "",
        )


class Xunit(_Tests):
    """Reads the XML of xUnit version 2 and 3."""

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag not in ("assemblies", "assembly"):
            return False
        for test in document.iter("test"):
            name, group = test.get("name", "test"), test.get("type", "")
            self.add(
                "xunit",
                [part for part in (group, name.removeprefix(f"{group}.")) if part],
                _OUTCOMES.get(test.get("result", "").lower(), TestState.SKIPPED),
                time=_float(test.get("time")),
                message=test.findtext("failure/message") or test.findtext("reason") or "",
                trace=test.findtext("failure/stack-trace") or "",
                output=test.findtext("output") or "",
            )
        for error in document.iter("error"):
            message = (error.findtext("failure/message") or "").strip()
            span = _place(error.findtext("failure/stack-trace") or "", self.report)
            if message:
                self.report.add(span or NOWHERE, Severity.ERROR, message, "xunit")
        return True


class Nunit(_Tests):
    """Reads the XML of the NUnit console, version 2 and 3."""

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element):
            return False
        if document.tag not in ("test-run", "test-results"):
            return False
        if document.find(".//test-suite") is None:
            return False
        for test in document.iter("test-case"):
            self._case(test)
        return True

    def _case(self, test: Element) -> None:
        full = test.get("fullname") or test.get("name") or "test"
        group = test.get("classname", "")
        name = full.removeprefix(f"{group}.")
        if not group:
            group, _, name = full.partition("(")[0].rpartition(".")
            name = full.removeprefix(f"{group}.")
        outcome = test.get("result", "").lower()
        state = _OUTCOMES.get(outcome, TestState.SKIPPED)
        if state is TestState.FAILED and test.get("label") in ("Error", "Invalid"):
            state = TestState.ERRORED
        message = test.findtext("failure/message") or test.findtext("reason/message") or ""
        if not message.strip() and state is TestState.FAILED:
            message = test.get("label", "")
        self.add(
            "nunit",
            [part for part in (group, name) if part],
            state,
            time=_float(test.get("duration") or test.get("time")),
            message=message,
            trace=test.findtext("failure/stack-trace") or "",
            output=test.findtext("output") or "",
        )


def _place(trace: str, report: ParseResult) -> Span | None:
    """Returns the first place of the trace in the project's own code."""
    place = next(places(trace), None)
    return span_of(place, report) if place else None


def _seconds(text: str) -> float | None:
    """Returns the seconds of a duration such as `1.02:03:04.5`, or None."""
    match = _TIME.match(text)
    if not match:
        return None
    days, hours, minutes, seconds = match.groups()
    return ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + float(seconds)


def _float(text: str | None) -> float | None:
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError:
        return None
