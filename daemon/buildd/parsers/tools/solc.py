"""Reads solc, the Solidity compiler, also as solcjs, Hardhat, Forge and Truffle run it."""

from __future__ import annotations

import re

from buildd.model import Severity, Span
from buildd.parsers.base import SEVERITIES, Parser
from buildd.parsers.report import ParseResult

_KIND = (
    r"(?P<kind>Warning|Info|(?:Type|Declaration|Parser|Syntax|DocstringParsing|CodeGeneration|"
    r"UnimplementedFeature|InternalCompiler|JSON|IO|FatalCompiler|Yul)?(?:Error|Exception))"
)
_HEAD = re.compile(_KIND + r"(?: \((?P<code>\d{4})\))?: (?P<message>\S.*)$")
_NOTE = re.compile(r"Note: (?P<message>\S.*)$")
_FILE = r"(?:project:/)?(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*\.(?:sol|yul)|<stdin>)"
_PLACE = re.compile(r" *--> " + _FILE + r"(?::(?P<line>\d+):(?P<column>\d+):?)?$")
_ROW = re.compile(r" *\d* \|(?: (?P<text>.*))?$")
_MARKS = re.compile(r"(?P<indent>\s*)(?P<marks>\^[\^\t]*)$")
_OLD = re.compile(r",?" + _FILE + r":(?P<line>\d+):(?P<column>\d+): (?P<rest>\S.*)$")
_OLD_MARKS = re.compile(r"\s*(?P<marks>\^(?:-*\^)?)$")
_LIMIT = 6


class Solc(Parser):
    """Reads a message, its place and an excerpt, then the same for each note.

    Columns count bytes.
    """

    TOOLS = "solc, solcjs, Hardhat, Forge"
    HINTS = (
        "\nWarning: ",
        "\nWarning (",
        "\nInfo: ",
        "\nInfo (",
        "\nError: ",
        "\nError (",
        "\nTypeError: ",
        "\nTypeError (",
        "\nDeclarationError",
        "\nParserError",
        "\nSyntaxError: ",
        "\nSyntaxError (",
        "\nDocstringParsingError",
        "\nCodeGenerationError",
        "\nUnimplementedFeatureError",
        "\nInternalCompilerError",
        "\nYulException",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        """The first line of a diagnostic or a note whose place is still to come."""
        self._message: list[str] = []
        self._place: Span | None = None
        """The place whose end the excerpt may give."""
        self._source = ""

    def begin(self, line: str) -> bool | None:
        self._head = _HEAD.match(line)
        self._message = [self._head["message"]] if self._head else []
        self._place = self.at = None
        return None if self._head else False

    def more(self, line: str) -> bool | None:
        if self._head:
            return self._found(line)
        if match := _ROW.match(line):
            self._excerpt(match["text"] or "")
            return True
        if match := _NOTE.match(line):
            self._head, self._message = match, [match["message"]]
            return True
        return False

    def _found(self, line: str) -> bool | None:
        assert self._head  # noqa: S101 (the caller has looked)
        head, match = self._head, _PLACE.match(line)
        if not match:
            # The message goes on.
            self._message.append(line)
            is_over = len(self._message) > _LIMIT or not line.strip() or bool(_HEAD.match(line))
            return False if is_over else None
        self._head, self._place, self._source = None, None, ""
        span = self.report.span(match["file"], match["line"], match["column"])
        message = "\n".join(self._message)
        if head.re is _NOTE:
            self.note(span, message)
            return True
        kind = head["kind"]
        code = head["code"] or (kind if kind not in ("Error", "Warning", "Info") else "")
        self.add(span, SEVERITIES.get(kind.lower(), Severity.ERROR), message, "solc", code)
        self._place = span if span.column else None
        return True

    def _excerpt(self, text: str) -> None:
        match = _MARKS.match(text)
        if not match or self._place is None or not self._source:
            # Marks with text after them are of several lines.
            self._source = text
            return
        start = len(match["indent"])
        marked = self._source[start : start + len(match["marks"])]
        _end(self, self._place, len(marked.encode("utf-8", "replace")))
        self._place = None


class SolcOld(Parser):
    """Reads solc before 0.6, where places come first, and notes have places of their own."""

    TOOLS = "solc before 0.6, Truffle"
    HINTS = (".sol:", "<stdin>:")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._place: Span | None = None
        self._rows = 0

    def begin(self, line: str) -> bool:
        match = _OLD.match(line)
        head = _HEAD.match(match["rest"]) if match else None
        if not match or not head:
            return False
        kind = head["kind"]
        self._place = self.report.span(match["file"], match["line"], match["column"])
        self._rows = 0
        severity = SEVERITIES.get(kind.lower(), Severity.ERROR)
        code = kind if kind not in ("Error", "Warning", "Info") else ""
        self.add(self._place, severity, head["message"], "solc", code)
        return True

    def more(self, line: str) -> bool:
        self._rows += 1
        if match := _OLD.match(line):
            if _HEAD.match(match["rest"]):
                return False
            self.note(
                self.report.span(match["file"], match["line"], match["column"]), match["rest"]
            )
            self._place, self._rows = None, 0
            return True
        if match := _OLD_MARKS.match(line):
            if self._place is not None:
                _end(self, self._place, len(match["marks"]))
            self._place = None
            return True
        return self._rows <= 2 and bool(line.strip())


def _end(parser: Parser, span: Span, width: int) -> None:
    """Sets the end of the diagnostic by the width of its marks."""
    if parser.at is not None and span.column and width > 1:
        end = parser.report.span(
            span.file, span.line, span.column, None, span.column + width, span.unit
        )
        parser.report.amend(parser.at, span=end)
