"""Reads the stack traces that Go programs print for panics and data races."""

from __future__ import annotations

import re

from buildd.model import Span
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.go_packages import Packages

_PANIC = re.compile(r"(?:panic|fatal error): .+")
_GOROUTINE = re.compile(r"goroutine \d+ [^\n]*\[[^\]]*\]:$")
_FRAME = re.compile(
    r"(?:\t| {6})(?P<file>[^\s:][^:\n]*\.(?:go|s)):(?P<line>\d+)(?: \+0x[0-9a-f]+)?$"
)
_RACE = re.compile(r"(?P<kind>(?:Previous )?(?:[Aa]tomic )?(?:[Rr]ead|[Ww]rite)) at 0x\w+ by ")
_OTHER = re.compile(
    r"/pkg/mod/|/vendor/|@v\d|^/usr/(?:local/go|lib/go|share/go|lib64/go|lib/golang)|^_testmain\.go$|"
    r"/src/(?:runtime|testing|net|internal|reflect|sync|os|io|fmt|encoding|database|bufio|bytes|"
    r"strings|sort|time|crypto|html|text|log|errors|context|regexp|strconv|math)/|"
    r"^(?:runtime|testing|net/http|reflect|sync|internal/\w+)/\w+\.(?:go|s)$"
)
"""Files that do not belong to the project."""

_RECOVERED = " [recovered]"


class Trace:
    """Reads one stack trace from its first line on.

    `spans` are the places in the project's own code, innermost first.
    """

    def __init__(self, message: str, *, is_race: bool = False, is_recovered: bool = False) -> None:
        self.message = message
        self.is_race = is_race
        self.is_recovered = is_recovered
        """Whether the panic was caught: then only a test prints it, and a trace always follows."""
        self.spans: list[Span] = []
        self._lines = 0

    @classmethod
    def from_first_line(cls, line: str) -> Trace | None:
        """Returns the trace that the line begins, or None if it begins none."""
        if _PANIC.match(line):
            is_recovered = "[recovered]" in line[-40:]
            message = line.removesuffix(_RECOVERED) if is_recovered else line
            return cls(message, is_recovered=is_recovered)
        if line == "WARNING: DATA RACE":
            return cls("data race", is_race=True)
        return None

    def more(self, line: str, report: ParseResult, packages: Packages) -> bool:
        """Returns whether the next line belongs to the trace; `packages` learns from its frames."""
        self._lines += 1
        if self._lines > 200 or line.startswith(("FAIL", "ok  \t", "exit status", "=====", "--- ")):
            return False
        if not self.is_race:
            # The first goroutine is the one that panicked; the others do not matter.
            if self.spans and (not line.strip() or line.startswith("goroutine ")):
                return False
            if line.startswith("\tpanic: "):
                self.message = line.strip().removesuffix(_RECOVERED)
        elif line.startswith(("Goroutine ", "Mutex ", "Location is ")):
            return False
        elif _RACE.match(line):
            self.message += f"\n{line.rstrip(':')}"
        match = _FRAME.match(line)
        if not match:
            packages.function(line)
        elif not _OTHER.search(match["file"]):
            self.spans.append(report.span(match["file"], match["line"]))
            packages.frame(match["file"])
        return True


def is_goroutine(line: str) -> bool:
    """Returns whether the line announces a goroutine's frames."""
    return bool(_GOROUTINE.match(line))
