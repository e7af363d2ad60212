"""Reads make's own errors, but not that a command failed: its output says why."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE

_MAKEFILE = re.compile(
    r"(?P<file>[^\s:][^:\s]*):(?P<line>\d+): \*\*\* (?P<message>(?!\[).*?)(?:\.  Stop\.)?$"
)
_NO_RULE = re.compile(
    r"\S*make(?:\[\d+\])?: \*\*\* (?P<message>No rule to make target .*?)\.(?:  Stop\.)?$"
)
# nmake, jom
_DEPENDENT = re.compile(
    r"(?:Error: (?P<message>dependent '[^']+' does not exist\.)"
    r"|NMAKE : fatal error (?P<code>U1073): (?P<text>.*))$"
)
_OWN = re.compile(r"\S*make(?:\[\d+\])?: warning: +(?P<message>.*)")
_WARNING = re.compile(
    r"(?P<file>[^\s:][^:\s]*):(?P<line>\d+): warning: "
    r"(?P<message>(?:overriding|ignoring old) (?:recipe|commands) for target .*)"
)


class Make(Parser):
    """Reads errors in makefiles, and missing targets."""

    TOOLS = "GNU make, nmake, jom"
    HINTS = (
        "*** ",
        " for target ",
        "make: warning: ",
        "]: warning: ",
        "\nError: dependent ",
        "U1073",
    )

    def begin(self, line: str) -> bool:
        if match := _NO_RULE.match(line):
            self.add(NOWHERE, Severity.ERROR, match["message"], "make")
        elif match := _MAKEFILE.match(line):
            span = self.report.span(match["file"], match["line"])
            self.add(span, Severity.ERROR, match["message"], "make")
        elif match := _WARNING.match(line):
            span = self.report.span(match["file"], match["line"])
            self.add(span, Severity.WARNING, match["message"], "make")
        elif match := _OWN.match(line):
            self.add(NOWHERE, Severity.WARNING, match["message"], "make")
        elif match := _DEPENDENT.match(line):
            message = match["message"] or match["text"]
            self.add(NOWHERE, Severity.ERROR, message, "nmake", match["code"] or "")
        else:
            # A failed target is no diagnostic.
            return ": *** [" in line
        return True
