"""Reads the errors of YAML parsers, as PyYAML and similar libraries print them."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_PROBLEM = re.compile(
    r"(?:[\w.]*(?:Error|Exception): )?(?P<message>(?:mapping values are not allowed|expected |"
    r"could not (?:find|determine) |did not find |found |block sequence entries |"
    r"sequence entries are not allowed |unacceptable character |special characters are not )"
    r"[^\n]*)$"
)
_CONTEXT = re.compile(r"(?:[\w.]*(?:Error|Exception): )?(?P<message>while \w+ing an? [^\n]*)$")
_PLACE = re.compile(r"\s+in \"(?P<file>[^\"\n<]+)\", line (?P<line>\d+), column (?P<column>\d+):?$")


class YamlError(Parser):
    """Reads the context with its place, then the problem with its place.

    Columns count code points.
    """

    TOOLS = "PyYAML, ruamel.yaml, and the programs that read YAML with them"
    HINTS = (
        "mapping values are not ",
        "expected ",
        "could not find ",
        "could not determine a constructor ",
        "did not find ",
        "found ",
        "sequence entries ",
        "while parsing a",
        "while scanning a",
        "while constructing a",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._message = ""
        """The message that the next line's place belongs to."""
        self._is_context = False
        self._about: tuple[Span, str] | None = None

    def begin(self, line: str) -> bool | None:
        self._about = None
        return None if self._read_message(line) else False

    def more(self, line: str) -> bool:
        if not self._message:
            # This line follows the place of the context.
            return self._about is not None and self._read_message(line)
        message, self._message = self._message, ""
        match = _PLACE.match(line)
        if not match:
            return False
        span = self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT
        )
        if self._is_context:
            self._about = span, message
            return True
        self.add(span, Severity.ERROR, message, "yaml")
        if self._about and self._about[0] not in (NOWHERE, span):
            self.note(*self._about)
        self._about = None
        return True

    def _read_message(self, line: str) -> bool:
        match = _PROBLEM.match(line) or _CONTEXT.match(line)
        self._message = match["message"] if match else ""
        self._is_context = self._message.startswith("while ")
        return match is not None
