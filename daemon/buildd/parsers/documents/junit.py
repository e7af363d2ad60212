"""JUnit XML, in the dialects of pytest, surefire, jest-junit, gotestsum and ctest."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

from buildd.model import Severity, Span, TestState
from buildd.parsers.documents.base import Reader

_PLACE = re.compile(
    r"(?P<file>(?:/|\./|[A-Za-z]:\\)?[^\s:()\"'<>]+\.[A-Za-z]\w{0,4})(?::|\()(?P<line>\d+)"
)
_LINTER = re.compile(r"org\.(?P<tool>\w+)\.(?P<code>\S+)$")
_LINE = re.compile(r"line (?P<line>\d+), col (?P<column>\d+)(?:, (?P<kind>Error|Warning))?")
_STATES = (
    ("failure", TestState.FAILED),
    ("error", TestState.ERRORED),
    ("skipped", TestState.SKIPPED),
)
_OTHERS = ("site-packages", "node_modules", "/usr/", "node:")


class Junit(Reader):
    """A failure stands where the case says that it is, else where its text first names a place."""

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag not in ("testsuites", "testsuite"):
            return False
        suites = [document] if document.tag == "testsuite" else document.iter("testsuite")
        for suite in suites:
            for case in suite.findall("testcase"):
                self._case(case, suite.get("name", ""))
        return True

    def _case(self, case: Element, suite: str) -> None:
        name, group = case.get("name", ""), case.get("classname", "")
        if match := _LINTER.match(name):
            self._linted(case, suite, match["tool"], match["code"])
            return
        path = [one for one in (suite, group if group != suite else "", name) if one]
        state, message, text = TestState.PASSED, "", ""
        for tag, found in _STATES:
            if (element := case.find(tag)) is not None:
                state = found
                text = element.text or ""
                message = element.get("message") or text.strip().partition("\n")[0]
                break
        span = None
        if state in (TestState.FAILED, TestState.ERRORED):
            span = self._place(case, text or message)
            if span:
                whole = message if message in text or not text else f"{message}\n{text}"
                self.report.add(span, Severity.ERROR, whole.strip() or "failed", "junit")
        time = case.get("time", "").replace(",", "")
        self.report.add_test(
            path,
            state,
            "junit",
            duration=float(time) if re.fullmatch(r"\d+(?:\.\d+)?", time) else None,
            message=message,
            span=span,
            output=(case.findtext("system-out") or ""),
        )

    def _linted(self, case: Element, file: str, tool: str, code: str) -> None:
        """What linters print in this form are no tests; the suite is the file."""
        for element in (*case.iter("failure"), *case.iter("error")):
            text = element.text or ""
            told = _LINE.search(text)
            line = case.get("line") or (told["line"] if told else "1")
            column = case.get("column") or (told["column"] if told else None)
            is_warning = bool(told and told["kind"] == "Warning")
            self.report.add(
                self.report.span(file, line, column),
                Severity.WARNING if is_warning else Severity.ERROR,
                element.get("message") or text,
                tool,
                code,
            )

    def _place(self, case: Element, text: str) -> Span | None:
        if file := case.get("file"):
            line = case.get("line") or "1"
            for match in _PLACE.finditer(text):
                if match["file"].endswith(file.rpartition("/")[2]):
                    line = match["line"]
            return self.report.span(file, line)
        for match in _PLACE.finditer(text):
            if not any(other in match["file"] for other in _OTHERS):
                return self.report.span(match["file"], match["line"])
        return None
