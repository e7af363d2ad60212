"""Reads the results of `dart test` and `flutter test`, and uncaught exceptions."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_PROGRESS = re.compile(
    r"(?P<minutes>\d\d+):(?P<seconds>\d\d) \+(?P<passed>\d+)(?: ~(?P<skipped>\d+))?"
    r"(?: -(?P<failed>\d+))?: (?P<name>\S.*)$"
)
_FILE = re.compile(r"(?P<file>\S+_test\.dart): (?P<name>.*)$")
_FRAME = re.compile(
    r"  (?P<file>[^\s:][^:\n]*?\.dart) (?P<line>\d+)(?::(?P<column>\d+))? {2,}\S.*$"
)
_OTHER_FRAME = re.compile(r"  (?:package:|dart:)\S+(?: \d+(?::\d+)?)? {2,}\S.*$")
_VM_FRAME = re.compile(r"#\d+ +.* \((?P<file>[^()\n]+\.dart):(?P<line>\d+)(?::(?P<column>\d+))?\)$")
_OTHERS = ("package:", "dart:", "org-dartlang")
_NO_TEST = (
    *("loading ", "All tests passed", "Some tests failed", "All tests skipped"),
    *("(setUp", "(tear"),
)
_END = re.compile(r"(?:To run this test again|Consider enabling the flag|═{20,})")


class DartTest(Parser):
    """Reads one line per step; below one that ends with `[E]` are the error and its frames.

    Columns count UTF-16 units.
    """

    TOOLS = "dart test, flutter test, Dart: exceptions"
    LEVEL = ("text", "tests")
    HINTS = (
        *(f"\n{minute:02}:" for minute in range(60)),
        "\nUnhandled exception:",
        "══╡ EXCEPTION CAUGHT BY",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._running = ""
        self._counts = "0", "0", "0"
        self._failed = ""
        self._message: list[str] = []
        self._frames: list[Span] = []
        self._state = ""
        """What is being read: `test`, `exception` or `box`."""
        self._boxes: list[tuple[Span, str]] = []
        """Errors that flutter prints in a box before it names the test that failed."""

    def begin(self, line: str) -> bool | None:
        self._close()
        if match := _PROGRESS.match(line):
            self._step(match)
            return True
        if line == "Unhandled exception:":
            # .NET prints this line, too.
            self._state, self._message, self._frames = "exception", [], []
            return None
        if line.startswith("══╡ EXCEPTION CAUGHT BY"):
            self._state, self._message, self._frames = "box", [], []
            return True
        return False

    def more(self, line: str) -> bool | None:
        if not self._state:
            return False
        if _PROGRESS.match(line) or _END.match(line):
            self._close()
            return line.startswith("═")
        frame = _FRAME.match(line) or _VM_FRAME.match(line)
        if frame:
            self._frame(frame)
            return True
        if _OTHER_FRAME.match(line):
            self._frames.append(NOWHERE)
            return True
        if self._state == "exception":
            if self._message and (self._frames or not line.strip()):
                self._close()
                return False
            self._message.append(line)
            return True if self._frames else None
        if self._state == "test" and line and not line.startswith("  "):
            self._close()
            return False
        if not self._frames and len(self._message) < 60:
            self._message.append(line.removeprefix("  "))
        return True

    def finish(self) -> None:
        self._close()

    # --- tests

    def _step(self, match: re.Match[str]) -> None:
        name = match["name"]
        counts = match["passed"], match["skipped"] or "0", match["failed"] or "0"
        before, self._counts = self._counts, counts
        if name.endswith(" [E]"):
            self._failed = name.removesuffix(" [E]")
            self._running = ""
            self._state, self._message, self._frames = "test", [], []
            return
        if self._running and counts != before:
            state = TestState.PASSED if counts[0] != before[0] else TestState.SKIPPED
            if counts[2] == before[2]:
                self.report.add_test(_path(self._running), state, "dart")
        self._running = "" if name.startswith(_NO_TEST) else name

    def _frame(self, match: re.Match[str]) -> None:
        file = match["file"]
        if file.startswith(_OTHERS) or "/.pub-cache/" in file:
            self._frames.append(NOWHERE)
        else:
            self._frames.append(
                self.report.span(file, match["line"], match["column"], unit=ColumnUnit.UTF16)
            )

    def _close(self) -> None:
        state, self._state = self._state, ""
        frames = [frame for frame in self._frames if frame.file]
        text = "\n".join(self._message).strip()
        if state == "box":
            if frames or text:
                self._boxes.append((frames[0] if frames else NOWHERE, _boxed(text)))
        elif state == "exception":
            if self._frames:
                self._add(frames, text)
        elif state == "test":
            if self._boxes and text.startswith("Test failed. See exception logs above"):
                place, text = self._boxes.pop(0)
                frames = [place] if place.file else []
            span = self._add(frames, text or "failed")
            self.report.add_test(
                _path(self._failed), TestState.FAILED, "dart", message=text, span=span
            )
        self._message, self._frames = [], []

    def _add(self, frames: list[Span], text: str) -> Span | None:
        self.add(frames[0] if frames else NOWHERE, Severity.ERROR, text, "dart")
        for frame in frames[1:20]:
            self.note(frame, "called from here")
        return frames[0] if frames else None


def _path(name: str) -> tuple[str, ...]:
    match = _FILE.match(name)
    return (match["file"], match["name"]) if match and match["name"] else (name,)


def _boxed(text: str) -> str:
    """Returns the text of a box, without the lines that say how it was caught."""
    lines = text.partition("\n\nWhen the exception was thrown")[0].split("\n")
    first = lines[0].startswith("The following ") and lines[0].endswith(":")
    return "\n".join(lines[1:] if first else lines).strip()
