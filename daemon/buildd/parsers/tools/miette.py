"""Reads diagnostics as the Rust libraries miette and ariadne print them.

They draw a frame, whose top names the place.
"""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import SEVERITIES, Parser
from buildd.parsers.report import ParseResult

_HEAD = re.compile(r"(?:Error: |Syntax Error: )?\s{0,6}(?P<sign>[x×⚠!☞>]) (?P<message>\S.*)$")
_TOP = re.compile(
    r"\s*(?:╭─|,-)\[ ?(?P<file>[^\]\n]*?[^\]\s]|[^\n]*?\S) ?:(?P<line>\d+):(?P<column>\d+) ?\]$"
)
_ROW = re.compile(r"\s*(?P<line>\d+) [│|] ?(?P<text>.*)$")
_MARKS = re.compile(r"\s*[·:│|] ?(?P<row>[\s\^─┬|│▲-]*[\^─┬|▲-][\s\^─┬|│▲-]*)$")
_LABEL = re.compile(r"\s*[·:│|] ?(?P<row>[\s|│]*)(?:╰─+|`-+) (?P<text>.*)$")
_BOTTOM = re.compile(r"\s*(?:╰─+|`-+|─+╯)$")
_MORE = re.compile(r"  [│|] (?P<text>.*)$|  (?:├─▶|╰─▶|\|->|`->) (?P<cause>.*)$")
_RULE = re.compile(r"(?P<plugin>[a-z][\w@/-]*)\((?P<code>[\w@/.-]+)\): ")
_SIGNS = {"x": Severity.ERROR, "×": Severity.ERROR, "!": Severity.WARNING, "⚠": Severity.WARNING}
_ARIADNE = re.compile(
    r"(?:\[(?P<code>\w+)\] )?(?:(?P<kind>Error|Warning|Advice): ?)?(?P<message>.*)$"
)
_TAB = 4


