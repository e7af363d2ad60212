"""Reads rustc before version 1.12: start, end, and the message on one line."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import SEVERITIES, Parser, path
from buildd.parsers.report import ParseResult

_HEAD = re.compile(
    path("rs")
    + r":(?P<line>\d+):(?P<column>\d+): (?P<end_line>\d+):(?P<end_column>\d+) "
    + r"(?P<kind>error|warning|note|help): (?P<message>\S.*)$"
)
_CODE = re.compile(r" \[(?P<code>E\d{4})\]$")
_LINT = re.compile(r"(?:, #\[\w+\((?P<lint>[\w-]+)\)\](?: on by default| implied by .*)?)$")
_SOURCE = re.compile(r"[^\n]*\.rs:\d+ ")
_CARET = re.compile(r"\s+\^~*$")
_LIMIT = 12
"""The most lines of a message."""


class RustcOld(Parser):
    """Reads one line per diagnostic or note, with the source and a caret below.

    Columns count characters; ends are exclusive.
    """

    TOOLS = "rustc before 1.12"
    HINTS = (".rs:",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        self._message: list[str] = []

    def begin(self, line: str) -> bool:
        match = _HEAD.match(line)
        if match:
            self._read(match)
        return match is not None

    def more(self, line: str) -> bool:
        if match := _HEAD.match(line):
            self._read(match)
            return True
        if _SOURCE.match(line) or _CARET.match(line):
            self._close()
            return True
        if self._head and line.startswith((" ", "(", "\t")) and len(self._message) < _LIMIT:
            self._message.append(line.strip())
            return True
        self._close()
        return False

    def finish(self) -> None:
        self._close()

    def _read(self, match: re.Match[str]) -> None:
        self._close()
        self._head, self._message = match, [match["message"]]

    def _close(self) -> None:
        head, self._head = self._head, None
        if head is None:
            return
        end_line = head["end_line"] if head["end_line"] != head["line"] else None
        is_empty = end_line is None and head["end_column"] == head["column"]
        span = self.report.span(
            head["file"],
            head["line"],
            head["column"],
            end_line,
            None if is_empty else head["end_column"],
            ColumnUnit.CODE_POINT,
        )
        message = "\n".join(self._message)
        if head["kind"] in ("note", "help"):
            if "rustc --explain" not in message:
                self.note(span, message)
            return
        code = ""
        if match := _CODE.search(message):
            code = match["code"]
        elif match := _LINT.search(message):
            code = match["lint"]
        message = message[: match.start()] if match else message
        severity = SEVERITIES.get(head["kind"], Severity.ERROR)
        href = f"https://doc.rust-lang.org/error_codes/{code}.html" if code.startswith("E0") else ""
        self.at = self.report.add(span, severity, message, "rustc", code, href=href)
