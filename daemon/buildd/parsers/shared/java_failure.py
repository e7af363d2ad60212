"""Reads what a failed JVM test prints: its message, and the stack trace below."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.java_frames import is_own, path_of

_FRAME = re.compile(
    r"\s*(?:at )?(?:[\w.@-]*/){0,2}(?P<name>[\w.$<>'| -]*\.[\w$<>'| -]+)"
    r"\((?P<file>[\w$-]+\.(?:java|kt|kts|scala|groovy)):(?P<line>\d+)\)\s*$"
)
_ANY_FRAME = re.compile(
    r"\s*(?:at )?(?:[\w.@$-]*/){0,2}[\w$.<>]+\((?:Native Method|Unknown Source|"
    r"[\w$-]+\.\w+(?::\d+)?)\)\s*$|\s*(?:\[\.\.\.\]|\.\.\. \d+ (?:more|.*omitted.*))\s*$"
)
_SHORT = re.compile(
    r"\s*(?P<message>\S.*?) at (?P<file>[\w$-]+\.(?:java|kt|kts|scala|groovy)):(?P<line>\d+)$"
)
_CAUSE = re.compile(r"\s*Caused by: (?P<message>.*)")
_LIMIT = 400


class JavaFailure:
    """Reads the lines below the name of a failed test.

    `test` is the test's class and `base` the directory of its module, as far as they are known.
    """

    def __init__(self, report: ParseResult, test: str = "", base: str = "") -> None:
        self._report = report
        self._test, self._base = test, base
        self._lines: list[str] = []
        self._frames: list[Span] = []
        self._has_frames = self._is_cause = False
        self._count = 0

    def feed(self, line: str) -> bool:
        """Returns whether the line may belong to the failure."""
        self._count += 1
        if self._count > _LIMIT:
            return False
        if match := _FRAME.match(line):
            self._has_frames = True
            if is_own(match["name"]) and not self._is_cause and len(self._frames) < 20:
                self._frames.append(self._place(match["name"], match["file"], match["line"]))
        elif _ANY_FRAME.match(line):
            self._has_frames = True
        elif match := _CAUSE.match(line):
            self._is_cause = bool(self._frames)
            self._lines.append(line.strip())
        elif not self._has_frames and (match := _SHORT.match(line)):
            self._lines.append(match["message"])
            self._frames.append(self._place(f"{self._test}.test", match["file"], match["line"]))
        elif not self._has_frames and len(self._lines) < 40:
            self._lines.append(line.rstrip())
        return True

    @property
    def message(self) -> str:
        """Returns all that was printed above the first frame."""
        return _dedented(self._lines)

    @property
    def span(self) -> Span:
        """Returns the first frame in the project's own code, or NOWHERE."""
        return self._frames[0] if self._frames else NOWHERE

    def add_to(self, parser: Parser, path: tuple[str, ...], source: str) -> None:
        """Adds the diagnostic and the result of the test."""
        message = self.message or "The test failed."
        parser.add(self.span, Severity.ERROR, message, source)
        for frame in self._frames[1:]:
            parser.note(frame, "called from here")
        if path and all(path):
            place = self.span if self._frames else None
            self._report.add_test(path, TestState.FAILED, source, message=message, span=place)

    def _place(self, name: str, file: str, line: str) -> Span:
        path = path_of(name, file, self._test or name.rpartition(".")[0])
        return self._report.span(f"{self._base}/{path}" if self._base else path, line)


def _dedented(lines: list[str]) -> str:
    """Returns the lines without the indentation that they share."""
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    indent = min(indents, default=0)
    return "\n".join(line[indent:] for line in lines).strip()
