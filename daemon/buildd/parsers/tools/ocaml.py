"""Reads the OCaml compilers and dune."""

from __future__ import annotations

import re

from buildd.model import Severity, Span, Tag
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_PLACE = re.compile(
    r' *File "(?P<file>[^"\n]+)", lines? (?P<line>\d+)(?:-(?P<end_line>\d+))?'
    r"(?:, characters (?P<start>-?\d+)-(?P<end>-?\d+))?(?P<colon>:?)(?P<rest> .*)?$"
)
_MESSAGE = re.compile(
    r"(?P<kind>Error|Warning|Alert|Hint|Deprecated)(?: (?P<number>\d+))?"
    r"(?: \[(?P<name>[\w-]+)\])?(?: (?P<alert>[\w-]+))?"
    r"(?: \((?P<extra>[^)]*)\))?: (?P<message>.*)"
)
_ALERT_IS_ERROR = re.compile(r"Error \((?P<what>warning|alert)(?: (?P<number>\d+))?")
_EXCERPT = re.compile(r" *(?:\d+ \| .*|\d+ \||\.\.\.|[\^ .\t]*\^[\^ .\t]*)$")
_UNUSED = range(26, 40)


class Ocaml(Parser):
    """Reads a place, an excerpt, and the message. Characters are bytes from 0."""

    TOOLS = "ocamlc, ocamlopt, dune"
    HINTS = ('File "',)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._span: Span | None = None
        """A place whose message is still to come."""
        self._lines = 0

    def begin(self, line: str) -> bool:
        match = _PLACE.match(line)
        # Python prints places like this, but with the function or nothing after them.
        if not match or not match["colon"] or (match["rest"] or "").strip():
            return False
        self.at = None
        self._read_place(match)
        return True

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if self._span is not None and self._lines < 60:
            return self._await_message(line)
        if self.at is None:
            return False
        if match := _PLACE.match(line):
            # A message of its own may follow, or more about this one.
            if not match["colon"]:
                return False
            self._read_place(match)
            return True
        if line.startswith(" "):
            self._append(line.strip())
            return True
        if line.startswith(("Hint: ", "Here is an example", "(", "Some ", "None", "_", "->")):
            self._append(line.strip())
            return True
        return False

    def _append(self, line: str) -> None:
        if line and not _EXCERPT.match(line):
            self.lengthen(line)

    def _read_place(self, match: re.Match[str]) -> None:
        start, end = match["start"], match["end"]
        known = start is not None and not start.startswith("-") and end.isdecimal()
        if match["file"] in ("_none_", "command line", "<none>"):
            self._span = NOWHERE
        else:
            self._span = self.report.span(
                match["file"],
                match["line"],
                _plus_one(start) if known else None,
                match["end_line"],
                _plus_one(end) if known else None,
            )
        self._lines = 0

    def _await_message(self, line: str) -> bool | None:
        assert self._span is not None  # noqa: S101 (the caller has looked)
        if match := _MESSAGE.match(line):
            span, self._span = self._span, None
            self._found(span, match)
            return True
        if self._lines and _EXCERPT.match(line):
            return True
        if self.at is not None and line.startswith("  ") and line.strip():
            # It is a place that the message before refers to.
            self.note(self._span, line.strip())
            self._span = None
            return True
        if match := _PLACE.match(line):
            self._read_place(match)
            return True
        # It is source without a margin, as older versions print it.
        is_source = self._lines <= 2 and bool(line.strip())
        if not is_source:
            self._span, self.at = None, None
        return True if is_source else False  # noqa: SIM210 (three-valued)

    def _found(self, span: Span, match: re.Match[str]) -> None:
        kind, number = match["kind"], match["number"]
        code = match["name"] or ""
        severity = Severity.ERROR if kind == "Error" else Severity.WARNING
        if extra := _ALERT_IS_ERROR.match(match[0]):
            number = extra["number"]
            code = code or match["name"] or ""
            if inner := re.search(r"\[([\w-]+)\]", match["extra"] or ""):
                code = inner[1]
        elif kind == "Alert":
            code = match["alert"] or ""
        if number and not code:
            code = number
        tags: tuple[Tag, ...] = ()
        if number and number.isdecimal() and int(number) in _UNUSED:
            tags = (Tag.UNNECESSARY,)
        elif code == "deprecated":
            tags = (Tag.DEPRECATED,)
        self.at = self.report.add(span, severity, match["message"], "ocaml", code, tags=tags)


def _plus_one(number: str) -> int:
    return int(number) + 1 if len(number) < 9 else 0
