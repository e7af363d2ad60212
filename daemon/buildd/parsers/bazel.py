"""bazel's own errors; what its compilers say follows them, and is read by theirs."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser

_LINE = re.compile(
    r"(?P<kind>ERROR|WARNING|DEBUG): (?P<file>(?:/|[A-Za-z]:)[^:\n]*):(?P<line>\d+):"
    r"(?P<column>\d+): (?P<message>.*)"
)
_ACTION = re.compile(
    r"(?:Compiling|Linking|Executing|Testing|Building|Action|GoCompile\w*|Javac|"
    r"Couldn't build file|Generating|Copying) .*(?:failed|exited)"
)
_KINDS = {"ERROR": Severity.ERROR, "WARNING": Severity.WARNING, "DEBUG": Severity.INFORMATION}


class Bazel(Parser):
    """A place in a BUILD file. That an action failed is said of a rule, and why below it."""

    TOOLS = "bazel"
    HINTS = ("\nERROR: ", "\nWARNING: ", "\nDEBUG: ")

    def begin(self, line: str) -> bool:
        match = _LINE.match(line)
        if not match:
            return False
        severity = _KINDS[match["kind"]]
        if _ACTION.match(match["message"]):
            severity = Severity.INFORMATION
        span = self.report.span(match["file"], match["line"], match["column"])
        self.add(span, severity, match["message"], "bazel")
        return True
