"""Reads `deno check`, `deno lint`, `deno run` and `deno fmt`."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.web_files import web_file

_CHECK = re.compile(
    r"(?:error: )?(?P<code>TS\d+) \[(?P<kind>ERROR|WARNING|SUGGESTION)\]: (?P<message>.*)$"
)
_LINT = re.compile(r"(?:error|warning)\[(?P<code>[\w@/-]+)\]: (?P<message>.*)$")
_OLD_LINT = re.compile(r"\((?P<code>[a-z]+(?:-[a-z]+)+|ban-\w+|eqeqeq)\) (?P<message>\S.*)$")
_RUN = re.compile(r"\s*(?:error: )?(?P<message>\S.*)$")
_AT = re.compile(
    r"\s+at (?:async )?(?:[\w$.<>\[\] ]+ \()?(?P<file>file://[^\s()]+?|/[^\s()]+?):(?P<line>\d+):(?P<column>\d+)\)?$"
)
_ARROW = re.compile(
    r" *--> (?P<file>\S.*?\.(?:[cm]?[jt]sx?|jsonc?)):(?P<line>\d+):(?P<column>\d+)$"
)
_MARKS = re.compile(r"\s*(?:\| )?\s*(?P<marks>~+|\^+)\s*$")
_FORMAT = re.compile(r"from " + web_file() + ":$")
_DIFF = re.compile(r"\d* *\| [+-]")
_LIMIT = 40


class Deno(Parser):
    """Reads a message, the marked source, and `at file:///a.ts:1:2`, or for lint `--> /a.ts:1:2`.

    Columns count UTF-16 units.
    """

    TOOLS = "deno check, deno lint, deno run, deno fmt"
    HINTS = ("\nerror: ", "\nerror[", "\nwarning[", "TS", "\n(", "SyntaxError: ", "\nfrom ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: tuple[Severity, str, str] | None = None
        self._width = 0
        self._message: list[str] = []
        self._lines = 0
        self._is_lint = self._is_run = False
        self._format = ""

    def begin(self, line: str) -> bool | None:
        self._head, self._width, self._lines, self.at = None, 0, 0, None
        self._is_lint = self._is_run = False
        self._format = ""
        if match := _CHECK.match(line):
            kind = {"ERROR": Severity.ERROR, "WARNING": Severity.WARNING}.get(
                match["kind"], Severity.HINT
            )
            self._head = kind, match["message"], match["code"]
            return True
        if match := _LINT.match(line) or _OLD_LINT.match(line):
            self._head, self._is_lint = (Severity.ERROR, match["message"], match["code"]), True
            return None
        if match := _FORMAT.match(line):
            self._format = match["file"]
            return None
        if line.startswith("error: ") or line.lstrip().startswith("SyntaxError: "):
            match = _RUN.match(line)
            if match and match["message"]:
                self._head, self._is_run = (Severity.ERROR, match["message"], ""), True
                return None
        return False

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if self._format:
            return self._unformatted(line)
        if self._lines > _LIMIT:
            return False
        if self._head is None:
            return self._below(line)
        if match := _ARROW.match(line) if self._is_lint else _AT.match(line):
            return self._found(match)
        if self._is_lint:
            match = _AT.match(line)
            return self._found(match) if match else None if self._lines < 6 else False
        if match := _MARKS.match(line):
            self._width = len(match["marks"])
            if self._head[1].startswith("Uncaught "):
                return True
        elif not line.strip() and self._is_run:
            return False
        if self._is_run:
            # The place decides, unless no other tool prints such a frame below such a message.
            is_sure = self._head[1].startswith(("SyntaxError: ", "The module's source"))
            return True if is_sure and re.match(r"\s*\d* *\|", line) else None
        return True

    def _found(self, match: re.Match[str]) -> bool:
        assert self._head  # noqa: S101 (the caller has looked)
        severity, message, code = self._head
        file = match["file"]
        if self._is_run and (not file.startswith("file://") or "node_modules/" in file):
            return False
        self._head = None
        span = self.report.span(file, match["line"], match["column"], unit=ColumnUnit.UTF16)
        if span.column and self._width > 1:
            span = msgspec.structs.replace(span, end_column=span.column + self._width)
        self.add(span, severity, message, "deno", code)
        return True

    def _below(self, line: str) -> bool | None:
        if self._is_run and (match := _AT.match(line)):
            if match["file"].startswith("file://"):
                span = self.report.span(
                    match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
                )
                self.note(span, "called from here")
            return True
        if self._is_lint:
            if (match := _MARKS.match(line)) and self.at is not None:
                self._mark(len(match["marks"]))
            return bool(re.match(r" *\d* *\||  [=] |  docs: |$", line))
        return False

    def _mark(self, width: int) -> None:
        if self.at is not None and width > 1:
            span = self.report.diagnostics[self.at].span
            if span.column and span.end_column is None:
                span = msgspec.structs.replace(span, end_column=span.column + width)
                self.report.amend(self.at, span=span)

    def _unformatted(self, line: str) -> bool | None:
        if not _DIFF.match(line):
            return False
        if self.at is None:
            number = line.partition(" ")[0]
            span = self.report.span(self._format, number if number.isdecimal() else 1)
            self.add(span, Severity.ERROR, "would be reformatted", "deno")
        return True
