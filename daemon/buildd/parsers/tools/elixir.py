"""Reads Elixir's mix, elixirc and ExUnit."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity, Span, Tag, TestState
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:()\[\]]+\.(?:exs?|eex|heex|leex|erl|yrl|xrl))"
_BOX_HEAD = re.compile(r" *(?:\d+\) )?(?P<kind>error|warning): (?P<message>\S.*)$")
_BOX_END = re.compile(rf" *└─ {_FILE}:(?P<line>\d+)(?::(?P<column>\d+))?(?:: (?P<where>.*))?$")
_BOX = re.compile(r" *(?:(?P<number>\d+) )?│(?: (?P<text>.*))?$")
_EXCERPT = re.compile(r" *(?:\d+ )?\|(?: |$)")
_MARK = re.compile(r" *(?P<mark>[\^~]+)$")
_OLD_PLACE = re.compile(rf"  {_FILE}:(?P<line>\d+)(?::(?P<column>\d+))?(?:: (?P<where>.*))?$")
_RAISED = re.compile(
    rf"\*\* \((?P<type>[\w.]*Error)\) {_FILE}:(?P<line>\d+)(?::(?P<column>\d+))?: (?P<message>.*)"
)
_UNPLACED = re.compile(r"\*\* \((?P<type>(?:\w+\.)*\w*(?:Error|Mix))\) (?P<message>.*)")
_SUMMARY = re.compile(
    r"(?:\S+: )?cannot compile module |could not compile |token missing on |mismatched delimiter |"
    r"syntax error found at |invalid syntax found on |unexpected "
)
_FRAME = re.compile(rf" +(?:\([\w.-]+ [\w.-]+\) )?{_FILE}:(?P<line>\d+): ")
_OWN_FRAME = re.compile(rf" +{_FILE}:(?P<line>\d+): ")
_FAILURE = re.compile(r" *(?P<number>\d+)\) (?:test|doctest|property|feature) (?P<name>.*) "
                      r"\((?P<module>[\w.]+)\)$")  # fmt: skip
_PLACE_OF_TEST = re.compile(rf" {{5}}{_FILE}:(?P<line>\d+)$")
_TRACE = re.compile(
    r"  \* (?:test|doctest|property) (?P<name>.+?) (?:\((?P<time>[\d.]+)ms\)|\((?P<skip>skipped|"
    r"excluded)\))(?: \[L#\d+\])?$"
)
_MODULE = re.compile(r"(?P<module>[A-Z][\w.]*) \[(?P<file>[^\]\s]+\.exs)\]$")
_FINISHED = re.compile(r"Finished in [\d.]+ seconds")
_MAX_LINES = 200


class Elixir(Parser):
    """Reads diagnostics and test results.

    From Elixir 1.15 on a diagnostic is a box with the place below; before, the place is on the next
    line. Columns count code points.
    """

    TOOLS = "mix, elixirc, ExUnit"
    LEVEL = ("text", "tests")
    HINTS = (
        "└─ ",
        "error: ",
        "warning: ",
        "\n** (",
        ") test ",
        ") doctest ",
        ") property ",
        "  * test ",
        "  * doctest ",
        "  * property ",
        ".exs]",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._pending: tuple[Severity, str] | None = None
        """The severity and the message of a diagnostic whose place is still to come."""
        self._mark = 0
        self._is_box = False
        self._lines = 0
        self._state = ""
        self._module: tuple[str, ...] = ()
        self._test: tuple[str, ...] = ()
        self._span: Span | None = None
        self._message: list[str] = []
        self._is_elixir = False
        self._failed: set[tuple[str, ...]] = set()

    def begin(self, line: str) -> bool | None:
        self._state, self._lines = "", 0
        if match := _BOX_END.match(line):
            return self._pending is not None and self._placed(match)
        if match := _RAISED.match(line):
            self._pending = None
            self._add(match, Severity.ERROR, match["message"], match["type"])
            self._state = "raised"
        elif match := _UNPLACED.match(line):
            return self._raised(match)
        elif match := _FAILURE.match(line):
            self._test = match["module"], match["name"]
            self._span, self._message, self._state = None, [], "failure"
        elif match := _TRACE.match(line):
            self._traced(match)
        elif match := _MODULE.match(line):
            self._module = (match["module"],)
        elif match := _BOX_HEAD.match(line):
            severity = Severity.ERROR if match["kind"] == "error" else Severity.WARNING
            self._pending, self._mark, self._state = (severity, match["message"]), 0, "head"
            self._is_box = line.startswith(" ")
            # Until its place is read, it may be another tool's line.
            return None
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if self._lines > _MAX_LINES:
            return False
        if self._state == "head":
            return self._await_place(line)
        if self._state == "raised":
            return self._after_raise(line)
        if self._state == "failure":
            return self._failure(line)
        return False

    def finish(self) -> None:
        self._end_failure()

    # --- diagnostics

    def _await_place(self, line: str) -> bool | None:
        if match := _BOX_END.match(line) or (_OLD_PLACE.match(line) if self._lines < 30 else None):
            return self._placed(match)
        if self._is_box and (match := _BOX.match(line)):
            mark = _MARK.match(match["text"] or "")
            if mark and not match["number"]:
                self._mark = len(mark["mark"])
            elif not match["number"] and "└" in (match["text"] or "") and self._pending:
                severity, message = self._pending
                self._pending = severity, f"{message}\n{(match['text'] or '').strip(' └')}"
            return True
        if line.startswith("    ") and self._lines < 30 and self._pending and line.strip():
            severity, message = self._pending
            self._pending = severity, f"{message}\n{line.strip()}"
            return None
        if not line.strip():
            return None
        # Old versions do not indent the further lines of a message.
        if self._lines < 30 and not _BOX_HEAD.match(line):
            return None
        self._pending = None
        return False

    def _placed(self, match: re.Match[str]) -> bool:
        assert self._pending  # noqa: S101 (the caller has looked)
        (severity, message), self._pending, self._state = self._pending, None, ""
        self._is_elixir = True
        self._add(match, severity, message, "")
        return True

    def _add(self, match: re.Match[str], severity: Severity, message: str, code: str) -> None:
        span = self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT
        )
        # A single mark shows only where it begins.
        if self._mark > 1 and span.column:
            span = msgspec.structs.replace(span, end_column=span.column + self._mark)
        self._mark = 0
        tags: tuple[Tag, ...] = ()
        if " is unused" in message or message.startswith(("unused ", "this clause cannot match")):
            tags = (Tag.UNNECESSARY,)
        elif "is deprecated" in message:
            tags = (Tag.DEPRECATED,)
        self.at = self.report.add(span, severity, message, "elixir", code, tags=tags)

    def _raised(self, match: re.Match[str]) -> bool:
        self._pending = None
        if _SUMMARY.match(match["message"]):
            # The error itself was printed before, or follows in a box.
            self._is_elixir, self._state = True, ""
            return True
        kind = match["type"]
        if kind == "Mix":
            self.add(NOWHERE, Severity.ERROR, match["message"], "mix")
            return True
        self._message, self._state = [match["message"]], "raised"
        self._span, self._type = None, kind
        self.at = None
        return True

    def _after_raise(self, line: str) -> bool | None:
        """Reads the frames below an exception, or more of its message."""
        if _EXCERPT.match(line):
            return True
        if _FRAME.match(line):
            own = _OWN_FRAME.match(line)
            if own and not own["file"].startswith("lib/elixir"):
                span = self.report.span(own["file"], own["line"])
                if self.at is None and self._message:
                    self.add(span, Severity.ERROR, "\n".join(self._message), "elixir", self._type)
                    self._message = []
                elif self.at is not None and not _is_same(
                    self.report.diagnostics[self.at].span, span
                ):
                    self.note(span, "called from here")
            return True
        if not _BOX_HEAD.match(line) and line.startswith("    ") and line.strip():
            if self.at is not None:
                self.lengthen(line.strip())
            return True
        return False

    # --- tests

    def _traced(self, match: re.Match[str]) -> None:
        state = TestState.SKIPPED if match["skip"] else TestState.PASSED
        path = (*self._module, match["name"])
        if path not in self._failed:
            time = float(match["time"]) / 1000 if match["time"] else None
            self.report.add_test(path, state, "ExUnit", duration=time)

    def _failure(self, line: str) -> bool | None:
        if self._span is None and not self._message and (match := _PLACE_OF_TEST.match(line)):
            self._span = self.report.span(match["file"], match["line"])
            return True
        if not line.strip():
            # An empty line ends a failure, but the message may hold some, too.
            return True
        if not line.startswith("     "):
            self._end_failure()
            return False
        self._message.append(line[5:])
        return True

    def _end_failure(self) -> None:
        if self._span is None:
            return
        text, self._message, place, self._span = self._message, [], self._span, None
        frames = [match for line in text if (match := _FRAME.match(f"     {line}"))]
        words = []
        for line in text:
            if line.startswith(("stacktrace:", "The following output was logged")):
                break
            words.append(line)
        span = place
        for match in frames:
            found = self.report.span(match["file"], match["line"])
            if _OWN_FRAME.match(match[0]):
                span = found
                break
        message = "\n".join(words)
        self.add(span, Severity.ERROR, message, "ExUnit")
        if span != place:
            self.note(place, "the test")
        self._failed.add(self._test)
        self.report.add_test(self._test, TestState.FAILED, "ExUnit", message=message, span=span)


def _is_same(span: Span, other: Span) -> bool:
    return (span.file, span.line) == (other.file, other.line)