class Miette(Parser):
    """Reads `  × message`, and the frame with source lines, marks and labels.

    Columns count bytes at the top of the frame, and screen columns in its marks.
    """

    TOOLS = "oxlint, swc, next's compiler, others that use miette"
    HINTS = ("x ", "× ", "⚠ ", "! ", "☞ ", "Finished in ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: tuple[Severity, str] | None = None
        self._top: re.Match[str] | None = None
        self._line = ""
        """The number of the last source line."""
        self._source = self._code = self._message = self._text = ""
        self._severity = Severity.ERROR
        self._starts: list[int] = []
        """Where the marks of that line begin, in screen columns from 0."""
        self._unnamed: list[int] = []
        """The indexes of diagnostics that may turn out to be oxlint's."""

    def begin(self, line: str) -> bool | None:
        if line.startswith("Finished in ") and " rules" in line:
            for number in self._unnamed:
                self.report.amend(number, source="oxlint")
            return bool(self._unnamed)
        match = _HEAD.match(line)
        if not match:
            return False
        self._head = _SIGNS.get(match["sign"], Severity.INFORMATION), match["message"]
        self._top, self._lines = None, 0
        return None

    def more(self, line: str) -> bool | None:
        if self._head:
            return self._before(line)
        if _BOTTOM.match(line):
            self._finish()
            return True
        if line.lstrip().startswith(("help: ", "note: ")) and not self._top:
            return True
        if self._top is None:
            return False
        if match := _ROW.match(line):
            self._line, self._text, self._starts = match["line"], match["text"], []
            if match["text"].startswith(("╭─▶", ",->")) or "╭─▶" in match["text"]:
                self._place(None, 0)
            return True
        if match := _LABEL.match(line):
            self._label(len(match["row"]), match["text"])
            return True
        if (match := _MARKS.match(line)) and not self._starts:
            self._marks(match["row"])
        return True if line.strip() else None

    def finish(self) -> None:
        self._finish()

    def _before(self, line: str) -> bool | None:
        assert self._head  # noqa: S101 (the caller has looked)
        severity, message = self._head
        if match := _TOP.match(line):
            self._head, self._top, self._line, self._starts = None, match, "", []
            self._severity, self.at = severity, None
            rule = _RULE.match(message)
            self._source, self._code = ("oxlint", rule["code"]) if rule else ("swc", "")
            self._message = message[rule.end() :] if rule else message
            return True
        match = _MORE.match(line)
        self._lines += 1
        if not match or self._lines > 8:
            self._head = None
            return False
        if match["text"]:
            self._head = severity, f"{message}\n{match['text']}"
        return None

    def _place(self, start: int | None, width: int) -> None:
        """Adds the diagnostic, because its first mark was read."""
        if self._top is None or self.at is not None:
            return
        top = self._top
        column = top["column"] if top["line"] == self._line else None
        if start is not None and column in (None, "1"):
            # The place at the top may be that of the context; the marks are more exact.
            span = self.report.span(
                top["file"], self._line, start + 1, unit=ColumnUnit.DISPLAY, tab_width=_TAB
            )
        else:
            span = self.report.span(top["file"], self._line, column, unit=ColumnUnit.BYTE)
        # Marks are as wide as the text above them, which is as many bytes if it is ASCII.
        if span.column and width and (span.unit is ColumnUnit.DISPLAY or self._text.isascii()):
            span = msgspec.structs.replace(span, end_column=span.column + width)
        self._add(top, span.line, span.column, span.end_column, span.unit)

    def _add(
        self,
        top: re.Match[str],
        line: int | str,
        column: int | str | None,
        end: int | None,
        unit: ColumnUnit,
    ) -> None:
        span = self.report.span(
            top["file"],
            line,
            column,
            None,
            end,
            unit,
            tab_width=_TAB if unit is ColumnUnit.DISPLAY else 8,
        )
        self.add(span, self._severity, self._message, self._source, self._code)
        if self.at is not None and self._source == "swc":
            self._unnamed.append(self.at)

    def _marks(self, row: str) -> None:
        """Reads the marks below a source line; the first is the diagnostic's own."""
        found = list(re.finditer(r"[\^─┬|▲-]+", row))
        self._starts = [match.start() for match in found]
        self._place(found[0].start(), len(found[0][0]))

    def _label(self, column: int, text: str) -> None:
        """Reads the label of one of the marks; that of the first is the diagnostic's own."""
        if self._top is None or not self._starts:
            return
        start = max((known for known in self._starts if known <= column), default=0)
        if start != self._starts[0] and text:
            span = self.report.span(
                self._top["file"], self._line, start + 1, unit=ColumnUnit.DISPLAY, tab_width=_TAB
            )
            self.note(span, text)

    def _finish(self) -> None:
        if self._top is not None and self.at is None:
            top = self._top
            self._add(top, top["line"], top["column"], None, ColumnUnit.BYTE)
        self._top = None


class Ariadne(Parser):
    """Reads `[CODE] message` and the frame. Columns count code points."""

    TOOLS = "rolldown, vite 8, others that use ariadne"
    HINTS = ("Error: ", "Warning: ", "\n[")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: tuple[Severity, str, str] | None = None
        self._lines = 0

    def begin(self, line: str) -> bool | None:
        match = _ARIADNE.match(line)
        if not match or not match["message"] or not (match["code"] or match["kind"]):
            return False
        kind = SEVERITIES.get((match["kind"] or "error").lower(), Severity.INFORMATION)
        self._head, self._lines = (kind, match["message"], match["code"] or ""), 0
        return None

    def more(self, line: str) -> bool | None:
        if self._head:
            severity, message, code = self._head
            match = _TOP.match(line)
            if not match:
                self._lines += 1
                if self._lines > 2 or not line.strip() or line.startswith(" "):
                    self._head = None
                    return False
                self._head = severity, f"{message}\n{line}", code
                return None
            self._head = None
            span = self.report.span(
                match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT
            )
            source = "rolldown" if code else "ariadne"
            self.add(span, severity, message, source, code)
            return True
        if _BOTTOM.match(line):
            return True
        return line.startswith(" ") and "│" in line
