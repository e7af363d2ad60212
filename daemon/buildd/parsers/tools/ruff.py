"""Reads ruff's diagnostics with their source, and the formatters of ruff and black."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser, path
from buildd.parsers.report import ParseResult

_HEAD = re.compile(
    r"(?P<code>[A-Z]{1,4}\d{3,4}|invalid-syntax)(?: \[\*\])?:? (?P<message>\S.*)|"
    r"(?P<syntax>SyntaxError|invalid-syntax|unformatted): (?P<told>.*)"
)
_ARROW = re.compile(r" *--> (?P<file>[^\n]+?):(?:cell \d+:)?(?P<line>\d+):(?P<column>\d+)$")
_FULL = re.compile(
    path("py", "pyi", "ipynb")
    + r":(?P<line>\d+):(?P<column>\d+): (?P<code>SyntaxError): (?P<message>.*)"
)
_GROUP = re.compile(path("py", "pyi", "ipynb") + r":$")
_ROW = re.compile(
    r"  (?:cell \d+:)? *(?P<line>\d+):(?P<column>\d+) +(?P<code>[A-Z]{1,6}\d{3,4}|invalid-syntax)"
    r"(?: \[\*\])?:? (?P<message>\S.*)"
)
_MARKS = re.compile(r" *\| *(?P<marks>\^+)")
_CANNOT = re.compile(
    r"error: cannot format (?P<file>[^\n]+?): Cannot parse(?: for target version [\w. ]+)?: "
    r"(?P<line>\d+):(?P<column>\d+): (?P<message>.*)|"
    r"error: (?:Failed to|cannot) parse(?: for target version [\w. ]+)?:? (?P<file2>[^\n]+?):"
    r"(?P<line2>\d+):(?P<column2>\d+):?"
    r"(?P<message2>.*)"
)
_BLACK_MESSAGE = re.compile(r"(?:Token|Parse)Error: (?P<message>.*)")
"""What black prints below the source, since its version 26."""
_WOULD = re.compile(r"[Ww]ould reformat:? (?P<file>\S.*\.(?:py|pyi|ipynb))$")


_GROUPS = (
    "A", "AIR", "ANN", "ARG", "ASYNC", "B", "BLE", "C", "COM", "CPY", "D", "DJ", "DOC", "DTZ",
    "E", "EM", "ERA", "EXE", "F", "FA", "FAST", "FBT", "FIX", "FLY", "FURB", "G", "I", "ICN",
    "INP", "INT", "ISC", "LOG", "N", "NPY", "PD", "PERF", "PGH", "PIE", "PLC", "PLE", "PLR",
    "PLW", "PT", "PTH", "PYI", "Q", "RET", "RSE", "RUF", "S", "SIM", "SLF", "SLOT", "T", "TC",
    "TD", "TID", "TRY", "UP", "W", "YTT",
)  # fmt: skip
"""The prefixes of ruff's rule codes."""

_CODES = tuple(f"\n{group}{digit}" for group in _GROUPS for digit in range(10))


class Ruff(Parser):
    """Reads the code and the message, then the place, then the source with marks and a help.

    Columns count code points.
    """

    TOOLS = "ruff check (full, grouped), ruff format, black"
    HINTS = (
        "--> ",
        ".py:",
        ".pyi:",
        ".ipynb:",
        "\ninvalid-syntax: ",
        "\nunformatted: ",
        "\nerror: cannot ",
        "\nerror: Failed to parse ",
        "ould reformat",
        ": SyntaxError: ",
        *_CODES,
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: tuple[str, str] | None = None
        self._is_excerpt = False
        self._file = ""
        """The file whose group is being read."""

    def begin(self, line: str) -> bool | None:
        self._head, self._is_excerpt, self._file = None, False, ""
        if match := _HEAD.match(line):
            self._head = match["code"] or match["syntax"], match["message"] or match["told"]
            return None
        if match := _FULL.match(line):
            self._add(match["file"], match, match["code"], match["message"])
            return True
        if match := _GROUP.match(line):
            self._file = match["file"]
            return None
        if match := _CANNOT.match(line):
            kind = "2" if match["file2"] else ""
            span = self.report.span(
                match[f"file{kind}"],
                match[f"line{kind}"],
                match[f"column{kind}"],
                unit=ColumnUnit.CODE_POINT,
            )
            self.add(
                span,
                Severity.ERROR,
                match[f"message{kind}"].strip() or "cannot parse",
                "ruff" if kind and match["message2"].strip() else "black",
            )
            self._is_excerpt = kind != ""
            return True
        if match := _WOULD.match(line):
            span = self.report.span(match["file"], 1)
            self.add(span, Severity.INFORMATION, "would be reformatted", "format")
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._head:
            match = _ARROW.match(line)
            code, message = self._head
            self._head = None
            if not match:
                return False
            self._add(match["file"], match, code, message)
            return True
        if self._file:
            match = _ROW.match(line)
            if match:
                self._add(self._file, match, match["code"], match["message"])
            return match is not None
        if not self._is_excerpt:
            return False
        if match := _BLACK_MESSAGE.match(line):
            if self.at is not None:
                self.report.amend(self.at, message=match["message"])
            return True
        if match := _MARKS.match(line):
            self._mark(len(match["marks"]))
            return True
        return bool(line.strip()) and (
            line.startswith((" ", "help:", "note:", "|")) or line[:1].isdigit()
        )

    def _add(self, file: str, match: re.Match[str], code: str, message: str) -> None:
        is_syntax = code in ("SyntaxError", "invalid-syntax")
        severity = Severity.ERROR if is_syntax or code[0] in "EF" else Severity.WARNING
        if code == "unformatted":
            severity, code, is_syntax = Severity.INFORMATION, "", True
        span = self.report.span(file, match["line"], match["column"], unit=ColumnUnit.CODE_POINT)
        href = "" if is_syntax else f"https://docs.astral.sh/ruff/rules/{code}"
        self.at = self.report.add(span, severity, message, "ruff", code, href=href)
        self._is_excerpt = True

    def _mark(self, width: int) -> None:
        if self.at is not None:
            span = self.report.diagnostics[self.at].span
            if span.column and span.end_column is None:
                span = msgspec.structs.replace(span, end_column=span.column + width)
                self.report.amend(self.at, span=span)
