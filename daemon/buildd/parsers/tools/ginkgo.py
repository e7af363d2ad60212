"""Reads Ginkgo, a test framework for Go: failures between rules, and the summary."""

from __future__ import annotations

import re
import textwrap

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_HEAD = re.compile(
    r"•!? (?:\[(?:FAILED|PANICKED|TIMEDOUT|ABORTED|INTERRUPTED)\]|"
    r"(?:Failure|Panic)(?: in [^\[\n]*)?) \[[\d.]+ seconds\]$"
)
_RULE = re.compile(r"-{10,}$")
_PLACE = re.compile(
    r"\s*(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*\.go):(?P<line>\d+)(?: \+0x[\da-f]+)?$"
)
_IN = re.compile(
    r"\s*(?:In \[\w+\] at:|\[PANICKED\] in \[\w+\] -) "
    r"(?P<file>(?:[A-Za-z]:)?[^:\n]+):(?P<line>\d+)\b"
)
_WORD = re.compile(r"\[(?:FAILED|PANICKED|TIMEDOUT|ABORTED)\] ")
_NODE = re.compile(r" ?\[(?:It|BeforeEach|AfterEach|JustBeforeEach|DeferCleanup)\] ?")
_SUMMED = re.compile(r"\s*\[(?:FAIL|Fail|PANICKED!|Panic!|TIMEDOUT)\] (?P<title>\S.*)$")
_MOST = 500
"""The most lines of one failure; up to 40 of them are its message."""


class Ginkgo(Parser):
    """Reads the titles with their places, then, indented, the message and the failure's place."""

    TOOLS = "Ginkgo"
    LEVEL = ("text", "tests")
    HINTS = (
        "• [",
        "• Failure",
        "• Panic",
        "•! Panic",
        "[FAIL] ",
        "[Fail] ",
        "[PANICKED!] ",
        "[Panic!] ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._state = ""
        """What the next lines are: `titles`, `message` or `stack` of a failure, or a `summary`."""
        self._lines = 0
        self._titles: list[str] = []
        self._message: list[str] = []
        self._place: tuple[str, str] | None = None
        self._is_sure = False
        """Whether the place was printed with words that say so."""
        self._known: set[tuple[str, str]] = set()

    def begin(self, line: str) -> bool | None:
        self._end()
        if _HEAD.match(line):
            self._state = "titles"
            return True
        if match := _SUMMED.match(line):
            self._state, self._titles = "summary", [match["title"]]
            return None
        return False

    def more(self, line: str) -> bool:
        self._lines += 1
        if self._state == "summary":
            self._state = ""
            match = _PLACE.match(line)
            if match:
                self._place = match["file"], match["line"]
                self._add_failure(is_repeated=True)
            return match is not None
        if not self._state or _RULE.match(line) or self._lines > _MOST:
            self._end()
            return False
        if match := _IN.match(line):
            self._found(match)
        elif match := _PLACE.match(line):
            if self._state != "titles" and not self._is_sure:
                self._found(match)
        elif line.endswith("Full Stack Trace"):
            self._state = "stack"
        elif not line.strip():
            self._state = "message"
        elif self._state == "titles":
            self._titles.append(line.strip())
        elif self._state == "message" and not self._is_sure and len(self._message) < 40:
            self._message.append(_WORD.sub("", line.rstrip(), count=1))
        return True

    def finish(self) -> None:
        self._end()

    def _found(self, match: re.Match[str]) -> None:
        """Keeps a place as that of the failure.

        A place that Ginkgo names in words counts, otherwise the last one; after a panic, it is the
        first one outside of Go's own code.
        """
        self._place = match["file"], match["line"]
        self._known.add(self._place)
        is_own = "/runtime/" not in match["file"]
        self._is_sure = is_own and (match.re is _IN or self._state == "stack")

    def _end(self) -> None:
        state, self._state = self._state, ""
        if state in ("message", "stack") and self._place:
            self._add_failure(is_repeated=False)
        self._lines, self._titles, self._message = 0, [], []
        self._place, self._is_sure = None, False

    def _add_failure(self, *, is_repeated: bool) -> None:
        assert self._place  # noqa: S101 (callers have looked)
        if is_repeated and self._place in self._known:
            return
        title = " ".join(_NODE.sub(" ", part).strip() for part in self._titles)
        message = textwrap.dedent("\n".join(self._message)).strip() or f"{title} failed"
        span = self.report.span(*self._place)
        self.add(span, Severity.ERROR, message, "ginkgo")
        self.report.add_test((title,), TestState.FAILED, "ginkgo", message=message, span=span)
