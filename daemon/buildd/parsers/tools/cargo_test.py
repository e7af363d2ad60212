"""Reads the test results of cargo and cargo-nextest, and the panics of any Rust program."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from buildd.model import ColumnUnit, Severity, Span, TestState
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.trace_parser import TraceParser

_PLACE = r"(?P<file>[^\s:'][^:'\n]*):(?P<line>\d+):(?P<column>\d+)"
_PANIC = re.compile(r"\s*thread '(?P<thread>[^'\n]*)'(?: \(\d+\))? panicked at (?P<rest>.*)$")
_HERE = re.compile(rf"{_PLACE}:?$")
_OLD_END = re.compile(rf"(?P<message>.*)', {_PLACE}$")
_FRAME = re.compile(rf"\s+at {_PLACE}$")
_FRAME_NAME = re.compile(r"\s+\d+: ")
_TEST = re.compile(
    r"test (?P<name>\S.*?)(?: - should panic)? \.\.\. (?P<state>ok|FAILED|ignored)"
    r"(?:, (?P<reason>.*?))?(?: <(?P<time>[\d.]+)s>)?$"
)
_NEXTEST = re.compile(
    r" +(?:TRY \d+ )?(?P<state>PASS|FAIL|SIGABRT|SIGSEGV|SKIP|TIMEOUT|ABORT|SLOW|LEAK|FLAKY \d/\d) "
    r"+\[ *>?(?P<time>[\d.]+)?s? *\] (?:\( *\d+/\d+\) )?(?P<package>[\w:./$-]+) (?P<name>\S+)$"
)
_SUITE = re.compile(
    r" +(?:Running (?:(?:unittests )?(?P<file>\S+) )?\(?(?P<program>\S*?[/\\]deps[/\\]\S+?)"
    r"(?:-[0-9a-f]{16})?(?:\.exe)?\)?|Doc-tests (?P<crate>\S+))$"
)
_OUTPUT = re.compile(r"---- (?P<name>\S.*?) (?:stdout|stderr) ----$")
_REMARK = re.compile(
    r"(?P<message>note: test did not panic as expected)(?: at (?P<file>[^:\n]+):(?P<line>\d+)"
    r":(?P<column>\d+))?|Error: (?P<error>.*)"
)
_END = re.compile(r"(?:failures:|successes:|test result: )")
_OTHERS = (
    "/rustc/",
    "/.cargo/",
    "/library/std/",
    "/library/core/",
    "/library/alloc/",
    "/rustlib/src/",
)
_STATES = {"ok": TestState.PASSED, "FAILED": TestState.FAILED, "ignored": TestState.SKIPPED}
_NEXTEST_STATES: Mapping[str, TestState] = {
    "PASS": TestState.PASSED,
    "LEAK": TestState.PASSED,
    "FLAK": TestState.PASSED,
    "SKIP": TestState.SKIPPED,
    "FAIL": TestState.FAILED,
}
_MAX_LINES = 2000
"""The most lines that are read of one test's output, or of one stack trace."""


