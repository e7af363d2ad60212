"""Reads the results of Minitest, a test framework for Ruby, also from Rails and other reporters."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.tools.ruby import is_other

_KIND = re.compile(r"(?: +\d+\) )?(?P<kind>Failure|Error|Skipped):$")
_AT = r"(?: \[(?P<file>[^\]\n]+):(?P<line>\d+)\])?"
_NAME = re.compile(rf"(?P<class>\S[^#\n]*)#(?P<name>\S.*?){_AT}:$")
_OLD_NAME = re.compile(rf"(?P<name>\S.*)\((?P<class>[A-Z][\w:]*)\){_AT}:?$")
_REPORTER = re.compile(
    r" ?(?P<kind>FAIL|ERROR|SKIP) +(?P<class>[A-Z][\w:]*)#(?P<name>\S+) \((?P<seconds>[\d.]+)s\)$"
)
_FRAME = re.compile(
    r" {4,}\[?(?P<file>[^\s:\[][^:\n]*):(?P<line>\d+)(?::in [`'].*?')?(?P<end>\]:)?$"
)
_VERBOSE = re.compile(
    r"(?P<class>\S[^#\n]*)#(?P<name>\S.*) = (?P<seconds>\d+\.\d+) s = (?P<state>[.FES])$"
)
_SUMMARY = re.compile(r"\d+ (?:runs|tests), ")
_STATES = {
    ".": TestState.PASSED,
    "F": TestState.FAILED,
    "E": TestState.ERRORED,
    "S": TestState.SKIPPED,
    "Failure": TestState.FAILED,
    "FAIL": TestState.FAILED,
    "Error": TestState.ERRORED,
    "ERROR": TestState.ERRORED,
    "Skipped": TestState.SKIPPED,
    "SKIP": TestState.SKIPPED,
}


class Minitest(Parser):
    """Reads one block per failed test: its place in brackets, or frames below an exception."""

    TOOLS = "Minitest"
    LEVEL = ("text", "tests")
    HINTS = (
        *(") Failure:", ") Error:", ") Skipped:", "\nFailure:", "\nError:", " s = "),
        *("FAIL ", "ERROR ", "SKIP "),
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._kind = ""
        self._path: tuple[str, ...] = ()
        self._span = NOWHERE
        self._callers: list[Span] = []
        self._message: list[str] = []
        self._seconds: dict[tuple[str, ...], float] = {}
        self._is_reporter = False

    def begin(self, line: str) -> bool:
        self._close()
        self._is_reporter = False
        if match := _KIND.match(line):
            self._kind = match["kind"]
            return True
        if match := _VERBOSE.match(line):
            path = (match["class"], match["name"])
            self._seconds[path] = float(match["seconds"])
            state = _STATES[match["state"]]
            self.report.add_test(path, state, "minitest", duration=self._seconds[path])
            return True
        if match := _REPORTER.match(line):
            self._kind, self._path = match["kind"], (match["class"], match["name"])
            self._seconds[self._path] = _seconds(match["seconds"])
            self._is_reporter = True
            return True
        return False

    def more(self, line: str) -> bool | None:
        if not self._kind:
            return False
        if not self._path:
            return self._name(line)
        if _KIND.match(line) or _SUMMARY.match(line) or (not line and not self._goes_on()):
            # An empty line ends the message, but may also be part of it.
            self._close()
            return not line
        if self._is_reporter and line and not line.startswith((" ", "Minitest::")):
            self._close()
            return False
        if (match := _FRAME.match(line)) and (self._has_frames() or match["end"] or "[" in line):
            self._frame(match)
            return True
        if line.startswith(("bin/rails test ", "rails test ")):
            self._close()
            return True
        if self._is_reporter:
            line = line.removeprefix("Minitest::UnexpectedError:").strip()
        self._message.append(line)
        return True

    def finish(self) -> None:
        self._close()

    def _has_frames(self) -> bool:
        return self._kind == "Error" or self._is_reporter

    def _goes_on(self) -> bool:
        """Returns whether the message may go on after an empty line.

        Ruby prints the source line of an exception within the message, after an empty line.
        """
        return self._kind == "Error" and not self._span.file and len(self._message) < 20

    def _name(self, line: str) -> bool:
        match = _NAME.match(line) or _OLD_NAME.match(line)
        if not match:
            self._kind = ""
            return False
        self._path = (match["class"], match["name"])
        self._span = self.report.span(match["file"], match["line"])
        return True

    def _frame(self, match: re.Match[str]) -> None:
        if not is_other(match["file"]):
            span = self.report.span(match["file"], match["line"])
            if self._span.file:
                self._callers.append(span)
            else:
                self._span = span

    def _close(self) -> None:
        kind, path, span = self._kind, self._path, self._span
        text = "\n".join(self._message[:40]).strip()
        self._kind, self._path, self._span, self._message = "", (), NOWHERE, []
        callers, self._callers = self._callers, []
        if not path:
            return
        state = _STATES[kind]
        if state is not TestState.SKIPPED:
            code = text.partition(":")[0] if state is TestState.ERRORED else ""
            code = "" if re.search(r"\s", code) else code
            self.add(span, Severity.ERROR, text or "failed", "minitest", code)
            for caller in callers[:20]:
                self.note(caller, "called from here")
        self.report.add_test(
            path,
            state,
            "minitest",
            duration=self._seconds.get(path),
            message=text,
            span=span if span.file else None,
        )


def _seconds(text: str) -> float:
    return float(text) if re.fullmatch(r"\d+\.\d+", text) else 0.0
