"""Reads `next build` and react-scripts: a file, and below it what is wrong with it."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.web_files import from_zero, is_frame, web_file

_HEAD = re.compile(web_file() + r"(?::(?P<line>\d+):(?P<column>\d+))?(?: \[.*\])?$")
_MESSAGE = re.compile(
    r"(?:(?P<kind>Type error|Error|Syntax error|Syntax Error|Failed to compile): |"
    r"(?=(?:Error: )?Module not found: |Parsing (?:ecmascript|css) source code failed"
    r"|Attempted import error: |Ecmascript file had an error|Export \S+ doesn't exist))"
    r"(?P<message>(?! +[x×] )\S.*?)(?: \((?P<line>\d+):(?P<column>\d+)\))*$"
)
_REACT = re.compile(r"TypeScript error in " + web_file() + r"\((?P<line>\d+),(?P<column>\d+)\):$")
_CODE = re.compile(r"(?P<message>.*?)  +(?P<code>TS\d+)$")
_WHY = re.compile(r"[A-Z\"'`].*[\w.'\"`)]$")


class Next(Parser):
    """Reads `./a.tsx:1:2` and `Type error: …` or `Module not found: …` below.

    Old react-scripts print `TypeScript error in /a.tsx(1,2):`. Columns count UTF-16 units.
    """

    TOOLS = "next build, react-scripts build"
    HINTS = (
        *(
            f".{extension}"
            for extension in ("js", "ts", "css", "scss", "sass", "mdx", "json", "mjs", "cjs")
        ),
        "\nModule not found: ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        self._is_react = False
        self._is_first = True
        self._lines = 0

    def begin(self, line: str) -> bool | None:
        self._is_first, self._lines, self.at = True, 0, None
        self._head = _REACT.match(line)
        self._is_react = self._head is not None
        if self._head:
            return True
        if line.startswith("Module not found: "):
            # react-scripts does not print the place.
            self.add(NOWHERE, Severity.ERROR, line, "webpack")
            return True
        self._head = _HEAD.match(line)
        return None if self._head else False

    def more(self, line: str) -> bool | None:
        head = self._head
        if head is None:
            return False
        self._lines += 1
        if self._is_first:
            return self._first(line, head)
        if is_frame(line):
            self._lines = 100
            return True
        if not line.strip():
            return True
        if (
            self._lines < 10
            and self.at is not None
            and self.report.diagnostics[self.at].source == "tsc"
        ) and line.startswith("  "):
            self.lengthen(line.strip())
            return True
        return False

    def _first(self, line: str, head: re.Match[str]) -> bool | None:
        self._is_first = False
        if self._is_react:
            match = _CODE.match(line)
            span = self.report.span(
                head["file"], head["line"], head["column"], unit=ColumnUnit.UTF16
            )
            self.add(
                span,
                Severity.ERROR,
                match["message"] if match else line,
                "tsc",
                match["code"] if match else "",
            )
            return True
        match = _MESSAGE.match(line)
        if not match:
            return False
        kind = match["kind"] or ""
        number, column = head["line"], int(head["column"]) if head["column"] else None
        if not number and match["line"]:
            number, column = match["line"], from_zero(match["column"])
        span = self.report.span(head["file"], number or 1, column, unit=ColumnUnit.UTF16)
        source = "tsc" if kind == "Type error" else "next"
        self.add(span, Severity.ERROR, match["message"], source)
        return True
