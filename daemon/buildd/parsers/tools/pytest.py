"""Reads the results of pytest, in each style of its tracebacks."""

from __future__ import annotations

import re

from buildd.model import Severity, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.pytest_failure import CAPTURED, PLACE, TYPE, Failure
from buildd.parsers.shared.pytest_results import Results, parts

_SECTION = re.compile(
    r"=+ (?P<name>FAILURES|ERRORS|XFAILURES|XPASSES|PASSES|warnings summary|"
    r"(?:rerun )?(?:short )?test summary info|slowest (?:test )?(?:\d+ )?(?:test )?durations)"
    r"(?: \([^)]*\))? =+$"
)
_OTHER_SECTION = re.compile(
    r"[=!]{3,} .+ [=!]{3,}$|=+ .* in \d[\d.]*s.*=+$|-{5,} "
    r"(?:coverage|generated|benchmark).*|={20,}$"
    r"|\d+ (?:passed|failed|errors?|skipped|deselected|xfailed|xpassed|warnings?)\b.* in \d[\d.]*s"
)
_TITLE = re.compile(
    r"_{1,} (?:(?P<what>ERROR (?:at (?:setup|teardown) of|collecting)) )?(?P<name>\S.*?) _{1,}$"
)
_ID = r"(?P<id>[^\s:'\"(][^:\n]*\.(?:py|txt|rst|md|yaml|ipynb)::\S(?:[^\n]*?\S)?)"
_VERBOSE = re.compile(
    rf"{_ID} (?P<state>PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS|RERUN|SUB(?:FAIL|PASS|SKIP)\S*)"
    r"(?: \(.*\)|\[.*\])*(?: +\[ *(?:\d+%|\d+/\d+)\])?\s*$"
)
_WORKER = re.compile(
    rf"\[gw\d+\] (?:\[ *\d+%\] )?(?P<state>[A-Z]+)(?:\[.*\]|\(.*\)| \(.*\))* {_ID}\s*$"
)
_RUNNING = re.compile(rf"{_ID}(?: .*)?$")
_ENDED = re.compile(r"(?P<state>PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)(?: +\[ *\d+%\])?\s*$")
_SUMMARY = re.compile(
    r"(?P<state>FAILED|ERROR|PASSED|SKIPPED|XFAIL|XPASS|SUBFAIL(?:ED)?(?P<sub>(?:\[.*?\])? ?"
    r"(?:\([^)]*\))?)) "
    r"(?P<id>[^\s:'\"(][^:\n]*?\.(?:py|txt|rst|md|yaml|ipynb)(?:::[^\[\s][^\[\n]*?"
    r"(?:\[.*?\])?)?)(?: - (?P<message>.*))?\s*$"
)
_WARNING = re.compile(
    r"  (?P<file>(?:[A-Za-z]:\\)?[^\s:<][^:\n]*\.\w+):(?P<line>\d+): (?P<code>\w+): "
    r"(?P<message>.*)$"
)
_DURATION = re.compile(rf"(?P<seconds>\d+\.\d+)s call +{_ID}\s*$")
_CONFTEST = re.compile(r"ImportError while loading conftest '(?P<file>[^'\n]+)'\.$")
_USAGE = re.compile(
    r"ERROR: (?P<message>(?:file or directory not found|not found|found no collectors for): .*)"
)
_OF_PARTS = re.compile(r"contains \d+ failed subtests?$")
_ABSOLUTE = re.compile(r"[/<]|[A-Za-z]:\\")
_STATES = {
    "PASSED": TestState.PASSED,
    "XFAIL": TestState.PASSED,
    "XPASS": TestState.PASSED,
    "FAILED": TestState.FAILED,
    "ERROR": TestState.ERRORED,
    "SKIPPED": TestState.SKIPPED,
}


