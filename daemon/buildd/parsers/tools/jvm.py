"""Reads the stack traces of Java, Kotlin, Scala, Groovy and Clojure programs."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_TYPE = (
    r"(?P<type>(?:[a-z_][\w$-]*[./])+(?:[A-Z][\w$]*\.)*[\w$]*"
    r"(?:Exception|Error|Throwable|Failure|Interrupt|Panic)\w*)"
)
_THREAD = re.compile(r"Exception in thread \"(?P<thread>[^\"]*)\" (?P<message>.+)")
_HEAD = re.compile(rf"(?P<message>{_TYPE}(?:: .*)?)$")
_CAUSE = re.compile(
    r"\s*(?:Caused by: |Suppressed: |Wrapped by: |\[CIRCULAR REFERENCE: ?)(?P<message>.+)"
)
_FRAME = re.compile(
    r"\s+at (?:[\w.@$-]*/){0,2}(?P<method>[\w$.<>'| -]*[\w$>])"
    r"\((?P<file>[\w$.-]+\.(?:java|kt|kts|scala|sc|groovy|clj|cljc)):(?P<line>\d+)\)"
    r"(?: ~?\[[^\]]*\])?\s*$"
)
_ANY_FRAME = re.compile(
    r"\s+at (?:[\w.@$-]*/){0,2}[\w$.<>'| /-]+\((?:Native Method|Unknown Source|<[^<>]*>|"
    r"NO_SOURCE_FILE(?::\d+)?|[\w$. -]+\.\w+(?::-?\d+)?|Source|SourceFile:\d+|\w+:\d+)\)"
    r"(?: ~?\[[^\]]*\])?\s*$"
)
_ELLIPSIS = re.compile(r"\s+\.\.\. \d+ (?:more|common frames omitted|elided.*)\s*$")
_FOREIGN = re.compile(
    r"(?:java|javax|jakarta|jdk|sun|com\.sun|com\.oracle|org\.graalvm|kotlin|kotlinx|scala|groovy|"
    r"clojure|akka|junit|org\.junit|org\.testng|org\.hamcrest|org\.assertj|org\.mockito|"
    r"net\.bytebuddy|org\.scalatest|org\.specs2|munit|zio|cats|org\.gradle|worker\.org\.gradle|"
    r"org\.apache|org\.codehaus|org\.springframework|org\.eclipse|org\.hibernate|org\.opentest4j|"
    r"org\.jetbrains|com\.intellij|com\.google\.common|com\.google\.inject|com\.fasterxml|io\.netty"
    r"|io\.micronaut|io\.quarkus|reactor|rx|io\.reactivex|sbt|xsbt|dotty|bloop|android|androidx|"
    r"com\.android|dalvik|org\.robolectric|com\.puppycrawl|io\.kotest|io\.mockk|spock|org\.spockframework)\."
)
_PLACED = re.compile(r"(?:[\w.]+: )?(?P<file>/[^\s:]+\.\w+):(?P<line>\d+):(?P<column>\d+): ")
_LIMIT = 2000
"""The most lines of one stack trace."""


class Jvm(Parser):
    """Reads one diagnostic per stack trace.

    Its place is the innermost frame in the project's own code, of the last cause that has one. A
    frame names no directory; the package gives it.
    """

    TOOLS = "Java, Kotlin, Scala, Groovy: stack traces"
    HINTS = ("Exception in thread ", "Exception", "Error", "Throwable")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._messages: list[str] = []
        self._traces: list[list[tuple[Span, str]]] = []
        """The project's own frames for each of the messages, innermost first."""
        self._lines = 0
        self._has_frames = False
        self._is_sure = False
        self._is_suppressed = False

    def begin(self, line: str) -> bool:
        self._close()
        match = _THREAD.match(line)
        self._is_sure = bool(match)
        match = match or _HEAD.match(line)
        if not match:
            return False
        self._messages, self._traces, self._lines = [match["message"]], [[]], 0
        self._has_frames = self._is_suppressed = False
        return True

    def more(self, line: str) -> bool | None:
        if not self._messages:
            return False
        self._lines += 1
        if match := _FRAME.match(line):
            self._has_frames = True
            if not self._is_suppressed and not _FOREIGN.match(match["method"]):
                self._frame(match)
            return True
        if _ANY_FRAME.match(line) or _ELLIPSIS.match(line):
            self._has_frames = True
            return True
        if self._has_frames and (match := _CAUSE.match(line)):
            # A suppressed exception is no cause, and its causes are none either.
            self._is_suppressed = line.startswith(("\t", " "))
            if not self._is_suppressed:
                self._messages.append(match["message"])
                self._traces.append([])
            return True
        if not self._has_frames and self._lines < 12 and line and not _HEAD.match(line):
            # The message has several lines.
            if len(self._messages[0]) < 1000:
                self._messages[0] += f"\n{line.strip()}"
            return None
        self._close()
        return False

    def finish(self) -> None:
        self._close()

    def _frame(self, match: re.Match[str]) -> None:
        # In package.Class$Inner.method, the package's parts are in lower case.
        parts = match["method"].split(".")[:-1]
        package = []
        stem = match["file"].partition(".")[0]
        for part in parts:
            # The class of a script has the script's name.
            if not part[:1].islower() or part.partition("$")[0] == stem:
                break
            package.append(part)
        span = self.report.span("/".join([*package, match["file"]]), match["line"])
        if len(self._traces[-1]) < 50:
            self._traces[-1].append((span, match["method"]))

    def _close(self) -> None:
        messages, self._messages = self._messages, []
        if not messages or not (self._has_frames or self._is_sure):
            return
        if not self._has_frames:
            messages[0] = messages[0].partition("\n")[0]
        message = "\nCaused by: ".join(messages)
        own = [frame for trace in reversed(self._traces) for frame in trace]
        span = own[0][0] if own else NOWHERE
        if not own and (found := _PLACED.match(messages[-1])):
            span = self.report.span(
                found["file"], found["line"], found["column"], unit=ColumnUnit.UTF16
            )
        self.at = self.add(span, Severity.ERROR, message, "java")
        for span, method in own[1:]:
            if span != own[0][0]:
                self.note(span, f"in {method}")
