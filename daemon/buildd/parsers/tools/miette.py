"""Findings as Rust's libraries miette and ariadne draw them: a frame with the place in its top."""

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
    """`  × message`, the frame, its source lines with marks and labels below them."""

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
        """Findings of which it is not clear yet whether they are oxlint's."""

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
        """The finding, now that the first mark has come."""
        if self._top is None or self.at is not None:
            return
        top = self._top
        column = top["column"] if top["line"] == self._line else None
        if start is not None and column in (None, "1"):
            # What counts the context as the place: the marks know better.
            span = self.report.span(
                top["file"], self._line, start + 1, unit=ColumnUnit.DISPLAY, tab_width=_TAB
            )
        else:
            span = self.report.span(top["file"], self._line, column, unit=ColumnUnit.BYTE)
        # Marks are as wide as what they are below; that is as many bytes if all of it is ASCII.
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
        """Marks below a source line, the first of which is the finding's own."""
        found = list(re.finditer(r"[\^─┬|▲-]+", row))
        self._starts = [match.start() for match in found]
        self._place(found[0].start(), len(found[0][0]))

    def _label(self, column: int, text: str) -> None:
        """What stands at the pointer of one of the marks; the first is the finding's own."""
        if self._top is None or not self._starts:
            return
        start = max((one for one in self._starts if one <= column), default=0)
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
    """`[CODE] message`, the frame; columns count characters from 1."""

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
