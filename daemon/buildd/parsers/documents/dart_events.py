"""Reads the events of `dart test --reporter json` and `flutter test --machine`."""

from __future__ import annotations

import re
from typing import Any

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.documents.base import Reader, has
from buildd.parsers.documents.uri import path_of
from buildd.parsers.report import TEXT_LIMIT, ParseResult

_FRAME = re.compile(r"^(?P<file>[^\s:]+\.dart) (?P<line>\d+):(?P<column>\d+)\s", re.MULTILINE)
_TYPES = frozenset(
    {
        "allSuites",
        "debug",
        "done",
        "enableTest",
        "error",
        "group",
        "print",
        "start",
        "suite",
        "testDone",
        "testStart",
    }
)
_RESULTS = {
    "success": TestState.PASSED,
    "failure": TestState.FAILED,
    "error": TestState.ERRORED,
}


class DartEvents(Reader):
    """Reads the events of one run, which refer to suites, groups and tests by number."""

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._suites: dict[int, str] = {}
        self._groups: dict[int, str] = {}
        self._tests: dict[int, dict[str, Any]] = {}
        self._outputs: dict[int, str] = {}
        self._failures: dict[int, tuple[str, Span]] = {}
        self._started: dict[int, int] = {}

    def read(self, document: Any) -> bool:
        if not has(document, "type", "time") or document["type"] not in _TYPES:
            # Flutter writes events of its own between those of the tests.
            return has(document, "event", "params") and isinstance(document["params"], dict)
        kind = document["type"]
        if kind == "suite":
            self._suites[document["suite"]["id"]] = document["suite"].get("path") or ""
        elif kind == "group":
            self._groups[document["group"]["id"]] = document["group"].get("name") or ""
        elif kind == "testStart":
            number = document["test"]["id"]
            self._tests[number] = document["test"]
            self._started[number] = document["time"]
        elif kind == "print":
            number = document["testID"]
            text = f"{self._outputs.get(number, '')}{document['message']}\n"
            self._outputs[number] = text[-TEXT_LIMIT:]
        elif kind == "error":
            self._error(document)
        elif kind == "testDone":
            self._done(document)
        return True

    def _error(self, event: dict[str, Any]) -> None:
        test = self._tests.get(event["testID"], {})
        file = self._file(test)
        span = self.report.span(file, test.get("root_line") or test.get("line"))
        stack = str(event.get("stackTrace") or "")
        if test.get("name", "").startswith("loading "):
            # The message itself names the place of a compile error.
            stack = ""
        for match in _FRAME.finditer(stack):
            if not match["file"].startswith(("package:", "dart:")):
                span = self.report.span(
                    match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
                )
                break
        message = str(event["error"]).strip()
        self._failures.setdefault(event["testID"], (message, span))
        self.report.add(span, Severity.ERROR, message, "dart")

    def _done(self, event: dict[str, Any]) -> None:
        number = event["testID"]
        test = self._tests.pop(number, None)
        message, span = self._failures.pop(number, ("", None))
        output = self._outputs.pop(number, "")
        if not test or (event.get("hidden") and event["result"] == "success"):
            return
        state = _RESULTS.get(event["result"], TestState.ERRORED)
        if event.get("skipped"):
            state = TestState.SKIPPED
        names, name, before = [], test["name"], ""
        for group in test.get("groupIDs") or ():
            whole = self._groups.get(group, "")
            if whole:
                names.append(whole.removeprefix(before).strip())
                before = whole
        names.append(name.removeprefix(before).strip() or name)
        started = self._started.pop(number, event["time"])
        self.report.add_test(
            [self._suites.get(test.get("suiteID", -1), ""), *names],
            state,
            "dart",
            duration=(event["time"] - started) / 1000,
            message=message,
            span=span,
            output=output,
        )

    def _file(self, test: dict[str, Any]) -> str:
        url = test.get("root_url") or test.get("url") or ""
        if url.startswith("file:"):
            return path_of(url)
        return self._suites.get(test.get("suiteID", -1), "")
