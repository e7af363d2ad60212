"""Reads scalac 2 and 3, run by itself, by sbt (`[error]`) or by Maven (`[ERROR]`)."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit
from buildd.parsers.base import SEVERITIES
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.carets import CaretParser

_FILE = r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*\.(?:scala|sc|sbt|java))"
_LEVEL = re.compile(r"\[(?P<kind>error|warn|info|ERROR|WARNING|INFO)\] ?")
_SCALA_2 = re.compile(
    rf"(?:\[(?:[Ee]rror|[Ww]arn(?:ing)?|[Ii]nfo)\] )?{_FILE}:(?P<line>\d+)(?::(?P<column>\d+))?: "
    r"(?:(?P<kind>error|warning|info): )?(?P<message>.*)"
)
_SCALA_3 = re.compile(
    r"-- (?:\[(?P<code>E\d+)\] )?(?P<title>(?:[\w/' -]*? )?(?P<kind>Error|Warning|Info)): "
    rf"{_FILE}:(?P<line>\d+):(?P<column>\d+) -*$"
)
_MARGIN = re.compile(r"(?P<number>[ \d]*)\|(?P<text>.*)$")
_MARKS = re.compile(r" *(?P<marks>\^+)(?P<text>.*)$")


class Scalac(CaretParser):
    """Reads a source line and a caret of Scala 2, or a box with a margin of Scala 3.

    Columns count UTF-16 units.
    """

    TOOLS = "scalac, Scala 3, sbt, scala-maven-plugin"
    HINTS = (".scala:", ".sc:", ".sbt:", "[error] ", "[warn] ")
    STOP = re.compile(
        rf"{_FILE}:\d+|(?:\S+ )?(?:errors?|warnings?) found|-- .* -+$|$"
        r"|\((?:.* / )?\w+ */? *\w+\) |(?:Total time|Compilation failed)"
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._level = ""
        """What sbt prints before each line of the diagnostic."""
        self._is_box = False
        self._is_first = False
        """Whether only the title of a box was read."""

    def begin(self, line: str) -> bool:
        level = _LEVEL.match(line)
        rest = line[level.end() :] if level else line
        self._level = level[0] if level else ""
        self._is_box = False
        if match := _SCALA_3.match(rest):
            self._box(match)
            return True
        match = _SCALA_2.match(rest)
        if not match or (match["file"].endswith(".java") and not (level and match["column"])):
            return False
        kind = match["kind"] or (level["kind"] if level else "")
        if not kind:
            return False
        span = self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.UTF16
        )
        self.head(span, SEVERITIES[kind.lower()], match["message"], "scalac")
        return True

    def more(self, line: str) -> bool | None:
        if self._level:
            if not line.startswith(self._level.rstrip()):
                return False
            line = line[len(self._level) :]
        return self._more_box(line) if self._is_box else super().more(line)

    def _box(self, match: re.Match[str]) -> None:
        # Scala 3 counts columns from 0.
        column = int(match["column"]) + 1 if len(match["column"]) < 9 else None
        span = self.report.span(match["file"], match["line"], column, unit=ColumnUnit.UTF16)
        title = match["title"]
        self.at = self.report.add(
            span,
            SEVERITIES[match["kind"].lower()],
            title,
            "scalac",
            match["code"] or "",
        )
        self._is_box = True
        self._is_first = True

    def _more_box(self, line: str) -> bool:
        match = _MARGIN.match(line)
        if not match:
            return False
        text = match["text"]
        if match["number"].strip() or self.at is None:
            return True
        if self._is_first:
            marks = _MARKS.match(text)
            if marks:
                self._end(marks)
                text = marks["text"]
            elif not text.strip():
                return True
        text = text.strip()
        if not text.strip(" -") or text.startswith("longer explanation available when"):
            return True
        if self._is_first:
            self._is_first = False
            # The title names only the kind of error.
            self.report.amend(self.at, message=text)
        else:
            self.lengthen(text)
        return True

    def _end(self, marks: re.Match[str]) -> None:
        count = len(marks["marks"])
        if self.at is None or count < 2:
            return
        span = self.report.diagnostics[self.at].span
        if span.column and marks.start("marks") == span.column - 1:
            end = span.column + count
            self.report.amend(self.at, span=msgspec.structs.replace(span, end_column=end))
