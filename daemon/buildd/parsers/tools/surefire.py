"""Reads the failed tests that Maven's Surefire and Failsafe plugins print."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.java_frames import is_own, path_of

_MARK = r"(?:\[(?:ERROR|WARNING|INFO)\] )?"
_TEST = re.compile(
    rf"{_MARK}(?:(?P<method>[\w$]+(?:[\[{{(][^\n]*?[\]}})])?)\((?P<class>[\w.$]+)\)"
    r"|(?:(?P<name>[\w.$]+?)\.)?(?P<method2>[\w$]+(?:[\[{(][^\n]*?)?))"
    r" +(?:-- )?Time elapsed: (?P<time>[\d.,]+) s(?:ec)? +<<< (?P<state>FAILURE|ERROR)!"
)
_CLASS = re.compile(
    rf"{_MARK}Tests run: (?P<run>\d+), Failures: (?P<failures>\d+), Errors: (?P<errors>\d+), "
    r"Skipped: (?P<skipped>\d+), Time elapsed: (?P<time>[\d.,]+) s(?:ec)?"
    r"(?: <<< \w+!)?(?: -+ in (?P<class>[\w.$]+))?"
)
_RUNNING = re.compile(rf"{_MARK}Running (?P<class>[\w.$]+)$")
_FRAME = re.compile(r"\s+at (?:\S+/)?(?P<name>[\w.$<>]+)\((?P<file>[\w$-]+\.\w+):(?P<line>\d+)\)")
_BASE = re.compile(r"(?P<base>/.+?)/(?:target/(?:test-)?classes|src/\w+/resources)\b")
_SUMMARY = re.compile(
    r"\[(?:ERROR|WARNING)\]   (?P<class>[A-Z][\w$]*)(?:>\w+)?\.(?P<method>[\w$]+)"
    r"(?:\[[^\]\n]*\])?:(?P<line>\d+)(?P<chain>(?:->[\w$.<>]+:\d+)*) (?P<message>.*)"
)


class Surefire(Parser):
    """Reads a failed test and the stack trace below; the summary repeats it in short."""

    TOOLS = "Maven Surefire and Failsafe"
    LEVEL = ("text", "tests")
    HINTS = (
        "Time elapsed: ",
        "Running ",
        "/target/classes",
        "/target/test-classes",
        "skip non existing resourceDirectory ",
        "\n[ERROR]   ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._base = ""
        """The module's directory, as far as it is known."""
        self._class = ""
        self._path: tuple[str, str] | None = None
        """The failed test whose stack trace is being read."""
        self._known: set[tuple[str, str]] = set()
        self._state = TestState.FAILED
        self._time: float | None = None
        self._message: list[str] = []
        self._frames: list[Span] = []
        self._cause = ""

    def begin(self, line: str) -> bool:
        self._path = None
        if match := _TEST.match(line):
            self._test(match)
        elif match := _CLASS.match(line):
            self._count(match)
        elif match := _RUNNING.match(line):
            self._class = match["class"]
        elif match := _SUMMARY.match(line):
            return self._summary(match)
        else:
            if line.startswith("[INFO] ") and (match := _BASE.search(line)):
                self._base = match["base"]
            return False
        return True

    def more(self, line: str) -> bool | None:
        if not self._path:
            return False
        if not line.strip() and self._message:
            self._end()
            return False
        if match := _FRAME.match(line):
            if "Caused by: " not in self._cause and is_own(match["name"]):
                self._frames.append(self._place(match["name"], match["file"], match["line"]))
        elif line.startswith(("Caused by: ", "\tSuppressed: ")):
            self._cause = line
        elif line.lstrip().startswith("..."):
            pass
        elif line.startswith("[") or len(self._message) > 40:
            self._end()
            return False
        elif not self._frames and not self._cause:
            self._message.append(line)
        return True

    def finish(self) -> None:
        self._end()

    def _test(self, match: re.Match[str]) -> None:
        name = match["class"] or match["name"] or self._class
        self._path = (name, match["method"] or match["method2"])
        self._known.add(self._path)
        self._state = TestState.FAILED if match["state"] == "FAILURE" else TestState.ERRORED
        self._time = _seconds(match["time"])
        self._message, self._frames, self._cause = [], [], ""
        # The stack trace will give its place.
        name = ".".join(self._path)
        self.at = self.report.add(NOWHERE, Severity.ERROR, name, "surefire")

    def _end(self) -> None:
        if not self._path:
            return
        message = "\n".join(self._message).strip()
        span = self._frames[0] if self._frames else NOWHERE
        self.report.add_test(
            self._path,
            self._state,
            "surefire",
            duration=self._time,
            message=message,
            span=span if span.file else None,
        )
        if self.at is not None:
            self.report.amend(self.at, span=span, message=message or "The test failed.")
            for frame in self._frames[1:]:
                self.note(frame, "called from here")
        self._path = None

    def _count(self, match: re.Match[str]) -> None:
        """Records that a class passed; single passed tests are not printed."""
        self._class = name = match["class"] or self._class
        is_good = match["failures"] == match["errors"] == "0"
        if name and is_good and match["run"] != match["skipped"]:
            time = _seconds(match["time"])
            self.report.add_test((name,), TestState.PASSED, "surefire", duration=time)

    def _summary(self, match: re.Match[str]) -> bool:
        name, method = match["class"], match["method"]
        if any(
            known[1].split("[")[0] == method and known[0].rpartition(".")[2] == name
            for known in self._known
        ):
            return True
        if self._class.rpartition(".")[2] == name:
            name = self._class
        chain = [step for step in match["chain"].split("->") if step and "." not in step]
        line = chain[-1].rpartition(":")[2] if chain else match["line"]
        span = NOWHERE
        if "." in name:
            span = self._place(name, f"{match['class']}.java", line)
        self._known.add((name, method))
        self.add(span, Severity.ERROR, match["message"], "surefire")
        self.report.add_test(
            (name, method),
            TestState.FAILED,
            "surefire",
            message=match["message"],
            span=span if span.file else None,
        )
        return True

    def _place(self, name: str, file: str, line: str) -> Span:
        path = path_of(name, file, self._path[0] if self._path else self._class)
        return self.report.span(f"{self._base}/{path}" if self._base else path, line)


def _seconds(text: str) -> float | None:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None
