"""Reads checkpatch.pl, which checks patches for Linux, QEMU, U-Boot and others."""

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
"""Messages about a patch as a whole, which have no place."""

_OWN = re.compile(
    r"(?:spaces? (?:required|prohibited|preferred) |trailing (?:whitespace|statements)|"
    r"line (?:length of|over) \d+ |code indent should use tabs|please, no space|"
    r"braces \{\} are |that open brace |open brace '\{' following |else should follow |"
    r"Missing a blank line after|Missing or malformed SPDX|do not initiali[sz]e |"
    r"suspect code indent|quoted string split across lines|unnecessary whitespace before|"
    r"Prefer (?:using )?['\w]|Macros with |Avoid CamelCase|\"foo \* bar\" should be |"
    r"added, moved or deleted file|'[^']*' may be misspelled - )"
)
"""Frequent messages of checkpatch that no compiler prints."""

_PATCH = (".patch", ".diff", ".mbox", ".eml")

_SEVERITIES = {
    "ERROR": Severity.ERROR,
    "WARNING": Severity.WARNING,
    "CHECK": Severity.INFORMATION,
}


class Checkpatch(Parser):
    """Reads a message, and on the next line its places in the patch and in the changed file.

    With --terse and --showfile the place comes before the message; with --emacs it is the one in
    the patch. Other tools print `a.c:1: ERROR: …`, too; a line is checkpatch's if it has a type,
    one of checkpatch's messages, or a changed line below it.
    """

    TOOLS = "checkpatch.pl"
    HINTS = ("WARNING:", "ERROR:", "CHECK:")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        self._is_added = False
        """Whether the diagnostic was added; the next line may still refine its place."""

    def begin(self, line: str) -> bool | None:
        head = self._head = _HEAD.match(line)
        self._is_added = True
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
            self._is_added = False
            return None
        return True

    def more(self, line: str) -> bool:
        head, self._head = self._head, None
        match = _PLACE.match(line)
        if not head or not (match or (head["file"] and line.startswith("+"))):
            return False
        place = match if match and match["file"] else head
        span = self.report.span(place["file"], place["line"])
        if not self._is_added:
            self._add(span, head)
        elif place is match and self.at is not None:
            self.report.amend(self.at, span=span)
        return True

    def _add(self, span: Span, head: re.Match[str]) -> None:
        severity = _SEVERITIES[head["kind"]]
        self.add(span, severity, head["message"], "checkpatch", head["code"] or "")
