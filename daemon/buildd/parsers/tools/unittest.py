"""Reads the results of Python's unittest and doctest."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.python_trace import CHAINS, START, Trace

_TEST = r"(?P<name>[\w<>.]+) \((?P<group>[\w.<>]+)\)"
_HEAD = re.compile(
    rf"(?P<kind>FAIL|ERROR|UNEXPECTED SUCCESS): {_TEST}(?P<sub> [\[(].*)?(?: \.\.\..*)?$"
)
_STATE = r"(?P<state>ok|FAIL|ERROR|skipped\b.*|expected failure|unexpected success)$"
_VERBOSE = re.compile(rf"{_TEST}(?: \.\.\. |.* \.\.\. ){_STATE}")
_DESCRIBED = re.compile(rf"{_TEST}(?: \.\.\. .*)?$")
_DESCRIPTION = re.compile(rf"(?:.* )?\.\.\. {_STATE}")
_ALONE = re.compile(_STATE)
_DOCTEST = re.compile(r'File "(?P<file>[^"\n]+)", line (?P<line>\d+), in (?P<name>.+)$')
_RULE = re.compile(r"-{70}$|={70}$")
_GROUP = re.compile(r" {2,}\| (?P<text>.*)$")
_TYPE = re.compile(r"(?:[\w.]*\.)?(?P<type>[A-Za-z_]\w*)(?::|$)")
_STATES = {
    "ok": TestState.PASSED,
    "FAIL": TestState.FAILED,
    "UNEXPECTED SUCCESS": TestState.FAILED,
    "unexpected success": TestState.FAILED,
    "ERROR": TestState.ERRORED,
    "expected failure": TestState.PASSED,
}


class Unittest(Parser):
    """Reads one block per failed test, between lines of `=` and `-`.

    A block holds a traceback, or what a doctest's examples printed.
    """

    TOOLS = "Python's unittest, doctest"
    LEVEL = ("text", "tests")
    HINTS = (
        "\nFAIL",
        "\nERROR",
        "\nUNEXPECTED SUCCESS: ",
        "\ntest",
        "\nok",
        " ... ok",
        " ... FAIL",
        " ... ERROR",
        " ... skipped",
        " ... expected failure",
        " ... unexpected success",
        "\n*****",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        self._state = ""
        """What is being read: in a block `title`, `trace`, `message` or `output`, elsewhere
        `described` or `doctest`.
        """
        self._trace = Trace(report)
        self._message: list[str] = []
        self._lines: list[str] = []
        self._is_group = False
        """Whether the block is of an exception group, whose lines have bars before them."""
        self._running: re.Match[str] | None = None
        """The test whose result was not on its own line."""
        self._place: Span | None = None
        """The place of the current example."""
        self._example: Span | None = None
        """The place of the block's first example."""
        self._got: list[str] = []

    def begin(self, line: str) -> bool | None:
        self._state, self._head, self._place, self._example = "", None, None, None
        if match := _HEAD.match(line):
            self._begin_block(match)
            return True
        if match := _VERBOSE.match(line):
            self._add_test(match, _state(match), "", None)
            self._running = None
            return True
        if self._running and (match := _ALONE.match(line)):
            self._add_test(self._running, _state(match), "", None)
            self._running = None
            return True
        if match := _DESCRIBED.match(line):
            self._running, self._state = match, "described"
            return None
        if line and not line.strip("*") and len(line) > 60:
            self._state = "doctest"
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._state == "described":
            return self._described(line)
        if self._state == "doctest":
            return self._doctest_line(line)
        if not self._head:
            return False
        if line.startswith("=" * 70) or (line.startswith("Ran ") and line.endswith("s")):
            self._end()
            return False
        if (match := _DOCTEST.match(line)) and self._state == "message":
            self._begin_example(match)
            self._state = "example"
        elif self._state == "example":
            if _RULE.match(line):
                self._end_example()
                self._state = "message"
            else:
                self._got.append(line)
        else:
            self._read(line)
        return True

    def finish(self) -> None:
        if self._head:
            self._end()
        elif self._place:
            self._end_example()

    # --- blocks

    def _begin_block(self, match: re.Match[str]) -> None:
        self._head, self._state = match, "title"
        self._trace, self._message, self._lines = Trace(self.report), [], []
        if match["kind"] == "UNEXPECTED SUCCESS":
            self._add_test(match, TestState.FAILED, "unexpected success", None)
            self._head = None

    def _read(self, line: str) -> None:
        if len(self._lines) < 60:
            self._lines.append(line)
        if line == START or line == f"  + Exception Group {START}":
            self._is_group = line != START
            if self._state != "message" or not self._message:
                self._state = "trace"
        elif line in CHAINS:
            self._trace.end("\n".join(self._message).strip())
            self._trace.chain()
            self._state, self._message = "trace", []
        elif line in ("Stdout:", "Stderr:"):
            self._state = "output"
        elif self._state == "trace":
            self._read_trace(line)
        elif self._state == "message" and len(self._message) < 40 and not _RULE.match(line):
            if self._is_group:
                line = match["text"] if (match := _GROUP.match(line)) else ""
            self._message.append(line)

    def _read_trace(self, line: str) -> None:
        match = _GROUP.match(line) if self._is_group else None
        text = match["text"] if match else line
        if not self._trace.frame(text) and text[:1].strip() and not text.startswith("-"):
            self._message, self._state = [text], "message"

    def _end(self) -> None:
        self._end_example()
        head, self._head, self._state = self._head, None, ""
        message = "\n".join(self._message).strip()
        if not head or not message:
            return
        state = _STATES[head["kind"]]
        if self._example:
            self._add_test(head, state, message.partition("\n")[0], self._example)
            return
        span = self._trace.span
        kind = _TYPE.match(message)
        self.at = self.report.add(
            span,
            Severity.ERROR,
            message,
            "unittest",
            kind["type"] if kind else "",
            related=self._trace.notes(),
            rendered="\n".join(self._lines),
        )
        self._add_test(head, state, message, span if span.file else None)

    # --- results

    def _described(self, line: str) -> bool:
        """Reads the line below a test with a docstring: the docstring and the result."""
        self._state = ""
        match = _DESCRIPTION.match(line)
        if match and self._running:
            self._add_test(self._running, _state(match), "", None)
            self._running = None
        return match is not None

    def _add_test(
        self, match: re.Match[str], state: TestState, message: str, span: Span | None
    ) -> None:
        group, name = match["group"], match["name"]
        # Since Python 3.11 the group ends with the name.
        group = group.removesuffix(f".{name}")
        name += match.groupdict().get("sub") or ""
        path = (*filter(None, group.split(".")), name)
        self.report.add_test(path, state, "unittest", message=message, span=span)

    # --- examples

    def _doctest_line(self, line: str) -> bool:
        if self._place is None:
            match = _DOCTEST.match(line)
            if match:
                self._begin_example(match)
            return match is not None
        if not line or line.startswith("***"):
            self._end_example()
            return bool(line)
        self._got.append(line)
        return True

    def _begin_example(self, match: re.Match[str]) -> None:
        self._place = self.report.span(match["file"], match["line"])
        self._example = self._example or self._place
        self._got = []

    def _end_example(self) -> None:
        if self._place:
            message = "\n".join(self._got[:40])
            self.add(self._place, Severity.ERROR, message, "doctest")
        self._place = None


def _state(match: re.Match[str]) -> TestState:
    return _STATES.get(match["state"], TestState.SKIPPED)
