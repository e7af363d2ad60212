"""Reads ty and Pyrefly, type checkers for Python that print like rustc."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Span
from buildd.parsers.base import SEVERITIES, Parser, path
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.rustc_excerpt import Rows

_HEAD = re.compile(
    r"(?P<kind>error|warning|info|fatal)(?:\[(?P<code>[\w:-]+)\]: | ?: lint:(?P<lint>[\w-]+): )"
    r"(?P<message>\S.*)"
)
_PYREFLY = re.compile(r" *(?P<kind>ERROR|WARN|INFO) (?P<message>\S.*?) \[(?P<code>[a-z][a-z-]+)\]$")
_PLACE = r"(?:cell \d+:)?(?P<line>\d+):(?P<column>\d+)"
_ARROW = re.compile(rf" *--> (?P<file>[^\n]+?\.(?:pyi?|ipynb)):{_PLACE}$")
_OTHER = re.compile(rf" *::: (?P<file>[^\n]+?\.(?:pyi?|ipynb)):{_PLACE}$")
_SUB = re.compile(r"(?P<kind>info|help|warning): (?P<message>.*)")
_CONCISE = re.compile(
    path("py", "pyi", "ipynb")
    + rf":{_PLACE}: (?P<kind>error|warning|info|fatal)\[(?P<code>[\w:-]+)\] (?P<message>\S.*)"
)
_ONE_LINE = re.compile(
    r" *(?P<kind>ERROR|WARN|INFO) "
    + path("py", "pyi", "ipynb")
    + r":(?P<line>\d+):(?P<column>\d+)-(?:(?P<end_line>\d+):)?(?P<end_column>\d+): "
    r"(?P<message>\S.*?) \[(?P<code>[a-z][a-z-]+)\]$"
)


class Ty(Parser):
    """Reads a first line with the rule, its place, an excerpt with marks, and placed notes.

    Columns count code points.
    """

    TOOLS = "ty, Pyrefly"
    HINTS = (
        "\nerror[",
        "\nwarning[",
        "\ninfo[",
        "\nfatal[",
        ": lint:",
        "ERROR ",
        "WARN ",
        "INFO ",
        ": error[",
        ": warning[",
        ": info[",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: tuple[str, str, str, str] | None = None
        """The severity, message, source and code of a diagnostic whose place is still to come."""
        self._source = "ty"
        self._place: Span | None = None
        """The place that the current excerpt shows."""
        self._sub: str | None = None
        """The note that the current excerpt belongs to; None for the diagnostic itself."""
        self._remark = ""
        """The last remark, while a place of its own may follow."""
        self._rows = Rows()

    def begin(self, line: str) -> bool | None:
        self._head, self._place, self._sub = None, None, None
        if match := _CONCISE.match(line):
            self._add(self._span(match), match["kind"], match["message"], "ty", match["code"])
            return True
        if match := _ONE_LINE.match(line):
            span = self._span(match)
            self._add(span, match["kind"], match["message"], "pyrefly", match["code"])
            return True
        match = _HEAD.match(line) or _PYREFLY.match(line)
        if not match:
            return False
        is_ty = match["kind"].islower()
        code = match["code"] or match.groupdict().get("lint") or ""
        source = "ty" if is_ty else "pyrefly"
        self._head = match["kind"], match["message"], source, code.removeprefix("lint:")
        # Rust's first lines look the same: the place will tell.
        return None

    def more(self, line: str) -> bool:
        if self._head:
            kind, message, source, code = self._head
            self._head = None
            match = _ARROW.match(line)
            if not match:
                return False
            self._source = source
            self._add(self._span(match), kind, message, source, code)
            self._open(self._span(match), None)
            return True
        if self._place is None and self._sub is None:
            return False
        if self._rows.feed(line):
            return True
        self._read_rows()
        if match := _ARROW.match(line) or _OTHER.match(line):
            sub = self._sub
            self._open(self._span(match), sub or "")
            self._remark = ""
            if sub and self._place:
                self.note(self._place, sub)
            return True
        self._add_remark()
        if match := _SUB.match(line):
            self._place, self._sub = None, match["message"]
            self._remark = f"{match['kind']}: {match['message']}"
        elif self._source == "pyrefly" and line.startswith("  ") and line.strip():
            self.lengthen(line.strip())
        else:
            self._place, self._sub = None, None
            return False
        return True

    def finish(self) -> None:
        if self._place:
            self._read_rows()
        self._add_remark()

    def _add_remark(self) -> None:
        remark, self._remark = self._remark, ""
        if remark:
            self.lengthen(remark)

    def _add(self, span: Span, kind: str, message: str, source: str, code: str) -> None:
        href = f"https://ty.dev/rules#{code}" if source == "ty" else ""
        if source == "pyrefly":
            href = f"https://pyrefly.org/en/docs/error-kinds/#{code}"
        severity = SEVERITIES[kind.lower()]
        self.at = self.report.add(span, severity, message, source, code, href=href)

    def _open(self, place: Span, sub: str | None) -> None:
        self._place, self._sub, self._rows = place, sub, Rows()

    def _read_rows(self) -> None:
        rows, self._rows = self._rows, Rows()
        place = self._place
        if self.at is None or place is None or place.column is None:
            return
        for mark in rows.marks(place.line, place.column):
            span = mark.span(place.file)
            is_here = mark.is_primary and (mark.line, mark.column) == (place.line, place.column)
            if is_here and self._sub is None:
                self.report.amend(self.at, span=span)
                if mark.label:
                    self.lengthen(mark.label)
            elif is_here:
                self.move_notes(place, span)
            elif mark.label:
                self.note(span, mark.label)

    def _span(self, match: re.Match[str]) -> Span:
        group = match.groupdict()
        return self.report.span(
            match["file"],
            match["line"],
            match["column"],
            group.get("end_line"),
            group.get("end_column"),
            ColumnUnit.CODE_POINT,
        )