class Pytest(Parser):
    """Reads one diagnostic per failed test: where the test itself, or what it calls, failed."""

    TOOLS = "pytest"
    LEVEL = ("text", "tests")
    HINTS = (
        "= FAILURES =",
        "= ERRORS =",
        "= warnings summary ",
        "= short test summary info",
        "durations =",
        ".py::",
        ".txt::",
        ".rst::",
        ".md::",
        "\nERROR ",
        "\nFAILED ",
        "\nERROR: file or directory not found",
        "\nERROR: not found: ",
        "\nERROR: found no collectors",
        "ImportError while loading conftest",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._section = ""
        self._failure: Failure | None = None
        self._is_captured = False
        self._failures: list[Failure] = []
        """The failures whose tests have not been named in full yet."""
        self._results = Results(report)
        self._running = ""
        self._is_warning = False

    def begin(self, line: str) -> bool:
        self._is_captured = False
        if match := _SECTION.match(line):
            self._enter(match["name"])
            return True
        if match := _WORKER.match(line) or _VERBOSE.match(line):
            state = match["state"].partition("[")[0].partition("(")[0]
            self._running = ""
            if state in _STATES:
                self._add_test(match["id"], _STATES[state], None, "")
            return True
        if ((match := _SUMMARY.match(line)) and match["message"] is not None) or (
            match and "::" in match["id"]
        ):
            self._summary(match)
            return True
        if match := _CONFTEST.match(line):
            self._section = "conftest"
            self._failure = Failure(match["file"], "ERROR collecting", self.report)
            return True
        if match := _USAGE.match(line):
            self.add(self.report.span(None, None), Severity.ERROR, match["message"], "pytest")
            return True
        if match := _RUNNING.match(line):
            self._running = match["id"].partition(" ")[0]
            return False
        return False

    def more(self, line: str) -> bool | None:
        if not self._section:
            return self._more_running(line)
        if match := _SECTION.match(line):
            self._enter(match["name"])
            return True
        if _OTHER_SECTION.match(line) and not (self._is_output() and "in " not in line):
            self._enter("")
            return True
        if self._section in ("FAILURES", "ERRORS", "conftest"):
            self._read(line)
        elif self._section == "warnings summary":
            self._warning(line)
        elif "summary info" in self._section:
            if match := _SUMMARY.match(line):
                self._summary(match)
        elif "durations" in self._section and (match := _DURATION.match(line)):
            self._results.set_duration(match["id"], float(match["seconds"]))
        return True

    def finish(self) -> None:
        self._enter("")
        for failure in self._failures:
            # No line named its test in full: it is in the first file.
            if failure.file and failure.what != "ERROR collecting" and failure.title:
                file = failure.file.removeprefix(f"{self.report.directories.current}/")
                path = (file, *failure.title.split("."))
                state = TestState.ERRORED if failure.what else TestState.FAILED
                self._results.add("::".join(path), state, failure, "")
        self._failures.clear()

    def _is_output(self) -> bool:
        """Returns whether the current lines are what a test has printed."""
        return self._failure.is_captured if self._failure else self._is_captured

    def _enter(self, section: str) -> None:
        self._close()
        self._section = section

    def _more_running(self, line: str) -> bool | None:
        """Reads a line after a test's name; with -s, the test's output precedes its result."""
        if not self._running:
            return False
        if match := _ENDED.match(line):
            self._add_test(self._running, _STATES[match["state"]], None, "")
            self._running = ""
            return True
        return None

    # --- failures

    def _read(self, line: str) -> None:
        if (match := _TITLE.match(line)) and (len(line) > 60 or match["name"] != "_"):
            if match["name"].strip("_ "):
                self._close()
                self._failure = Failure(match["name"], match["what"] or "", self.report)
            return
        if self._failure is None:
            self._read_line_style(line)
        else:
            self._failure.read(line)

    def _read_line_style(self, line: str) -> None:
        """Reads --tb=line: the place and the message on one line."""
        if line.startswith("[XPASS(strict)]"):
            # Newer versions print it twice.
            if not (self._failures and self._failures[-1].text == "strict"):
                self._failures.append(Failure("", "", self.report))
                self._failures[-1].text = "strict"
            return
        if CAPTURED.match(line):
            self._is_captured = True
            return
        match = PLACE.match(line)
        if not match or not match["what"]:
            return
        # The output of a test may look the same, but has no absolute file name.
        if self._is_captured and not _ABSOLUTE.match(match["file"]):
            return
        self._failure = failure = Failure("", "", self.report)
        failure.trace.add(match["file"], match["line"])
        failure.message = [match["what"]]
        if (kind := TYPE.match(match["what"])) and ":" in match["what"]:
            failure.code = kind["type"].rpartition(".")[2]
        self._close()

    def _close(self) -> None:
        """Adds the current failure, which is complete."""
        failure, self._failure = self._failure, None
        self._is_captured = False
        if not failure:
            return
        failure.close()
        span = failure.trace.span
        if not span.file and failure.what == "ERROR collecting":
            span = self.report.span(failure.title, 1)
        self._failures.append(failure)
        if not span.file:
            return
        failure.span = span
        self.at = self.report.add(
            span,
            Severity.ERROR,
            failure.text,
            "pytest",
            failure.code if failure.code.isidentifier() else "",
            related=failure.trace.notes(),
            rendered="\n".join(failure.lines[:60]),
        )

    # --- other sections

    def _warning(self, line: str) -> None:
        if match := _WARNING.match(line):
            span = self.report.span(match["file"], match["line"])
            self.add(span, Severity.WARNING, match["message"], "pytest", match["code"])
            self._is_warning = True
        elif not line.startswith("  ") or line.startswith("    "):
            # The source line follows.
            self._is_warning = False
        elif self._is_warning:
            self.lengthen(line[2:])

    def _summary(self, match: re.Match[str]) -> None:
        identifier, state = match["id"], match["state"]
        if state.startswith("SUBFAIL"):
            identifier, state = f"{identifier} {(match['sub'] or '').strip()}".strip(), "FAILED"
        if state not in _STATES:
            return
        failure = self._take_failure(identifier, state) if state in ("FAILED", "ERROR") else None
        self._add_test(identifier, _STATES[state], failure, match["message"] or "")

    def _take_failure(self, identifier: str, state: str) -> Failure | None:
        """Returns the failure of this test, and removes it from the pending ones."""
        file, _, rest = identifier.partition("::")
        title = ".".join(parts(rest))
        for number, failure in enumerate(self._failures):
            wanted = failure.title.removeprefix("[doctest] ")
            if (failure.what != "") == (state == "ERROR") and wanted in (
                title,
                "",
                rest or file,
                file,
            ):
                return self._failures.pop(number)
        return None

    def _add_test(
        self, identifier: str, state: TestState, failure: Failure | None, message: str
    ) -> None:
        if (
            state in (TestState.FAILED, TestState.ERRORED)
            and message
            and not _OF_PARTS.match(message)
            and not (failure and failure.span)
        ):
            # Without a traceback, the summary is all there is.
            file = identifier.partition("::")[0]
            span = self.report.span(file, 1)
            test = identifier.partition("::")[2]
            text = f"{test}: {message}" if test else message
            self.add(span, Severity.ERROR, text, "pytest")
        if "::" in identifier:
            self._results.add(identifier, state, failure, message)
