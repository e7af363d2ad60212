"""Reads bazel's own errors and its test results; other parsers read what the compilers print."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_LINE = re.compile(
    r"(?P<kind>ERROR|WARNING): (?P<file>(?:/|[A-Za-z]:)[^:\n]*):(?P<line>\d+):"
    r"(?P<column>\d+): (?P<message>.*)"
)
_ALONE = re.compile(
    r"ERROR: (?P<message>(?:Skipping '[^\n]*': )?(?:(?:error loading package '[^'\n]*': |"
    r"Evaluation of query [^\n]*? failed: )?(?:no such (?:package|target) '|"
    r"cannot load '|Unable to find package )|Error computing the main repository mapping|"
    r"Unrecognized option: |Config value '|The project you're trying to build requires Bazel)"
    r"[^\n]*)"
)
_ACTION = re.compile(
    r"(?:Compiling|Linking|Executing|Testing|Building|Action|GoCompile\w*|Javac|"
    r"Couldn't build file|Generating|Copying) .*(?:failed|exited)|.* failed:? \((?:Exit|Aborted|"
    r"Killed|Segmentation|Terminated)[^)]*\)"
)
_TRACEBACK = "Traceback (most recent call last):"
_FRAME = re.compile(
    r"\t+File \"(?P<file>[^\"\n]+)\", line (?P<line>\d+), column (?P<column>\d+), in (?P<name>.+)"
)
_FAILED = re.compile(r"(?P<message>Error(?: in \w+)?: .*)")
_TEST = re.compile(
    r"(?P<package>(?:@+[\w.~+-]*)?//(?:[^\s:]+|(?=:)))(?::(?P<name>\S+))? +(?:\(cached\) )?"
    r"(?P<status>PASSED|FAILED TO BUILD|FAILED|TIMEOUT|FLAKY|NO STATUS|INCOMPLETE|SKIPPED|"
    r"REMOTE FAILURE)(?:,?[^\n,]*? in (?P<time>\d+(?:\.\d+)?)s|$)"
)
_STATES = {
    "PASSED": TestState.PASSED,
    "FLAKY": TestState.PASSED,
    "FAILED": TestState.FAILED,
    "TIMEOUT": TestState.ERRORED,
    "FAILED TO BUILD": TestState.ERRORED,
    "REMOTE FAILURE": TestState.ERRORED,
}


class Bazel(Parser):
    """Reads errors with a place in a BUILD file.

    If an action fails, bazel names the rule, and the reason follows. Errors in the code of a rule
    come with a traceback.
    """

    TOOLS = "bazel"
    LEVEL = ("text", "tests")
    HINTS = ("\nERROR: ", "\nWARNING: /", "\n//", "\n@")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._in_traceback = False
        self._has_place = False
        self._frames: list[tuple[Span, str]] = []

    def begin(self, line: str) -> bool:
        self._in_traceback, self._frames = False, []
        self.at = None
        if match := _LINE.match(line):
            self._placed(match)
        elif match := _TEST.match(line):
            self._test(match)
        elif line == f"ERROR: {_TRACEBACK}":
            self._in_traceback, self._has_place = True, False
        elif match := _ALONE.match(line):
            self.add(NOWHERE, Severity.ERROR, match["message"], "bazel")
            self._has_place = True
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if self.at is not None and not self._in_traceback and line == _TRACEBACK:
            self._in_traceback = True
            return True
        if not self._in_traceback:
            return False
        if match := _FRAME.match(line):
            span = self.report.span(match["file"], match["line"], match["column"])
            self._frames.append((span, f"in {match['name']}"))
            return True
        if line.startswith("\t"):
            return True
        self._in_traceback = False
        match = _FAILED.match(line)
        if match:
            self._fail(match["message"])
        return bool(match)

    def _placed(self, match: re.Match[str]) -> None:
        severity = Severity.ERROR if match["kind"] == "ERROR" else Severity.WARNING
        message = match["message"]
        if _ACTION.match(message):
            severity = Severity.INFORMATION
        span = self.report.span(match["file"], match["line"], match["column"])
        self._has_place = True
        if message == _TRACEBACK:
            # The place of the call is also the outermost frame.
            self._in_traceback, self._has_place = True, False
            return
        self.add(span, severity, message, "bazel")

    def _fail(self, message: str) -> None:
        if self._has_place:
            self.lengthen(message)
        elif self._frames:
            span, _ = self._frames.pop()
            self.add(span, Severity.ERROR, message, "bazel")
        else:
            self.add(NOWHERE, Severity.ERROR, message, "bazel")
        for span, note in reversed(self._frames):
            self.note(span, note)

    def _test(self, match: re.Match[str]) -> None:
        package = match["package"]
        name = match["name"] or package.rpartition("/")[2] or package
        self.report.add_test(
            (package, name),
            _STATES.get(match["status"], TestState.SKIPPED),
            "bazel",
            duration=float(match["time"]) if match["time"] else None,
        )
