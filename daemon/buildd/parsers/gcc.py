"""gcc, g++ and clang, the assembler, and whoever else prints `FILE:LINE:COLUMN: error: …`."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Edit, Fix, Related, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.excerpt import Excerpt
from buildd.parsers.report import NOWHERE, Report

_SEVERITIES = {
    "error": Severity.ERROR,
    "fatal error": Severity.ERROR,
    "internal compiler error": Severity.ERROR,
    "sorry, unimplemented": Severity.ERROR,
    "warning": Severity.WARNING,
    "remark": Severity.INFORMATION,
    "note": Severity.HINT,
}
# Not what a command that is echoed holds, as `echo "a.c:1:1: error: …"`.
_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:\"'`<>|;&][^:\"'`<>|;&\n]*?)"
_HEAD = re.compile(
    rf"{_FILE}:(?P<line>\d+):(?:(?P<column>\d+):)?(?:\{{[\d:-]+\}}[\d:{{}}-]*:)? "
    r"(?P<kind>(?i:fatal error|error|warning|note|remark)"
    r"|internal compiler error|sorry, unimplemented): (?P<message>.*)"
)
_INCLUDED = re.compile(
    r"(?:In file included| +) from (?P<file>[^\n]+?):(?P<line>\d+)(?::\d+)?[,:]$"
)
_REQUIRED = re.compile(
    rf"{_FILE}:(?P<line>\d+):(?:(?P<column>\d+):)?   (?P<message>(?:recursively )?required .*)"
)
_DRIVER = re.compile(
    r"(?:\S*/)?(?P<tool>[\w.+-]*(?:gcc|g\+\+|cc1\w*|clang(?:\+\+)?|cc|c\+\+)(?:-[\d.]+)?): "
    r"(?P<kind>fatal error|error): (?P<message>.*)"
)
_CODE = re.compile(r" \[(?P<code>-[WRf][^\]]+|[a-z]+(?:-[\w.]+)+(?:,[^\]]*)?)\]$")
_FIXIT = re.compile(
    r'fix-it:"(?P<file>[^"]+)":\{(?P<line>\d+):(?P<column>\d+)-(?P<end_line>\d+):'
    r'(?P<end_column>\d+)\}:"(?P<text>.*)"$'
)
_ESCAPED = re.compile(r"(?:\\[0-7]{3})+|\\.")
_GENERATED = re.compile(r"\d+ (?:warning|error)s?(?: and \d+ errors?)? generated\.$")
_UNPLACED = ("<command-line>", "<command line>", "<built-in>", "<stdin>")


class Gcc(Parser):
    """Reads heads, what stands before and below them, and what make and the linker say."""

    TOOLS = "gcc, g++, clang, the assembler"
    LEVEL = ("text", "fix-its")
    HINTS = (
        "error: ",
        "warning: ",
        "note: ",
        "remark: ",
        "Error: ",
        "Warning: ",
        "sorry, unimplemented: ",
        " from ",
        "required ",
        " generated.",
        "fix-it:",
    )

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._excerpt: Excerpt | None = None
        """The one that may follow the last head, until it is read or something else comes."""
        self._unit = ColumnUnit.BYTE
        """What carets have proved so far; holds for heads that have none."""
        self._leading: list[Related] = []
        """What was said before the head that it belongs to: includes, instantiations."""
        self._since_summary = 0

    def begin(self, line: str) -> bool:
        if line.endswith(" generated.") and _GENERATED.match(line):
            self._read_summary()
            return True
        if line.endswith((":", ",")) and (match := _INCLUDED.match(line)):
            self._included(match)
            return True
        if match := _HEAD.match(line):
            self._head(match)
        elif match := _REQUIRED.match(line):
            self._leading.append(self._related(match, match["message"]))
        elif match := _FIXIT.match(line):
            self._fixit(match)
        elif match := _DRIVER.match(line):
            return self._driver(match)
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        """Whether the line belongs to the excerpt below the last head."""
        excerpt = self._excerpt
        if excerpt is None or (": " in line and _HEAD.match(line)):
            return False
        caret = excerpt.feed(line)
        if caret is None:
            self._excerpt = None
            return False
        if caret:
            self._excerpt = None
            if self.at is not None:
                self._refine(excerpt, caret)
            return True
        # Without a margin this may be the source line, or what came instead of an excerpt.
        return True if excerpt.has_margin else None

    # --- heads

    def _head(self, match: re.Match[str]) -> None:
        kind = match["kind"].lower()
        message = match["message"].strip()
        span = self._span(match)
        if kind == "note" and "#pragma message" not in message[:16]:
            self._leading.clear()
            self._note(span, message)
            return
        self._excerpt = Excerpt(span)
        code = ""
        if found := _CODE.search(message):
            code, message = found["code"], message[: found.start()]
        severity = Severity.INFORMATION if kind == "note" else _SEVERITIES[kind]
        leading, self._leading = self._leading, []
        # Another unit that includes the same header: its notes are the same, too.
        self.at = self.report.add(
            span, severity, message, _source(code), code, href=_href(code), related=leading
        )

    def _note(self, span: Span, message: str) -> None:
        if self.at is None:
            return
        one = self.report.diagnostics[self.at]
        if (span.file, span.line) == (one.span.file, one.span.line):
            span = msgspec.structs.replace(span, unit=one.span.unit)
        if Related(span=span, message=message) not in one.related:
            self._excerpt = Excerpt(span)
            self.note(span, message)

    def _driver(self, match: re.Match[str]) -> bool:
        message = match["message"]
        if "linker command failed" not in message and "ld returned" not in message:
            source = "clang" if "clang" in match["tool"] else "gcc"
            self.add(NOWHERE, Severity.ERROR, message, source)
        return True

    # --- what stands around a head

    def _refine(self, excerpt: Excerpt, caret: str) -> None:
        """Give the span of the last head, or note, what its caret tells."""
        assert self.at is not None  # noqa: S101 (the caller has looked)
        one = self.report.diagnostics[self.at]
        span = excerpt.refine(caret)
        if excerpt.proves:
            self._unit = span.unit
        if one.span == excerpt.span:
            self.report.amend(self.at, span=span)
        else:
            related = [
                msgspec.structs.replace(note, span=span) if note.span == excerpt.span else note
                for note in one.related
            ]
            self.report.amend(self.at, related=tuple(related))

    def _included(self, match: re.Match[str]) -> None:
        if match["file"] not in _UNPLACED:
            self.at = None
            self._leading.append(self._related(match, "included from here"))

    def _read_summary(self) -> None:
        """Only clang counts what it has generated: what came since the last count is its own."""
        found = self.report.diagnostics
        for number in range(self._since_summary, len(found)):
            if found[number].source == "gcc":
                self.report.amend(number, source="clang")
        self._since_summary = len(found)

    def _fixit(self, match: re.Match[str]) -> None:
        """Both compilers print them so on request; what lies behind counts bytes."""
        if self.at is None:
            return
        text = _ESCAPED.sub(_unescaped, match["text"])
        span = self.report.span(
            match["file"], match["line"], match["column"], match["end_line"], match["end_column"]
        )
        if (span.line, span.column) == (span.end_line, span.end_column):
            span = msgspec.structs.replace(span, end_line=None, end_column=None)
        edit = Edit(span=span, text=text)
        fixes = self.report.diagnostics[self.at].fixes
        edits = (*(fixes[0].edits if fixes else ()), edit)
        title = f"Replace by `{text}`" if span.end_column else f"Insert `{text}`"
        if len(edits) > 1:
            title = f"Make the {len(edits)} changes that the compiler proposes"
        elif not text:
            title = "Remove it"
        fix = Fix(title=title, edits=edits, preferred=True)
        self.report.amend(self.at, fixes=(fix,))

    # --- pieces

    def _related(self, match: re.Match[str], message: str) -> Related:
        return Related(span=self._span(match), message=message)

    def _span(self, match: re.Match[str]) -> Span:
        file = match["file"]
        if file in _UNPLACED or file.endswith((".o", ".a", ".so")):
            return NOWHERE
        return self.report.span(
            file, match["line"], match.groupdict().get("column"), unit=self._unit
        )


def _source(code: str) -> str:
    return "clang-tidy" if code and not code.startswith("-") else "gcc"


def _href(code: str) -> str:
    if not code or code.startswith("-"):
        return ""
    check = code.partition(",")[0]
    if check.startswith(("clang-diagnostic-", "clang-analyzer-")):
        return ""
    group, _, name = check.partition("-")
    return f"https://clang.llvm.org/extra/clang-tidy/checks/{group}/{name}.html"


def _unescaped(match: re.Match[str]) -> str:
    one = match[0]
    if len(one) > 2:
        # Bytes of UTF-8, each in three octal digits.
        codes = bytes(int(code, 8) & 0xFF for code in one.split("\\")[1:])
        return codes.decode("utf-8", "replace")
    return {"n": "\n", "t": "\t"}.get(one[1], one[1])
