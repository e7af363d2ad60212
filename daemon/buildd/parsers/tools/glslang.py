"""Reads glslang, the reference compiler for shaders."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE

_LINE = re.compile(
    r"(?P<kind>ERROR|WARNING): (?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*):(?P<line>\d+)"
    r"(?::(?P<column>\d+))?: (?P<message>'[^'\n]*' : .*)"
)


class Glslang(Parser):
    """Reads `ERROR: FILE:LINE: 'TOKEN' : …`, where FILE may be the number of a string."""

    TOOLS = "glslang"
    HINTS = ("\nERROR: ", "\nWARNING: ")

    def begin(self, line: str) -> bool:
        match = _LINE.match(line)
        if not match:
            return False
        span = self.report.span(match["file"], match["line"], match["column"])
        message = match["message"]
        if match["file"].isdecimal():
            span, message = NOWHERE, f"{match['line']}: {message}"
        # This line ends an error, and says nothing.
        if "' : compilation terminated" not in message:
            severity = Severity.ERROR if match["kind"] == "ERROR" else Severity.WARNING
            self.add(span, severity, message, "glslang")
        return True
