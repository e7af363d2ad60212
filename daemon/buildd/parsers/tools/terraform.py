"""Reads Terraform, OpenTofu, Packer and related tools, and TFLint."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import SEVERITIES, LineParser, Parser
from buildd.parsers.report import NOWHERE, ParseResult

_HEAD = re.compile(
    r"(?P<bar>[│|] )?(?P<kind>Error|Warning|Notice): (?:\[Fixable\] )?(?P<message>\S.*)"
)
_PLACE = re.compile(
    r"  on (?P<file>\S[^\n]*?) line (?P<line>\d+)(?:, in [^\n]*?)?:?"
    r"(?: \(source code not available\))?$"
)
_ROW = re.compile(r" *(?P<line>\d+):(?: |$)")
_CODE = re.compile(r" \((?P<code>[a-z]\w*_\w+)\)$")
_OLD = re.compile(
    r"Error: (?P<message>Error parsing (?P<file>\S+): At (?P<line>\d+):(?P<column>\d+): .*)"
)
_SIMILAR = re.compile(r"\(and (?:\d+|one) more similar warnings? elsewhere\)")
_VALUES = re.compile(r" +[├|]?(?:─{4,}|-{4,})")
_REFERENCE = re.compile(r"Reference: (?P<href>https?://\S+)$")
_FILE = re.compile(r".*\.(?:tf|tofu|hcl|nomad|tfvars|tftest|json|pkr|variables|var|conf|cfg)\b|<.*")
_MAX_LINES = 200


class Terraform(Parser):
    """Reads a summary, the place with source lines, and a text, in a box or without one.

    There is no box without colours. Columns count bytes.
    """

    TOOLS = "Terraform, OpenTofu, Packer, TFLint"
    HINTS = (
        "\n│ Error: ",
        "\n│ Warning: ",
        "\n| Error: ",
        "\nError: ",
        "\nWarning: ",
        "\nNotice: ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        self._bar = ""
        self._span = NOWHERE
        self._text: list[str] = []
        self._part = ""
        self._lines = 0

    def begin(self, line: str) -> bool | None:
        self._close()
        if match := _OLD.match(line):
            span = self.report.span(
                match["file"], match["line"], match["column"], unit=ColumnUnit.BYTE
            )
            self.add(span, Severity.ERROR, match["message"], "terraform")
            return True
        match = _HEAD.match(line)
        if not match:
            return False
        self._head, self._bar = match, (match["bar"] or "").rstrip()
        self._span, self._text, self._part, self._lines = NOWHERE, [], "summary", 0
        return None

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if self._head is None or self._lines > _MAX_LINES:
            self._close()
            return False
        if self._bar:
            if line.startswith("╵"):
                self._part = self._part if self._span.file else "text"
                self._close()
                return True
            if not line.startswith(self._bar):
                # A box without an end is another tool's.
                self._head = None if not self._span.file else self._head
                self._close()
                return False
            line = line[len(self._bar) :]
            line = line.removeprefix(" ")
        return self._read(line)

    def finish(self) -> None:
        self._close()

    def _read(self, line: str) -> bool | None:
        place = _PLACE.match(line)
        if place and _FILE.match(place["file"]) and not self._span.file:
            self._span = self.report.span(place["file"], place["line"])
            self._part = "source"
            return True
        if self._part == "summary":
            return self._below_summary(line)
        if self._part in ("source", "values"):
            return self._source(line)
        if not self._bar:
            if match := _REFERENCE.match(line):
                self._close(match["href"])
                return True
            if _HEAD.match(line):
                self._close()
                return False
            if not line.strip() and self._text:
                # More paragraphs may follow, but they look like any other output.
                self._part = "end"
                return True
            if self._part == "end":
                self._close()
                return False
        self._text.append(line)
        return True

    def _below_summary(self, line: str) -> bool | None:
        if self._bar:
            if not line.startswith("  with "):
                self._text.append(line)
            return True
        if not line.strip() or line.startswith("  with "):
            return None if self._lines < 4 else False
        # Other tools begin with `Error: `, too.
        self._head = None
        return False

    def _source(self, line: str) -> bool:
        if match := _ROW.match(line):
            number = self.report.span("x", match["line"]).line
            if number > self._span.line:
                self._span = msgspec.structs.replace(self._span, end_line=number)
        elif _VALUES.match(line):
            self._part = "values"
        elif not line.strip():
            self._part = "text"
        return True

    def _close(self, href: str = "") -> None:
        head, self._head = self._head, None
        if head is None or (self._part == "summary" and not self._span.file):
            return
        self._part = ""
        message, code = head["message"], ""
        if found := _CODE.search(message):
            code, message = found["code"], message[: found.start()]
        text = "\n".join(
            paragraph for paragraph in self._text if not _SIMILAR.match(paragraph)
        ).strip()
        message = f"{message}\n{text}" if text else message
        severity = {"Error": Severity.ERROR, "Warning": Severity.WARNING}.get(
            head["kind"], Severity.INFORMATION
        )
        source = "tflint" if code else "terraform"
        span: Span = self._span
        self.at = self.report.add(span, severity, message, source, code, href=href)


class TflintCompact(LineParser):
    """Reads one line per diagnostic. Columns count bytes."""

    TOOLS = "TFLint (compact)"
    HINTS = (" Error - ", " Warning - ", " Notice - ")
    SOURCE = "tflint"
    UNIT = ColumnUnit.BYTE
    KINDS = SEVERITIES
    PATTERN = re.compile(
        r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+): "
        r"(?P<kind>Error|Warning|Notice) - (?:\[Fixable\] )?(?P<message>\S.*?)"
        r"(?: \((?P<code>\w+)\))?$"
    )