class CargoTest(TraceParser):
    """Reads a list of results, and the output of the failed tests, which follows it.

    Columns count code points.
    """

    TOOLS = "cargo test, cargo nextest, panics"
    LEVEL = ("text", "tests")
    HINTS = (
        " panicked at ",
        "\ntest ",
        " Running ",
        " Doc-tests ",
        "\n---- ",
        "note: test did not panic as expected",
        " PASS [",
        " FAIL [",
        " SKIP [",
        " SIGABRT [",
        " SIGSEGV [",
        " TIMEOUT [",
        " LEAK [",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._suite: tuple[str, ...] = ()
        self._test: int | None = None
        """The index of the test whose output is being read."""
        self._lines = 0
        self._state = ""
        """What is being read: `message`, `trace` or `output`; `old` is a message that comes before
        its place.
        """
        self._message: list[str] = []
        self._panic: int | None = None
        self.is_placed = False

    def begin(self, line: str) -> bool:
        self._lines = 0
        if match := _PANIC.match(line):
            return self._panicked(match)
        if match := _TEST.match(line):
            self._result(match)
        elif match := _NEXTEST.match(line):
            state = _NEXTEST_STATES.get(match["state"][:4], TestState.ERRORED)
            if match["state"] != "SLOW":
                path = (match["package"], *match["name"].split("::"))
                time = float(match["time"]) if match["time"] else None
                self.report.add_test(path, state, "nextest", duration=time)
        elif match := _SUITE.match(line):
            self._begin_suite(match)
        elif match := _OUTPUT.match(line):
            self._test = self._find(match["name"])
            self._state = "output" if self._test is not None else ""
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if not self._state or self._lines > _MAX_LINES:
            return False
        if match := _PANIC.match(line):
            return self._panicked(match)
        if self._state == "old":
            return self._old_message(line)
        if self._state == "message":
            if line.strip() and not line.startswith(("note: ", "stack backtrace:", "---- ")):
                self._lengthen(line)
                return True
            self._state = "trace" if line.startswith("stack backtrace:") else "after"
        if self._state == "trace":
            if self._frame(line):
                return True
            self._state = "after"
        return self._rest(line)

    # --- results

    def _begin_suite(self, match: re.Match[str]) -> None:
        if match["crate"]:
            self._suite = match["crate"], "doc tests"
        else:
            name = re.split(r"[/\\]", match["program"])[-1]
            self._suite = (name, match["file"]) if match["file"] else (name,)
        self._test = None

    def _result(self, match: re.Match[str]) -> None:
        path = self._path(match["name"])
        self.report.add_test(
            path,
            _STATES[match["state"]],
            "cargo",
            duration=float(match["time"]) if match["time"] else None,
            message=match["reason"] or "",
        )

    def _path(self, name: str) -> tuple[str, ...]:
        parts = (name,) if " " in name else name.split("::")
        return (*self._suite, *parts)

    def _find(self, name: str) -> int | None:
        path = self._path(name)
        tests = self.report.tests
        numbers = range(len(tests) - 1, -1, -1)
        return next((number for number in numbers if tests[number].path == path), None)

    def _rest(self, line: str) -> bool | None:
        """Reads a line of a test's output that belongs to no panic."""
        if _END.match(line):
            self._test, self._state = None, ""
            return False
        if match := _OUTPUT.match(line):
            self._test, self._state = self._find(match["name"]), "output"
            return True
        if self._test is None:
            self._state = ""
            return False
        if match := _REMARK.match(line):
            test = self.report.tests[self._test]
            if test.span is None and not test.message:
                span = NOWHERE
                if match["file"]:
                    span = self._span(match)
                message = match["message"] or f"Error: {match['error']}"
                self.at = self.report.add(
                    span, Severity.ERROR, message.removeprefix("note: "), "cargo"
                )
                self._fail_test(span)
            return True
        # A doc test that does not compile prints the compiler's messages here.
        return None

    # --- panics

    def _panicked(self, match: re.Match[str]) -> bool:
        rest = match["rest"]
        self._panic, self.is_placed, self._message = None, False, []
        if rest.startswith("'"):
            self._state = "old"
            return self._old_message(rest[1:])
        place = _HERE.match(rest)
        if not place:
            self._state = ""
            return False
        self._begin_panic(place, "")
        self._state = "message"
        return True

    def _old_message(self, line: str) -> bool:
        if match := _OLD_END.match(line):
            self._message.append(match["message"])
            self._begin_panic(match, "\n".join(self._message))
            self._state = "after"
        else:
            self._message.append(line)
        return len(self._message) < 100

    def _begin_panic(self, match: re.Match[str], message: str) -> None:
        self.is_placed = not _is_other(match["file"])
        span = self._span(match) if self.is_placed else NOWHERE
        self._panic = self.at = self.report.add(span, Severity.ERROR, message or " ", "rust")
        if self._panic is not None:
            self._fail_test(span)

    def _lengthen(self, line: str) -> None:
        if self._panic is not None:
            self.at = self._panic
            self.lengthen(line)
            self._fail_test(self.report.diagnostics[self._panic].span)

    def _frame(self, line: str) -> bool:
        if match := _FRAME.match(line):
            if self._panic is not None and not _is_other(match["file"]):
                self.at = self._panic
                if self.call(span := self._span(match)):
                    self._fail_test(span)
            return True
        return bool(_FRAME_NAME.match(line)) or line.startswith("stack backtrace:")

    def _fail_test(self, span: Span) -> None:
        """Records where the current test failed; its first message is kept."""
        if self._test is None or self.at is None:
            return
        test = self.report.tests[self._test]
        message = self.report.diagnostics[self.at].message
        if not test.message or message.startswith(test.message) or test.span == span:
            self.report.tests[self._test] = msgspec.structs.replace(
                test, span=span if span.file else test.span, message=message
            )

    def _span(self, match: re.Match[str]) -> Span:
        return self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT
        )


def _is_other(file: str) -> bool:
    return file.startswith(("/usr/", "library/", "compiler/", "<")) or any(
        other in file for other in _OTHERS
    )
