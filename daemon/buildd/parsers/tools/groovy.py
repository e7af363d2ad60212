"""Reads groovyc, and failed `assert` statements of Groovy programs."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.java_frames import is_own

_HEAD = re.compile(
    r"(?P<file>(?:file:)?(?:[A-Za-z]:)?[^\s:'][^:'\n]*\.(?:groovy|gvy|gy|gsh|gradle|java)): "
    r"(?P<line>\d+): (?P<message>\S.*)"
)
_AT = re.compile(r"(?P<message>.*?) ?@ line (?P<line>\d+), column (?P<column>\d+)\.$")
_ASSERT = re.compile(r"(?:Caught: )?Assertion failed: *$")
_FRAME = re.compile(
    r"\tat (?P<name>[\w$.]+)\((?P<file>[\w$-]+\.(?:groovy|java|gradle)):(?P<line>\d+)\)$"
)


class Groovy(Parser):
    """Reads messages of one or more lines, with the column at the end.

    Columns count UTF-16 units.
    """

    TOOLS = "groovyc, groovy"
    HINTS = (".groovy: ", ".gvy: ", ".gy: ", ".gsh: ", ".gradle: ", "Assertion failed:")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        self._message: list[str] = []
        self._is_asserting = False
        self._frames: list[re.Match[str]] = []
        self._has_frames = False

    def begin(self, line: str) -> bool | None:
        self._close()
        if _ASSERT.match(line):
            self._is_asserting, self._has_frames, self._message = True, False, []
            return None
        match = _HEAD.match(line)
        if not match:
            return False
        self._head, self._message = match, []
        return self._read_message(match["message"])

    def more(self, line: str) -> bool | None:
        if self._is_asserting:
            return self._asserted(line)
        if self._head and len(self._message) < 20 and line.strip():
            return self._read_message(line)
        if self._head:
            self._head = None
            return False
        # It is the source line, or the mark below it.
        return line.startswith("   ")

    def finish(self) -> None:
        self._close()

    def _read_message(self, text: str) -> bool:
        head = self._head
        match = _AT.match(text)
        if not match or head is None:
            self._message.append(text)
            return True
        self._head = None
        self._message.append(match["message"])
        span = self.report.span(
            head["file"].removeprefix("file:"),
            match["line"],
            match["column"],
            unit=ColumnUnit.UTF16,
        )
        message = "\n".join(self._message).strip()
        self.add(span, Severity.ERROR, message, "groovyc")
        return True

    def _asserted(self, line: str) -> bool | None:
        if line.startswith("\tat "):
            self._has_frames = True
        elif self._has_frames or _ASSERT.match(line):
            self._close()
            return False
        if match := _FRAME.match(line):
            self._frames.append(match)
        elif not self._has_frames:
            self._message.append(line)
        return True if self._has_frames else None

    def _close(self) -> None:
        is_asserting, self._is_asserting = self._is_asserting, False
        frames, self._frames = self._frames, []
        frame = next((found for found in frames if is_own(found["name"])), None)
        if is_asserting and frame:
            # The class of a script has the script's name.
            parts = frame["name"].split(".")[:-2]
            file = "/".join((*parts, frame["file"]))
            span = self.report.span(file, frame["line"])
            self.add(span, Severity.ERROR, "\n".join(self._message).strip("\n"), "groovy")
