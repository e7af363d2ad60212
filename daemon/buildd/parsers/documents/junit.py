"""Reads JUnit XML in the dialects of many test tools, and of linters that write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from buildd.model import Severity, Span, TestState
from buildd.parsers.documents.base import Reader
from buildd.parsers.documents.junit_lint import JunitLint
from buildd.parsers.documents.traces import places, span_of

_STATES = (
    ("error", TestState.ERRORED),
    ("failure", TestState.FAILED),
    ("skipped", TestState.SKIPPED),
    ("ignored", TestState.SKIPPED),
)
_WORDS = {
    "notrun": TestState.SKIPPED,
    "disabled": TestState.SKIPPED,
    "skipped": TestState.SKIPPED,
    "suppressed": TestState.SKIPPED,
}
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE]-?\d+)?")
_HEAD = re.compile(r"[^\s:][^\n]{0,400}?(?::\d+|\(\d+\):?)\n")
_WITH_LINE = re.compile(r"(?P<file>.+\.\w+):(?P<line>\d+)$")


class Junit(Reader):
    """Reads the test cases of all suites.

    The place of a failure is the one that its text names in the test's file, or in any file if the
    test names none. Otherwise it is the place of the test itself.
    """

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag not in ("testsuites", "testsuite"):
            return False
        lint = JunitLint(self.report)
        for suite, case in _cases(document):
            if not lint.read(suite, case):
                self._case(suite, case)
        return True

    def _case(self, suite: Element, case: Element) -> None:
        name, group = case.get("name", ""), case.get("classname") or case.get("class") or ""
        title = suite.get("name", "") if suite.tag == "testsuite" else ""
        path = [part for part in (title, group if group != title else "", name) if part]
        state, elements = _state(case)
        message, text = "", ""
        span: Span | None = None
        for element in elements:
            text = element.text or ""
            message = message or element.get("message") or text.strip().partition("\n")[0]
            if state not in (TestState.FAILED, TestState.ERRORED):
                continue
            place = self._place(suite, case, f"{element.get('message') or ''}\n{text}")
            span = span or place
            if place:
                self.report.add(place, Severity.ERROR, _whole(element), "junit")
        if not message and state is TestState.SKIPPED:
            message = case.findtext("skipped") or ""
        time = case.get("time", "").replace(",", "")
        self.report.add_test(
            path or [title or "test"],
            state,
            "junit",
            duration=float(time) if _NUMBER.fullmatch(time) else None,
            message=message,
            span=span,
            output=(case.findtext("system-out") or case.findtext("system-err") or ""),
        )

    def _place(self, suite: Element, case: Element, text: str) -> Span | None:
        file, line = case.get("file") or suite.get("file") or suite.get("filepath") or "", ""
        line = case.get("line") or case.get("lineno") or ""
        if match := _WITH_LINE.match(file):
            # ExUnit gives the line within `file`.
            file, line = match["file"], line or match["line"]
        group = case.get("classname", "")
        found = list(places(text, group))
        name = re.split(r"[\\/]", file)[-1]
        for place in found:
            if not file or re.split(r"[\\/]", place.file)[-1] == name:
                # A bare file name means the test's own file.
                is_bare = file and "/" not in place.file and "\\" not in place.file
                return span_of(place._replace(file=file) if is_bare else place, self.report)
        if file:
            return self.report.span(file, line or 1)
        return None


def _cases(document: Element) -> Iterator[tuple[Element, Element]]:
    """Yields each test case with its suite."""
    inner = (suite for suite in document.iter("testsuite") if suite is not document)
    for suite in (document, *inner):
        for case in suite.findall("testcase"):
            yield suite, case


def _state(case: Element) -> tuple[TestState, list[Element]]:
    """Returns how the case ended, and the elements that say so."""
    for tag, state in _STATES:
        if found := case.findall(tag):
            others = case.findall("failure") if tag == "error" else []
            return state, [*found, *others]
    words = (case.get("status", "").lower(), case.get("result", "").lower())
    for word in words:
        if word in _WORDS:
            return _WORDS[word], []
    return TestState.PASSED, []


def _whole(element: Element) -> str:
    """Returns all that an element says."""
    message, text = element.get("message") or "", (element.text or "").strip()
    if match := _HEAD.match(message):
        # GoogleTest's message begins with the place, which was read already.
        return message[match.end() :].strip() or "failed"
    is_enough = not text or (message and message in text)
    whole = message if is_enough else f"{message}\n{text}"
    return whole.strip() or element.get("type") or "failed"
