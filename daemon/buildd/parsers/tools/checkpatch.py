"""checkpatch.pl, by which Linux, QEMU, U-Boot and others check patches."""

from __future__ import annotations

import re

from buildd.model import Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

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

_OWN = re.compile(
    r"(?:spaces? (?:required|prohibited|preferred) |trailing (?:whitespace|statements)|"
    r"line (?:length of|over) \d+ |code indent should use tabs|please, no space|"
    r"braces \{\} are |that open brace |open brace '\{' following |else should follow |"
    r"Missing a blank line after|Missing or malformed SPDX|do not initiali[sz]e |"
    r"suspect code indent|quoted string split across lines|unnecessary whitespace before|"
    r"Prefer (?:using )?['\w]|Macros with |Avoid CamelCase|\"foo \* bar\" should be |"
    r"added, moved or deleted file|'[^']*' may be misspelled - )"
)
"""Some of what it says most often, and no compiler."""

_PATCH = (".patch", ".diff", ".mbox", ".eml")

_SEVERITIES = {
    "ERROR": Severity.ERROR,
    "WARNING": Severity.WARNING,
    "CHECK": Severity.INFORMATION,
}


class Checkpatch(Parser):
    """What is amiss, and in the next line where: in the patch, and in the file that it changes.
    With --terse and --showfile a place stands before it, with --emacs that in the patch. Others
    too say `a.c:1: ERROR: …`: what is checkpatch's has a type, its words or a changed line below.
    """

    TOOLS = "checkpatch.pl"
    HINTS = ("WARNING:", "ERROR:", "CHECK:")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        self._is_told = False
        """The head was enough; what follows may say more of the place."""

    def begin(self, line: str) -> bool | None:
        head = self._head = _HEAD.match(line)
        self._is_told = True
        if not head:
            return False
        message = head["message"]
        if head["file"] and (
            head["code"]
            or head["file"].endswith(_PATCH)
            or _OWN.match(message)
            or _OF_ALL.match(message)
        ):
            self._add(self.report.span(head["file"], head["line"]), head)
        elif _OF_ALL.match(message):
            self._add(NOWHERE, head)
        else:
            self._is_told = False
            return None
        return True

    def more(self, line: str) -> bool:
        head, self._head = self._head, None
        match = _PLACE.match(line)
        if not head or not (match or (head["file"] and line.startswith("+"))):
            return False
        place = match if match and match["file"] else head
        span = self.report.span(place["file"], place["line"])
        if not self._is_told:
            self._add(span, head)
        elif place is match and self.at is not None:
            self.report.amend(self.at, span=span)
        return True

    def _add(self, span: Span, head: re.Match[str]) -> None:
        severity = _SEVERITIES[head["kind"]]
        self.add(span, severity, head["message"], "checkpatch", head["code"] or "")
