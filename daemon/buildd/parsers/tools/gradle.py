"""Reads why a Gradle build failed, and the tests that it ran."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.java_failure import JavaFailure
from buildd.parsers.tools import android

_WHERE = re.compile(
    r"(?:[A-Z][\w ]*(?:file|[Ss]cript)) '(?P<file>[^'\n]+)'(?: line: (?P<line>\d+))?$"
)
_AT = re.compile(r".* @ line (?P<line>\d+), column (?P<column>\d+)\.")
_SCRIPT_LINE = re.compile(r"  +Line (?P<line>\d+): (?P<source>.*)$")
_SCRIPT_MARK = re.compile(r"(?P<before> +)\^ (?P<message>\S.*)$")
_REPORTED_ELSEWHERE = re.compile(
    r"> (?:Compilation failed; see the compiler|Compilation error\. See log|"
    r"There were failing tests|Compilation error|Compilation failed|Kotlin: |"
    r".* rule violations were found|"
    r"A failure occurred while executing .*(?:Compilation|Kotlin|Lint|Checkstyle|Pmd|"
    r"Ktlint|Detekt)|Analysis failed with|javac returned an error|There were failures)"
)
_TEST = re.compile(
    r"(?:Gradle Test Run \S+ > (?:Gradle Test Executor \d+ > )?)?"
    r"(?P<path>[A-Z\w$.][^>\n]*? > \S[^\n]*?) (?P<state>PASSED|FAILED|SKIPPED)"
    r"(?: \((?P<time>[\d.]+)(?P<unit>ms|s)\))?$"
)
_COMPILED = re.compile(
    r"  (?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*\.java):(?P<line>\d+): (?P<kind>error|warning): "
    r"(?P<message>\S.*)"
)
_TASK = re.compile(r"> Task :(?P<path>[\w.:-]+)")
_STATES = {"PASSED": TestState.PASSED, "SKIPPED": TestState.SKIPPED}


class Gradle(Parser):
    """Reads `* Where:` and `* What went wrong:`, and one line per test.

    Failures of a task are left out if the task's own output says why.
    """

    TOOLS = "Gradle"
    LEVEL = ("text", "tests")
    HINTS = ("\n* Where:", "\n* What went wrong:", " PASSED", " FAILED", " SKIPPED", "\n> Task :")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._state = ""
        self._span: Span = NOWHERE
        self._message: list[str] = []
        self._is_reported = False
        """Whether another parser reads what went wrong."""
        self._base = ""
        """The directory of the project whose task is running."""
        self._path: tuple[str, ...] = ()
        self._failure: JavaFailure | None = None
        self._blank = 0
        self._script: tuple[Span, int] | None = None

    def begin(self, line: str) -> bool:
        self._close()
        if line == "* Where:":
            self._state = "where"
        elif line == "* What went wrong:":
            self._state, self._message = "what", []
        elif match := _TASK.match(line):
            self._base = "/".join(match["path"].split(":")[:-1])
            return False
        elif " > " in line and (match := _TEST.match(line)):
            self._tested(match)
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if self._state == "where":
            self._state = ""
            match = _WHERE.match(line)
            if match:
                self._span = self.report.span(match["file"], match["line"] or 1)
            return bool(match)
        if self._state == "what":
            return self._what(line)
        if self._failure:
            return self._failed(line)
        return False

    def finish(self) -> None:
        self._close()

    def _what(self, line: str) -> bool | None:
        if line.startswith(("* ", "BUILD FAILED", "FAILURE: ")) or len(self._message) > 100:
            self._close()
            return False
        if match := _SCRIPT_LINE.match(line):
            span = self.report.span(self._span.file, match["line"]) if self._span.file else NOWHERE
            self._script = span, match.start("source")
            return True
        if self._script and (match := _SCRIPT_MARK.match(line)):
            span, start = self._script
            column = len(match["before"]) - start + 1
            if span.file:
                span = self.report.span(span.file, span.line, max(column, 1), unit=ColumnUnit.UTF16)
            self.add(span, Severity.ERROR, match["message"], "gradle")
            return True
        if ".xml:" in line and android.is_repeated_by_gradle(line):
            self._is_reported = True
            return None
        if (match := _COMPILED.match(line)) and not self._is_known(match):
            kind = Severity.ERROR if match["kind"] == "error" else Severity.WARNING
            span = self.report.span(match["file"], match["line"])
            self.add(span, kind, match["message"], "javac")
        self._message.append(line)
        return True

    def _is_known(self, match: re.Match[str]) -> bool:
        """Returns whether the compiler printed the message before."""
        file, line = self.report.resolve(match["file"]), match["line"]
        return any(
            known.span.file == file
            and str(known.span.line) == line
            and known.message.startswith(match["message"])
            for known in self.report.diagnostics[-200:]
        )

    def _tested(self, match: re.Match[str]) -> None:
        self._path = tuple(part.strip() for part in match["path"].split(" > "))
        state = match["state"]
        if state == "FAILED":
            self._failure, self._blank = JavaFailure(self.report, self._path[0], self._base), 0
            return
        time = None
        if match["time"]:
            time = float(match["time"]) / (1000 if match["unit"] == "ms" else 1)
        self.report.add_test(self._path, _STATES[state], "gradle", duration=time)

    def _failed(self, line: str) -> bool:
        if not line.strip():
            # A message may hold empty lines.
            self._blank += 1
            return self._blank < 4
        if not line.startswith("    ") or not self._failure or not self._failure.feed(line):
            self._close()
            return False
        return True

    def _close(self) -> None:
        failure, self._failure = self._failure, None
        if failure:
            failure.add_to(self, self._path, "gradle")
        state, self._state = self._state, ""
        message, self._message = self._message, []
        span, script = self._span, self._script
        if state == "what":
            self._span, self._script = NOWHERE, None
            is_reported, self._is_reported = self._is_reported, False
            if (
                not script
                and not is_reported
                and not any(_REPORTED_ELSEWHERE.match(part) for part in message)
            ):
                self._add("\n".join(message).strip(), span)

    def _add(self, message: str, span: Span) -> None:
        if span.file and (match := _AT.match(message.replace("\n", " "))):
            span = self.report.span(
                span.file, match["line"], match["column"], unit=ColumnUnit.UTF16
            )
        if message:
            self.add(span, Severity.ERROR, message, "gradle")
