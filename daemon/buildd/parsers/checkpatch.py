"""checkpatch.pl, by which Linux, QEMU, U-Boot and others check patches."""

from __future__ import annotations

import re

from buildd.model import Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, Report

_HEAD = re.compile(
    r"(?:(?P<file>[^\s:][^:\n]*(?:\.(?:[chsS]|cc|cpp|hpp|rs|dtsi?|lds|patch|diff|mbox|eml)|"
    r"Kconfig|Makefile)):(?P<line>\d+): )?"
    r"(?P<kind>ERROR|WARNING|CHECK):(?:(?P<code>[A-Z][A-Z0-9_]+):)? (?P<message>\S.*)$"
)
_PLACE = re.compile(r"#(?P<row>\d+): (?:FILE: (?P<file>[^:\n]+):(?P<line>\d+):)?$")
_OF_ALL = re.compile(
    r"Missing commit description|Missing Signed-off-by|From:/|"
    r"Does not appear to be a unified-diff format patch"
)
"""What is about a patch as a whole, and has no place."""

_SEVERITIES = {
    "ERROR": Severity.ERROR,
    "WARNING": Severity.WARNING,
    "CHECK": Severity.INFORMATION,
}


class Checkpatch(Parser):
    """What is amiss, and in the next line where: in the patch, and in the file that it changes.
    With --terse and --showfile a place stands before it, with --emacs that in the patch."""

    TOOLS = "checkpatch.pl"
    HINTS = ("WARNING:", "ERROR:", "CHECK:")

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None

    def begin(self, line: str) -> bool | None:
        head = self._head = _HEAD.match(line)
        if not head:
            return False
        if head["file"]:
            self._add(self.report.span(head["file"], head["line"]), head)
        elif _OF_ALL.match(head["message"]):
            self._add(NOWHERE, head)
        else:
            return None
        return True

    def more(self, line: str) -> bool:
        match, head = _PLACE.match(line), self._head
        self._head = None
        if not match or not head:
            return False
        span = self.report.span(match["file"], match["line"])
        if not head["file"]:
            self._add(span, head)
        elif match["file"] and self.at is not None:
            self.report.amend(self.at, span=span)
        return True

    def _add(self, span: Span, head: re.Match[str]) -> None:
        severity = _SEVERITIES[head["kind"]]
        self.add(span, severity, head["message"], "checkpatch", head["code"] or "")
