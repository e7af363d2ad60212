"""Reads `go test` and gotestsum, and the traces of panics and data races of any Go program."""

from __future__ import annotations

import re

import msgspec

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.go_packages import Packages
from buildd.parsers.shared.go_placement import Placement
from buildd.parsers.shared.go_trace import Trace, is_goroutine

_RESULT = re.compile(
    r"(?P<indent> *)--- (?P<state>PASS|FAIL|SKIP): (?P<name>\S+) \((?P<time>[\d.]+)"
    r"(?:s| seconds)\)$"
)
_GOTESTSUM = re.compile(
    r"=== (?P<state>FAIL|SKIP): (?P<package>\S+) (?P<name>[A-Z]\S*)(?: \(re-run \d+\))?"
    r" \((?P<time>[\d.]+)s\)$"
)
_NAMED = re.compile(
    r"(?: {2}|::group::)?(?P<state>PASS|FAIL|SKIP) (?P<package>[\w./~-]+?)\."
    r"(?P<name>(?:Test|Example|Fuzz|Benchmark)\S*)(?: \(re-run \d+\))? \((?P<time>[\d.]+)s\)$"
)
_RUNNING = re.compile(r"=== (?:RUN|CONT|NAME|PAUSE) +(?P<name>\S*)$")
# Up to Go 1.13 the indent is a tab.
_LOG = re.compile(
    r"(?P<indent>(?: {4})+|\t)(?P<file>[\w.@-]+\.go):(?P<line>\d+): ?(?P<message>.*)$"
)
_PACKAGE = re.compile(
    r"(?P<state>ok  |FAIL|\?   |---)\t(?P<name>[^\s\[]+)(?:\t| )?(?P<rest>.*)$|"
    r"\t(?P<bare>[^\s\[:]+)\t\tcoverage: "
)
_TESTIFY = re.compile(r"\s+\t(?P<key>Error Trace|Error|Messages|Test)?:? *\t(?P<text>.*)$")
_TRACE = re.compile(r"\s*(?P<file>\S[^:\n]*\.go):(?P<line>\d+)$")
_STATES = {"PASS": TestState.PASSED, "FAIL": TestState.FAILED, "SKIP": TestState.SKIPPED}


