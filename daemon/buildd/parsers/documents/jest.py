"""Reads `jest --json` and vitest's --reporter=json."""

from __future__ import annotations

import re
from typing import Any

from buildd.model import ColumnUnit, Severity, TestState
from buildd.parsers.documents.base import Reader
from buildd.parsers.tools.jest import is_other

_FRAME = re.compile(
    r"(?:at |❯ )(?:[^\n]*?[( ])?(?:file://)?(?P<file>/?[^\s():][^():\n]*\.[cm]?[jt]sx?):(?P<line>\d+):(?P<column>\d+)"
)
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
_STATES = {
    "passed": TestState.PASSED,
    "failed": TestState.FAILED,
    "pending": TestState.SKIPPED,
    "skipped": TestState.SKIPPED,
    "todo": TestState.SKIPPED,
    "disabled": TestState.SKIPPED,
}


class Jest(Reader):
    """Reads the report of one run, an object with all files. Columns count UTF-16 units."""

    def read(self, document: Any) -> bool:
        if not isinstance(document, dict) or "testResults" not in document:
            return False
        if "numTotalTests" not in document:
            return False
        for file in document["testResults"]:
            for test in file.get("assertionResults") or ():
                self._test(file["name"], test)
            if not file.get("assertionResults") and file.get("message"):
                message = _ESCAPE.sub("", file["message"])
                self.report.add(self.report.span(file["name"], 1), Severity.ERROR, message, "jest")
        return True

    def _test(self, file: str, test: dict[str, Any]) -> None:
        message = _ESCAPE.sub("", "\n".join(test.get("failureMessages") or ()))
        span = None
        if test["status"] == "failed":
            span = self.report.span(file, (test.get("location") or {}).get("line") or 1)
            for match in _FRAME.finditer(message):
                if not is_other(match["file"]):
                    span = self.report.span(
                        match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
                    )
                    break
            text = re.split(r"\n\s+at |\n ❯ ", message)[0]
            self.report.add(span, Severity.ERROR, text or "failed", "jest")
            message = text
        duration = test.get("duration")
        self.report.add_test(
            (file, *test.get("ancestorTitles", ()), test["title"]),
            _STATES.get(test["status"], TestState.SKIPPED),
            "jest",
            duration=duration / 1000 if duration is not None else None,
            message=message,
            span=span,
        )
