"""go test, and the traces of any Go program's panics and data races."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

import msgspec

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.go_packages import Packages
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
# Until Go 1.13 a tab.
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
    """Logs name a file without its directory; the package that it is in comes after them."""

    TOOLS = "go test, gotestsum, panics, the race detector"
    LEVEL = ("text", "tests")
    HINTS = (
        "--- PASS: ",
        "--- FAIL: ",
        "--- SKIP: ",
        "\n=== ",
        "_test.go:",
        "\nok  \t",
        "\nFAIL\t",
        "\nFAIL",
        "  FAIL ",
        "PASS ",
        "SKIP ",
        "::group::",
        "\n?   \t",
        "\n# ",
        ".go:",
        "\npanic: ",
        "\nfatal error: ",
        "\nWARNING: DATA RACE",
        "\nexit status ",
        "\ngoroutine ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_go = False
        self._tests: list[int] = []
        """Those of the package under way, which is named after them; and their findings."""
        self._found: list[int] = []
        self._placed: list[tuple[Callable[[str], str], str, list[int], list[int]]] = []
        """By package: what tells its directory, and what stands there."""
        self._logged: dict[str, list[tuple[str, str, str]]] = {}
        """File, line and message by test, of what is told before how the test ended."""
        self._running = ""
        self._failed: int | None = None
        """The test that was last said to have failed: its log may follow."""
        self._state = ""
        self._indent = 0
        self._testified = ""
        """What testify told of last, by its own word for it."""
        self._trace: Trace | None = None
        self._awaited: Trace | None = None
        """A panic that may be anybody's word, until a goroutine's trace comes."""
        self._is_local = False
        self._told = ""
        """The test that gotestsum's own line has told of: what it printed may say so again."""
        self._packages = Packages(report)
        self._streamed: tuple[str, list[int], list[int]] | None = None
        """What was printed at once: of one package, or of this directory."""

    def begin(self, line: str) -> bool:
        self._state, self._trace = "", None
        if match := _RESULT.match(line):
            if match["name"] != self._told:
                self._result(match["name"], match["state"], match["time"])
        elif match := _GOTESTSUM.match(line):
            self._result(match["name"], match["state"], match["time"], match["package"])
        elif match := _NAMED.match(line):
            self._named(match)
        elif match := _RUNNING.match(line):
            self._is_go, self._failed, self._running = True, None, match["name"]
            self._told = ""
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
            # Said at the very end, where packages were named: they were not of this directory.
            package, found, tests = self._streamed
            self._streamed = None
            self._put(self._packages.directory, package, found, tests)
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
        for directory, package, found, tests in self._placed:
            self._place(directory(package), found, tests)

    # --- results

    def _result(self, name: str, state: str, time: str, package: str = "") -> None:
        self._is_go = True
        path = tuple(name.split("/"))
        before = len(self.report.tests)
        self._told = name if package else ""
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
            self._put(self._packages.relative, package, [], [number])
        else:
            self._tests.append(number)
        logged = self._logged.pop(name, [])
        self._failed = number if state == "FAIL" else None
        self._running = ""
        if self._failed is not None:
            for one in logged:
                self._add_failure(*one)

    def _named(self, match: re.Match[str]) -> None:
        """gotestsum's line of a test, below what that has printed, or above it."""
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
        self._put(self._packages.relative, match["package"], found, pending)
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
            self._tell()
        return True

    def _testify(self, match: re.Match[str]) -> None:
        key, text = match["key"], match["text"].strip()
        self._testified = key or self._testified
        if self._testified == "Error Trace":
            if self.at is not None and (place := _TRACE.match(text)):
                span = self.report.span(place["file"], place["line"])
                one = self.report.diagnostics[self.at]
                if key and place["file"].startswith("/"):
                    self.report.amend(self.at, span=span)
                    self._found = [number for number in self._found if number != self.at]
                elif one.span != span:
                    self.note(span, "called from here")
                self._tell()
        elif self._testified != "Test" and text:
            if self.at is not None:
                self.lengthen(text)
                self._tell()
            elif logged := self._logged.get(self._running):
                file, number, message = logged[-1]
                logged[-1] = file, number, f"{message}\n{text}".strip()

    def _add_failure(self, file: str, line: str, message: str) -> None:
        assert self._failed is not None  # noqa: S101 (callers have looked)
        if file == "testing.go":
            # What is amiss is told elsewhere.
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
            elif self._placed:
                self._placed[-1][2].append(self.at)
        self._tell()

    def _tell(self) -> None:
        """The test has failed there: its first word is kept."""
        if self._failed is None or self.at is None:
            return
        test, one = self.report.tests[self._failed], self.report.diagnostics[self.at]
        if not test.message or one.message.startswith(test.message):
            self.report.tests[self._failed] = msgspec.structs.replace(
                test, span=one.span, message=one.message
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
            self._put(self._packages.directory, name, self._found, self._tests)
        self._tests, self._found, self._is_local = [], [], False
        self._failed, self._running, self._logged = None, "", {}

    def _put(
        self,
        directory: Callable[[str], str],
        package: str,
        found: list[int],
        tests: list[int],
    ) -> None:
        # Later on more may be known of where it is.
        self._placed.append((directory, package, found, tests))
        self._place(directory(package), found, tests)

    def _place(self, directory: str, found: list[int], tests: list[int]) -> None:
        """Names without a directory are of the package's own."""
        for number in found:
            one = self.report.diagnostics[number]
            span = self._moved(one.span, directory)
            if span != one.span:
                self.report.amend(number, span=span)
        for number in tests:
            test = self.report.tests[number]
            if test.span is not None:
                self.report.tests[number] = msgspec.structs.replace(
                    test, span=self._moved(test.span, directory)
                )

    def _moved(self, span: Span, directory: str) -> Span:
        if span.column is not None or posixpath.dirname(span.file) == directory:
            return span
        file = posixpath.join(directory, posixpath.basename(span.file))
        return msgspec.structs.replace(span, file=file)

    def _end_trace(self) -> None:
        trace, self._trace = self._trace, None
        if not trace or not trace.spans:
            return
        first, *callers = trace.spans
        self.add(first, Severity.ERROR, trace.message, "go")
        for one in callers[:19]:
            if one != first:
                self.note(one, "other access" if trace.is_race else "called from here")
        if not trace.is_race:
            self._tell()
