"""pytest in every style of its tracebacks."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import Report
from buildd.parsers.traceback import is_other

_SECTION = re.compile(
    r"=+ (?P<name>FAILURES|ERRORS|warnings summary|short test summary info|PASSES) ?.*=+$"
)
_OTHER_SECTION = re.compile(r"=+ .+ =+$|=+$")
_TITLE = re.compile(
    r"_{3,} (?:(?P<what>ERROR (?:at (?:setup|teardown) of|collecting)) )?(?P<name>.+?) _{3,}$"
)
_CAPTURED = re.compile(r"-{5,} Captured .* -{5,}$")
_PLACE = re.compile(r"(?P<file>[^\s:][^:\n]*\.\w+):(?P<line>\d+): (?P<what>.*)$")
_FRAME = re.compile(r' *File "(?P<file>[^"\n]+)", line (?P<line>\d+)')
_ASSERTION = re.compile(r"E   (?P<message>.*)")
_VERBOSE = re.compile(
    r"(?:\[gw\d+\] (?:\[ *\d+%\] )?)?(?:(?P<first>PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) )?"
    r"(?P<id>[^\s:][^:\n]*\.py::\S(?:[^\n]*?\S)?)"
    r"(?: (?P<state>PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)(?: \(.*\))?(?: +\[ *\d+%\])?)?\s*$"
)
_SUMMARY = re.compile(
    r"(?P<state>(?:SUB)?FAILED|ERROR)(?:\([^)\n]*\))? (?P<id>[^\s:][^:\n]*\.py(?:::\S(?:[^\n]*?\S)?)?)(?: - (?P<message>.*))?$"
)
_WARNING = re.compile(
    r"  (?P<file>/?[^\s:][^:\n]*\.py):(?P<line>\d+): (?P<code>\w*Warning): (?P<message>.*)$"
)
_LINE_STYLE = re.compile(r"(?P<file>/?[^\s:][^:\n]*\.py):(?P<line>\d+): (?P<message>.+)$")

_STATES = {
    "PASSED": TestState.PASSED,
    "XFAIL": TestState.PASSED,
    "FAILED": TestState.FAILED,
    "SUBFAILED": TestState.FAILED,
    "XPASS": TestState.FAILED,
    "ERROR": TestState.ERRORED,
    "SKIPPED": TestState.SKIPPED,
}


class Pytest(Parser):
    """Each failing test is one finding: where the test itself, or what it calls, failed."""

    TOOLS = "pytest"
    LEVEL = ("text", "tests")
    HINTS = (
        "= FAILURES =",
        "= ERRORS =",
        "= warnings summary ",
        "= short test summary info",
        ".py::",
        "\nERROR ",
    )

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._section = ""
        self._title = ""
        self._collecting = False
        self._is_captured = False
        self._is_native = False
        self._places: list[Span] = []
        self._message: list[str] = []
        self._failures: dict[str, tuple[Span, str]] = {}
        """Place and message by the title of a failure: `test_x` or `TestClass.test_x`."""
        self._untitled: list[tuple[Span, str]] = []

    def begin(self, line: str) -> bool:
        if match := _SECTION.match(line):
            self._close()
            self._section = match["name"]
            return True
        if (match := _VERBOSE.match(line)) and (match["state"] or match["first"]):
            state = match["state"] or match["first"]
            if not _SUMMARY.match(line):
                self._add_test(match["id"], _STATES[state], "")
                return True
        if match := _SUMMARY.match(line):
            self._summary(match)
            return True
        return False

    def more(self, line: str) -> bool | None:
        if not self._section:
            return False
        if match := _SECTION.match(line):
            self._close()
            self._section = match["name"]
            return True
        if _OTHER_SECTION.match(line):
            self._close()
            self._section = ""
            return True
        if self._section in ("FAILURES", "ERRORS"):
            self._failure(line)
        elif self._section == "warnings summary":
            self._warning(line)
        elif self._section == "short test summary info" and (match := _SUMMARY.match(line)):
            self._summary(match)
        return True

    def finish(self) -> None:
        self._close()

    # --- failures

    def _failure(self, line: str) -> None:
        if match := _TITLE.match(line):
            self._close()
            self._title = match["name"]
            self._collecting = match["what"] == "ERROR collecting"
        elif _CAPTURED.match(line):
            self._is_captured = True
        elif self._is_captured:
            return
        elif match := _ASSERTION.match(line):
            self._message.append(match["message"].rstrip())
            if found := _FRAME.match(match["message"]):
                self._places.append(self.report.span(found["file"], found["line"]))
        elif match := _PLACE.match(line):
            self._places.append(self.report.span(match["file"], match["line"]))
            if not self._title:
                # --tb=line: the place and the message in one, below the lines of the message.
                self._untitled.append((self._places[-1], match["what"]))
                self._title = match["what"]
                self._close()
        elif match := _FRAME.match(line):
            self._is_native = True
            self._places.append(self.report.span(match["file"], match["line"]))
        elif self._is_native and line and not line[0].isspace() and not self._message:
            # --tb=native ends with the exception itself.
            self._message.append(line)

    def _close(self) -> None:
        """The failure under way is complete."""
        title, places, message = self._title, self._places, self._message
        self._title, self._places, self._message = "", [], []
        self._is_captured = self._is_native = False
        if not title:
            return
        if not places and self._collecting:
            places = [self.report.span(title, 1)]
        own = [one for one in places if not is_other(one.file)] or places
        if not own:
            return  # the summary will name the file
        *outer, inner = own
        text = "\n".join(message[:20]) or "failed"
        self.add(inner, Severity.ERROR, text, "pytest")
        for one in outer[-20:]:
            if one != inner:
                self.note(one, "called from here")
        # A sub-test has its parameters behind its name.
        self._failures[title.partition(" (")[0]] = inner, text

    # --- what else is told

    def _warning(self, line: str) -> None:
        if (match := _WARNING.match(line)) and not is_other(match["file"]):
            span = self.report.span(match["file"], match["line"])
            self.add(span, Severity.WARNING, match["message"], "pytest", match["code"])
        elif self.at is not None and line.startswith("    "):
            return

    def _summary(self, match: re.Match[str]) -> None:
        self._close()
        self._add_test(match["id"], _STATES[match["state"]], match["message"] or "")

    def _add_test(self, identifier: str, state: TestState, message: str) -> None:
        file, _, rest = identifier.partition("::")
        if not rest:
            return  # a file that could not be collected holds no test that is known
        # A parameter may hold the separator.
        name, bracket, parameter = rest.partition("[")
        path = (file, *name.split("::")[:-1], name.split("::")[-1] + bracket + parameter)
        title = ".".join(path[1:])
        span, text = self._failures.get(title) or self._untitled_failure(message)
        if state in (TestState.FAILED, TestState.ERRORED) and span is None and message:
            # Without a traceback the summary is all there is.
            self.add(self.report.span(file, 1), Severity.ERROR, f"{title}: {message}", "pytest")
        self.report.add_test(path, state, "pytest", message=text or message, span=span)

    def _untitled_failure(self, message: str) -> tuple[Span | None, str]:
        """The place that stands with a message; the summary cuts it short."""
        start = message.removesuffix("...")
        for number, (span, text) in enumerate(self._untitled):
            if start and text.startswith(start):
                del self._untitled[number]
                return span, text
        return None, message
