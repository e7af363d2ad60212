"""go build, vet and test, golangci-lint and staticcheck, and the traces of panics."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity, TestState
from buildd.parsers.base import Parser, path
from buildd.parsers.report import Report

_HEAD = re.compile(
    r"(?:vet: )?" + path("go", "mod", "work", "s") + r":(?P<line>\d+)(?::(?P<column>\d+))?: "
    r"(?P<message>\S.*)"
)
_MODULE = re.compile(
    r"go: (?:errors parsing )?" + path("mod", "work", "sum") + r":(?P<line>\d+)?:? ?(?P<message>.*)"
)
_LINTER = re.compile(r"(?P<message>.*\S) \((?P<code>[\w-]+|[A-Z]+\d+)\)$")
_PACKAGE = re.compile(r"# (?P<name>[\w./~-]+)(?: \[[^\]]+\])?$")
_TEST = re.compile(
    r"(?P<indent> *)--- (?P<state>PASS|FAIL|SKIP): (?P<name>\S+) \((?P<time>[\d.]+)s\)$"
)
_LOG = re.compile(r"(?P<indent> {4,})(?P<file>[\w.-]+\.go):(?P<line>\d+): (?P<message>.*)$")
_RESULT = re.compile(r"(?P<state>ok  |FAIL|---)\t(?P<package>\S+)(?:\t.*)?$")
_PANIC = re.compile(r"(?:panic: |fatal error: )(?P<message>.+)")
_FRAME = re.compile(r"\t(?P<file>/?[^\s:][^:\n]*\.go):(?P<line>\d+)(?: \+0x[0-9a-f]+)?$")
_RACE = re.compile(r"WARNING: DATA RACE$")
_NOISE = re.compile(r"(?:goroutine \d+|created by |exit status |\[signal |rax |\.\.\.)")

_STATES = {"PASS": TestState.PASSED, "FAIL": TestState.FAILED, "SKIP": TestState.SKIPPED}
_PATIENCE = 60
_OTHERS = ("/usr/", "/go/pkg/mod/", "/src/runtime/", "/src/testing/", "/pkg/mod/")


class Go(Parser):
    """Places with or without a column, in bytes; test logs with the file's name alone."""

    TOOLS = "go build, vet, test; golangci-lint, staticcheck"
    LEVEL = ("text", "tests")
    HINTS = (
        ".go:",
        ".mod:",
        ".work:",
        "\npanic: ",
        "\nfatal error: ",
        "--- PASS: ",
        "--- FAIL: ",
        "--- SKIP: ",
        "\nok  \t",
        "\nFAIL\t",
        "WARNING: DATA RACE",
        "\n=== RUN ",
    )

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._state = ""
        self._patience = 0
        self._message = ""
        self._failing: int | None = None
        """The test that was last said to have failed: its log follows."""
        self._logged: list[tuple[str, str, str]] = []
        """File, line and message of what was logged before it was said how the test ended."""
        self._tests: list[int] = []
        """The tests of the package under way, which is named after them."""

    def begin(self, line: str) -> bool:
        self._state = ""
        if match := _TEST.match(line):
            self._test(match)
        elif match := _LOG.match(line):
            self._log(match)
        elif (match := _HEAD.match(line)) and not line.startswith("go: "):
            self._found(match)
        elif (match := _MODULE.match(line)) and match["message"]:
            span = self.report.span(match["file"], match["line"] or 1)
            self.add(span, Severity.ERROR, match["message"], "go")
        elif (match := _PANIC.match(line)) and not line.endswith(" [recovered]"):
            self._state, self._message, self._patience = "panic", line, _PATIENCE
        elif _RACE.match(line):
            self._state, self._message, self._patience = "race", "data race", _PATIENCE
        elif match := _RESULT.match(line):
            self._package(match)
        elif line.startswith("=== RUN "):
            self._failing = None
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if self._state in ("panic", "race"):
            return self._trace(line)
        if self._state == "head" and line.startswith("\t"):
            self.lengthen(line.strip())
            return True
        if self._state == "log":
            match = _LOG.match(line)
            if not match and line.startswith("        "):
                if self.at is not None:
                    self.lengthen(line.strip())
                return True
        return False

    def _found(self, match: re.Match[str]) -> None:
        message, code = match["message"], ""
        if linter := _LINTER.match(message):
            message, code = linter["message"], linter["code"]
        severity = Severity.ERROR
        if message.startswith("warning: "):
            message, severity = message.removeprefix("warning: "), Severity.WARNING
        elif code:
            severity = Severity.WARNING
        span = self.report.span(match["file"], match["line"], match["column"], unit=ColumnUnit.BYTE)
        self.add(span, severity, message, "go", code)
        self._state = "head"

    # --- tests

    def _test(self, match: re.Match[str]) -> None:
        self.report.add_test(
            match["name"].split("/"),
            _STATES[match["state"]],
            "go",
            duration=float(match["time"]),
        )
        number = next(
            index
            for index in range(len(self.report.tests) - 1, -1, -1)
            if self.report.tests[index].path == tuple(match["name"].split("/"))
        )
        self._tests.append(number)
        self._failing = number if match["state"] == "FAIL" else None
        logged, self._logged = self._logged, []
        if self._failing is not None:
            for file, line, message in logged:
                self._failed(file, line, message)

    def _log(self, match: re.Match[str]) -> None:
        self.at = None
        self._state = "log"
        place = match["file"], match["line"], match["message"]
        if self._failing is None:
            self._logged = [*self._logged[-20:], place]
        else:
            self._failed(*place)

    def _failed(self, file: str, line: str, message: str) -> None:
        assert self._failing is not None  # noqa: S101 (callers have looked)
        span = self.report.span(file, line)
        self.add(span, Severity.ERROR, message, "go")
        test = self.report.tests[self._failing]
        if test.span is None:
            self.report.tests[self._failing] = msgspec.structs.replace(
                test, span=span, message=message
            )

    def _package(self, match: re.Match[str]) -> None:
        """Its name comes after its tests."""
        for number in self._tests:
            test = self.report.tests[number]
            self.report.rename_test(number, (match["package"], *test.path))
        self._tests = []
        self._failing = None

    # --- traces

    def _trace(self, line: str) -> bool | None:
        self._patience -= 1
        if match := _FRAME.match(line):
            file = match["file"]
            if not any(other in file for other in _OTHERS):
                span = self.report.span(file, match["line"])
                if self._message:
                    self.add(span, Severity.ERROR, self._message, "go")
                    self._message = ""
                else:
                    self.note(span, "called from here")
            return True
        return self._patience > 0 and not line.startswith(("ok  \t", "FAIL", "=== ", "exit status"))
