"""Reads javac, with the lints of Error Prone and of annotation processors."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, Tag
from buildd.parsers.base import SEVERITIES
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.carets import CaretParser

# Gradle 4 begins the line with the name of the task. Maven puts a severity before javadoc's
# messages.
_FILE = (
    r"(?::[\w:]+(?=/)|\[(?:WARNING|ERROR|INFO)\] )?(?P<file>(?:[A-Za-z]:)?[^\s:\[][^:\n]*\.java)"
)
_HEAD = re.compile(
    rf"{_FILE}:(?P<line>\d+): (?P<kind>error|warning|エラー|警告|错误|Fehler|Warnung): "
    r"(?:\[(?P<code>[\w./:-]+)\] )?(?P<message>.*)"
)
# Up to version 6 errors are not marked as such: only the caret below tells.
_OLD = re.compile(rf"{_FILE}:(?P<line>\d+): (?P<message>\S.*)")
_OLD_MOST = 5
"""The most lines between such an error and its caret."""
_RAW = re.compile(
    rf"{_FILE}:(?P<line>\d+):(?P<column>\d+): "
    r"(?P<message>compiler\.(?P<kind>err|warn|note)\.(?P<code>[\w.]+).*)"
)
_ALONE = re.compile(
    r"(?P<kind>error|warning): (?:\[(?P<code>options|path|classfile|processing|module|"
    r"requires-[\w-]+|dangling-doc-comments)\] )?(?P<message>.*)"
)
_KNOWN = (
    "Class names, '",
    "Compilation failed",
    "cannot access ",
    "file not found: ",
    "invalid flag: ",
    "invalid source release: ",
    "invalid target release: ",
    "module not found: ",
    "no source files",
    "release version ",
    "Source option ",
    "Target option ",
    "source release ",
    "source value ",
    "target value ",
    "warnings found and -Werror specified",
)
_KINDS = {
    **SEVERITIES,
    "エラー": Severity.ERROR,
    "错误": Severity.ERROR,
    "fehler": Severity.ERROR,
    "警告": Severity.WARNING,
    "warnung": Severity.WARNING,
}
_CARET = re.compile(r"[ \t]*\^$")
_TRIMMED = re.compile(r"\t\S")
_LINK = re.compile(r"\s+\(see (https?://\S+)\)$")


class Javac(CaretParser):
    """Reads a message with a caret, which gives the column, and details such as `symbol:` below.

    Columns count screen columns.
    """

    TOOLS = "javac, Error Prone"
    HINTS = (
        ".java:",
        "\nerror: ",
        "\nwarning: [",
        "\nwarning: source release ",
        "\nwarning: target release ",
    )
    STOP = re.compile(
        rf"{_FILE}:\d+:(?:\d+:)? |Note: |\d+ (?:errors?|warnings?)$|(?:error|warning): |\["
    )
    # The source line follows at once, if it is printed at all.
    LINES = 1

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._old: tuple[re.Match[str], list[str]] | None = None
        """What may be an error that is not marked as such, and the lines below it."""

    def begin(self, line: str) -> bool | None:
        self._old = None
        if match := _HEAD.match(line) or _RAW.match(line):
            span = self.report.span(
                match["file"],
                match["line"],
                match.groupdict().get("column"),
                unit=ColumnUnit.DISPLAY,
            )
            self._start(match, span)
            return True
        if match := _OLD.match(line):
            self._old = match, []
            return None
        match = _ALONE.match(line)
        if not match or not (match["code"] or match["message"].startswith(_KNOWN)):
            return False
        code = match["code"] or ""
        self.add(NOWHERE, _KINDS[match["kind"]], match["message"], "javac", code)
        return True

    def more(self, line: str) -> bool | None:
        if self._old is None:
            return super().more(line)
        match, lines = self._old
        if lines and (caret := _CARET.match(line)):
            self._old = None
            *details, source = lines
            span = self.report.span(match["file"], match["line"], unit=ColumnUnit.DISPLAY)
            message = "\n".join((match["message"], *details))
            self.head(span, Severity.ERROR, message, "javac")
            self._below = [source]
            return super().more(caret[0])
        if len(lines) >= _OLD_MOST or not line.strip() or self.STOP.match(line):
            self._old = None
            return False
        lines.append(line)
        return None

    def is_detail(self, line: str) -> bool:
        if not line.startswith("  ") or self.STOP.match(line):
            return False
        if self.at is not None and (match := _LINK.match(line)):
            self.report.amend(self.at, href=match[1])
        return True

    def _mark(self, source: str, caret: int, line: str, count: int) -> None:
        message, code = self._head[2], self._head[4]
        if count > 1 or (_TRIMMED.match(source) and message[:1].isupper() and not code):
            # ecj in Emacs's format prints the source without its indentation.
            if self.at is not None:
                self.report.amend(self.at, source="ecj")
        else:
            super()._mark(source, caret, line, count)

    def _start(self, match: re.Match[str], span: Span) -> None:
        code = match["code"] or ""
        kind = _KINDS[match["kind"].lower()]
        self.head(span, kind, match["message"], "javac", code)
        if self.at is not None and code in ("deprecation", "removal"):
            self.report.amend(self.at, tags=(Tag.DEPRECATED,))
