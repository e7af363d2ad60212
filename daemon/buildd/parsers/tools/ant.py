"""Reads why an Ant build failed.

The lines of its tasks go to other parsers, because their prefix is removed before.
"""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_PLACED = re.compile(
    r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*\.(?:xml|ant)):(?P<line>\d+): (?P<message>\S.*)"
)
_TOLD = re.compile(
    r"Compile failed; see the compiler|Test \S+ failed|Tests? failed|"
    r"There (?:was|were) (?:a )?(?:failure|error)|Compilation failed; see"
)
_NESTED = "The following error occurred while executing this line:"


class Ant(Parser):
    """Reads the place in the build file, and the places in the files that called it."""

    TOOLS = "Ant"
    HINTS = ("\nBUILD FAILED", ".xml:")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._state = ""
        self._callers: list[re.Match[str]] = []

    def begin(self, line: str) -> bool | None:
        self._state, self._callers = "", []
        if line == "BUILD FAILED":
            self._state = "failed"
            return None
        match = _PLACED.match(line)
        if match and match["message"].startswith("warning: 'includeantruntime'"):
            span = self.report.span(match["file"], match["line"])
            message = match["message"].removeprefix("warning: ")
            self.add(span, Severity.WARNING, message, "ant")
            return True
        return False

    def more(self, line: str) -> bool:
        if self._state == "failed":
            return self._failed(line)
        if self._state != "told" or not line.strip() or line.startswith("Total time: "):
            return False
        if not line.startswith("\tat "):
            self.lengthen(line)
        return True

    def _failed(self, line: str) -> bool:
        if not line.strip() or line.startswith("Total time: "):
            return False
        match = _PLACED.match(line)
        if match and match["message"].startswith(_NESTED):
            self._callers.append(match)
            return True
        self._state = "told"
        if match and _TOLD.match(match["message"]):
            self._state = ""
            return True
        if not match and not line.startswith(("Target ", "Cannot ", "java.", "org.", "Basedir ")):
            self._state = ""
            return False
        span = self.report.span(match["file"], match["line"]) if match else NOWHERE
        self.add(span, Severity.ERROR, match["message"] if match else line, "ant")
        for caller in self._callers:
            self.note(self.report.span(caller["file"], caller["line"]), "called from here")
        return True