class GoTest(Parser):
    """Reads test results and logs.

    Logs name a file without its directory. The package, which gives the directory, is printed after
    them.
    """

    TOOLS = "go test, gotestsum, panics, the race detector"
    LEVEL = ("text", "tests")
    HINTS = (
        *("--- PASS: ", "--- FAIL: ", "--- SKIP: ", "\n=== ", "_test.go:", "\nok  \t", "\nFAIL\t"),
        *("\nFAIL", "  FAIL ", "PASS ", "SKIP ", "::group::", "\n?   \t", "\n# ", ".go:"),
        *("\npanic: ", "\nfatal error: ", "\nWARNING: DATA RACE", "\nexit status ", "\ngoroutine "),
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_go = False
        self._tests: list[int] = []
        """The indexes of the current package's tests; its name comes after them."""
        self._found: list[int] = []
        """The indexes of the current package's diagnostics."""
        self._placement = Placement(report)
        self._logged: dict[str, list[tuple[str, str, str]]] = {}
        """File, line and message of what each test logs before its result."""
        self._running = ""
        self._failed: int | None = None
        """The index of the last failed test, whose log may follow."""
        self._state = ""
        self._indent = 0
        self._testify_field = ""
        """The field of testify's output that was read last."""
        self._trace: Trace | None = None
        self._awaited: Trace | None = None
        """A panic that another tool may have printed, until a goroutine's trace follows."""
        self._is_local = False
        self._repeatable = ""
        """The test whose result gotestsum has printed; the test's own output may repeat it."""
        self._packages = Packages(report)
        self._streamed: tuple[str, list[int], list[int]] | None = None
        """A package, or this directory, whose tests were printed as they ran."""

    def begin(self, line: str) -> bool:
        self._state, self._trace = "", None
        if match := _RESULT.match(line):
            if match["name"] != self._repeatable:
                self._result(match["name"], match["state"], match["time"])
        elif match := _GOTESTSUM.match(line):
            self._result(match["name"], match["state"], match["time"], match["package"])
        elif match := _NAMED.match(line):
            self._named(match)
        elif match := _RUNNING.match(line):
            self._is_go, self._failed, self._running = True, None, match["name"]
            self._repeatable = ""
        elif (self._running or self._failed is not None) and (match := _LOG.match(line)):
            self._log(match)
        elif trace := Trace.from_first_line(line):
            if trace.is_race or trace.is_recovered or self._is_go:
                self._trace = trace
            if not (trace.is_race or trace.is_recovered):
                self._awaited = None if self._is_go else trace
            return self._trace is not None
        elif self._awaited and is_goroutine(line):
            self._trace, self._awaited = self._awaited, None
        elif match := _PACKAGE.match(line):
            self._package(match)
        elif line == "FAIL" and self._streamed and not self._tests:
            # At the very end, after package names: the tests were not those of this directory.
            package, found, tests = self._streamed
            self._streamed = None
            self._placement.add(self._packages.directory, package, found, tests)
        elif line.startswith("exit status "):
            self._is_local = bool(self._tests)
            return bool(self._tests)
        else:
            self._packages.learn(line)
            return False
        return True

    def more(self, line: str) -> bool | None:
        if self._trace:
            if self._trace.more(line, self.report, self._packages):
                return True
            self._end_trace()
            return False
        if self._state in ("log", "testify"):
            return self._log_goes_on(line)
        return False

    def finish(self) -> None:
        self._end_trace()
        self._placement.finish()

    # --- results

    def _result(self, name: str, state: str, time: str, package: str = "") -> None:
        self._is_go = True
        path = tuple(name.split("/"))
        before = len(self.report.tests)
        self._repeatable = name if package else ""
        if package:
            path = (package, *path)
            failed = self.report.tests if state == "FAIL" else []
            known = next((test for test in failed if test.path == path), None)
            if known and known.span:
                self._failed = None
                return
        self.report.add_test(path, _STATES[state], "go", duration=float(time))
        number = before
        if len(self.report.tests) == before:
            tests = enumerate(self.report.tests)
            number = next((index for index, test in tests if test.path == path), -1)
        if number < 0:
            return
        if package:
            self._placement.add(self._packages.relative, package, [], [number])
        else:
            self._tests.append(number)
        logged = self._logged.pop(name, [])
        self._failed = number if state == "FAIL" else None
        self._running = ""
        if self._failed is not None:
            for entry in logged:
                self._add_failure(*entry)

    def _named(self, match: re.Match[str]) -> None:
        """Reads gotestsum's line for a test, which comes below or above the test's output."""
        path = tuple(match["name"].split("/"))
        tests = self.report.tests
        pending = [number for number in self._tests if tests[number].path == path]
        if not pending:
            self._result(match["name"], match["state"], match["time"], match["package"])
            return
        self._tests = [number for number in self._tests if number not in pending]
        found, self._found = self._found, []
        for number in pending:
            self.report.rename_test(number, (match["package"], *path))
        self._placement.add(self._packages.relative, match["package"], found, pending)
        self._failed = None

    def _log(self, match: re.Match[str]) -> None:
        self.at = None
        self._state, self._indent = "log", len(match["indent"])
        place = match["file"], match["line"], match["message"]
        if self._failed is None:
            logged = self._logged.setdefault(self._running, [])
            logged.append(place)
            del logged[:-100]
        else:
            self._add_failure(*place)

    def _log_goes_on(self, line: str) -> bool:
        testify = _TESTIFY.match(line)
        inner = line.startswith((" " * (self._indent + 4), "\t\t")) and not _LOG.match(line)
        if not inner:
            self._state = ""
            return False
        text = line.strip()
        if testify:
            self._testify(testify)
        elif self._failed is None and (logged := self._logged.get(self._running)):
            file, number, message = logged[-1]
            if len(message) < 4096:
                logged[-1] = file, number, f"{message}\n{text}".strip()
        elif self.at is not None:
            self.lengthen(text)
            self._fail_test()
        return True

    def _testify(self, match: re.Match[str]) -> None:
        key, text = match["key"], match["text"].strip()
        self._testify_field = key or self._testify_field
        if self._testify_field == "Error Trace":
            if self.at is not None and (place := _TRACE.match(text)):
                span = self.report.span(place["file"], place["line"])
                diagnostic = self.report.diagnostics[self.at]
                if key and place["file"].startswith("/"):
                    self.report.amend(self.at, span=span)
                    self._found = [number for number in self._found if number != self.at]
                elif diagnostic.span != span:
                    self.note(span, "called from here")
                self._fail_test()
        elif self._testify_field != "Test" and text:
            if self.at is not None:
                self.lengthen(text)
                self._fail_test()
            elif logged := self._logged.get(self._running):
                file, number, message = logged[-1]
                logged[-1] = file, number, f"{message}\n{text}".strip()

    def _add_failure(self, file: str, line: str, message: str) -> None:
        assert self._failed is not None  # noqa: S101 (callers have looked)
        if file == "testing.go":
            # The failure itself is printed elsewhere.
            test = self.report.tests[self._failed]
            self.report.tests[self._failed] = msgspec.structs.replace(
                test, message=test.message or message
            )
            return
        span = self.report.span(file, line)
        self.add(span, Severity.ERROR, message or " ", "go")
        if self.at is not None:
            if self._failed in self._tests:
                self._found.append(self.at)
            else:
                self._placement.add_diagnostic(self.at)
        self._fail_test()

    def _fail_test(self) -> None:
        """Records where the current test failed; its first message is kept."""
        if self._failed is None or self.at is None:
            return
        test, diagnostic = self.report.tests[self._failed], self.report.diagnostics[self.at]
        if not test.message or diagnostic.message.startswith(test.message):
            self.report.tests[self._failed] = msgspec.structs.replace(
                test, span=diagnostic.span, message=diagnostic.message
            )

    # --- packages

    def _package(self, match: re.Match[str]) -> None:
        name = match["name"] or match["bare"]
        self._is_go = True
        self._packages.note(name)
        for number in self._tests:
            test = self.report.tests[number]
            self.report.rename_test(number, (name, *test.path))
        if "build failed" in match[0] or "setup failed" in match[0]:
            self.report.add_test((name,), TestState.ERRORED, "go", message=match["rest"] or "")
        self._streamed = None
        if self._is_local:
            self._streamed = name, self._found, self._tests
        elif self._tests or self._found:
            self._placement.add(self._packages.directory, name, self._found, self._tests)
        self._tests, self._found, self._is_local = [], [], False
        self._failed, self._running, self._logged = None, "", {}

    def _end_trace(self) -> None:
        trace, self._trace = self._trace, None
        if not trace or not trace.spans:
            return
        first, *callers = trace.spans
        self.add(first, Severity.ERROR, trace.message, "go")
        for caller in callers[:19]:
            if caller != first:
                self.note(caller, "other access" if trace.is_race else "called from here")
        if not trace.is_race:
            self._fail_test()
