"""gcc, g++ and clang, and what stands around them in a log: make, the assembler, the linker."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Diagnostic, Related, Severity, Span
from buildd.parsers.directories import Directories
from buildd.parsers.excerpt import Excerpt

LINE_LIMIT = 8192
"""Characters of a line that are looked at: no pattern below is worse than the square of that."""

_SEVERITIES = {
    "error": Severity.ERROR,
    "fatal error": Severity.ERROR,
    "internal compiler error": Severity.ERROR,
    "sorry, unimplemented": Severity.ERROR,
    "warning": Severity.WARNING,
    "remark": Severity.INFORMATION,
    "note": Severity.HINT,
}
_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*?)"
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
_LINKER = re.compile(r"(?:\S*/)?(?:[\w-]+-)?ld(?:\.\w+)?: ")
_AT_OBJECT = re.compile(
    r"(?:[^\s:]+\.(?:o|a\([^)\s]*\)|so): ?)?(?:in function [`'‘][^'’]*['’]: ?)?"
    rf"(?:[^\s:]+\.o:)?{_FILE}:(?:(?P<line>\d+)|\(\.[^)]*\)): (?P<message>"
    r"(?:warning: )?(?:undefined reference to|multiple definition of|more undefined references|"
    r"relocation|the `|the use of|Using ').*)"
)
_FIRST = re.compile(
    rf"; (?:[^\s:]+\.o:)?{_FILE}:(?:(?P<line>\d+)|\(\.[^)]*\)): (?P<message>first defined here)"
)
_LINKER_ALONE = re.compile(
    r"(?:error: )?(?P<message>cannot find .*|cannot open output file .*|unrecognized option .*)"
)
_LLD = re.compile(r"(?P<kind>error|warning): (?P<message>.*)")
_LLD_AT = re.compile(rf">>> referenced by (?:[^\s()]+ \()?{_FILE}:(?P<line>\d+)\)?$")
_MAKEFILE = re.compile(rf"{_FILE}:(?P<line>\d+): \*\*\* (?P<message>(?!\[).*?)(?:\.  Stop\.)?$")
_NO_RULE = re.compile(
    r"\S*make(?:\[\d+\])?: \*\*\* (?P<message>No rule to make target .*?)\.(?:  Stop\.)?$"
)
_CODE = re.compile(r" \[(?P<code>-[Wf][^\]]+)\]$")
_COMMAND = re.compile(
    r"(?:\+ )?\(?(?:cd |\S*(?:cc|\+\+|gcc|clang|ar|ranlib|libtool|ld)(?:-[\d.]+)? )"
)
_GENERATED = re.compile(r"\d+ (?:warning|error)s?(?: and \d+ errors?)? generated\.$")
_UNPLACED = ("<command-line>", "<command line>", "<built-in>", "<stdin>")


class Gcc:
    """Reads a log line by line; most lines cost a few look-ups of a substring."""

    def __init__(self, directory: str) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._directories = Directories(directory)
        self._known: set[tuple[Span, Severity, str]] = set()
        self._current: int | None = None
        """Which diagnostic notes belong to; None if they belong to nothing we report."""
        self._excerpt: Excerpt | None = None
        """The one that may follow the last head, until it is read or something else comes."""
        self._unit = ColumnUnit.BYTE
        """What carets have proved so far; holds for heads that have none."""
        self._leading: list[Related] = []
        """What was said before the head that it belongs to: includes, instantiations."""
        self._since_summary = 0
        self._lld: Diagnostic | None = None

    def feed(self, block: str) -> None:
        lines = block.split("\n")
        lines.pop()  # what follows the last newline
        for whole in lines:
            line = whole[:LINE_LIMIT]
            if self._excerpt is not None and self._read_excerpt(line):
                continue
            if ": " in line:
                self._read(line)
            elif "from " in line and line.endswith((":", ",")):
                self._read_included(line)
            elif line.startswith(">>> "):
                self._read_lld_place(line)
            elif line.endswith(" generated."):
                self._read_summary(line)
            elif line.startswith(("cd ", "+ cd ", "(cd ")) or (
                line[:1].strip() and _COMMAND.match(line)
            ):
                self._directories.command_echoed(line)

    def finish(self) -> None:
        self._flush_lld()
        self._excerpt = None

    # --- heads

    def _read(self, line: str) -> None:
        if match := _HEAD.match(line):
            self._head(match)
        elif match := _REQUIRED.match(line):
            self._leading.append(self._related(match, match["message"]))
        elif "irectory" in line and self._directories.make_says(line):
            self._current = None
        elif "*** " in line:
            self._read_make(line)
        elif match := _LINKER.match(line):
            self._read_linker(line[match.end() :])
        elif match := _AT_OBJECT.match(line):
            self._object(match)
        elif match := _DRIVER.match(line):
            self._driver(match)
        elif "make" in line[:12]:
            self._directories.make_says(line)

    def _head(self, match: re.Match[str]) -> None:
        self._flush_lld()
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
        self._add(span, severity, message, "gcc", code)

    def _note(self, span: Span, message: str) -> None:
        if self._current is None:
            return
        one = self.diagnostics[self._current]
        if (span.file, span.line) == (one.span.file, one.span.line):
            span = msgspec.structs.replace(span, unit=one.span.unit)
        note = Related(span=span, message=message)
        if note not in one.related:
            self._excerpt = Excerpt(span)
            self._replace(related=(*one.related, note))

    def _driver(self, match: re.Match[str]) -> None:
        message = match["message"]
        if "linker command failed" in message or "ld returned" in message:
            return
        source = "clang" if "clang" in match["tool"] else "gcc"
        self._add(_nowhere(), Severity.ERROR, message, source)

    # --- what stands around a head

    def _read_excerpt(self, line: str) -> bool:
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
            if self._current is not None:
                self._refine(excerpt, caret)
            return True
        # Without a margin this may be the source line, or what came instead of an excerpt.
        return excerpt.has_margin

    def _refine(self, excerpt: Excerpt, caret: str) -> None:
        """Give the span of the last head, or note, what its caret tells."""
        assert self._current is not None  # noqa: S101 (the caller has looked)
        one = self.diagnostics[self._current]
        span = excerpt.refine(caret)
        if excerpt.proves:
            self._unit = span.unit
        if one.span == excerpt.span:
            self._replace(span=span)
        else:
            related = [
                msgspec.structs.replace(note, span=span) if note.span == excerpt.span else note
                for note in one.related
            ]
            self._replace(related=tuple(related))

    def _read_included(self, line: str) -> None:
        match = _INCLUDED.match(line)
        if match and match["file"] not in _UNPLACED:
            self._flush_lld()
            self._current = None
            self._leading.append(self._related(match, "included from here"))

    def _read_summary(self, line: str) -> None:
        """Only clang counts what it has generated: what came since the last count is its own."""
        if _GENERATED.match(line):
            for index in range(self._since_summary, len(self.diagnostics)):
                if self.diagnostics[index].source == "gcc":
                    self.diagnostics[index] = msgspec.structs.replace(
                        self.diagnostics[index], source="clang"
                    )
        self._since_summary = len(self.diagnostics)

    # --- make and the linker

    def _read_make(self, line: str) -> None:
        if match := _NO_RULE.match(line):
            self._add(_nowhere(), Severity.ERROR, match["message"], "make")
        elif (match := _MAKEFILE.match(line)) and " " not in match["file"]:
            self._add(self._span(match), Severity.ERROR, match["message"], "make")
        self._current = None

    def _read_linker(self, line: str) -> None:
        if match := _AT_OBJECT.match(line):
            self._object(match)
        elif match := _LINKER_ALONE.match(line):
            self._add(_nowhere(), Severity.ERROR, match["message"], "ld")
        elif (match := _LLD.match(line)) and "ld returned" not in line:
            self._flush_lld()
            severity = _SEVERITIES[match["kind"]]
            self._lld = Diagnostic(
                span=_nowhere(), severity=severity, message=match["message"], source="ld"
            )

    def _object(self, match: re.Match[str]) -> None:
        message = match["message"]
        severity = Severity.ERROR
        if message.startswith(("warning: ", "the `", "the use of", "Using")):
            severity = Severity.WARNING
            message = message.removeprefix("warning: ")
        leading = []
        if first := _FIRST.search(message):
            span = self._span(first)
            if span.file:
                message = message[: first.start()]
                leading.append(Related(span=span, message=first["message"]))
        self._leading = leading
        self._add(self._span(match), severity, message, "ld")
        self._current = None

    def _read_lld_place(self, line: str) -> None:
        match = _LLD_AT.match(line)
        if match and self._lld:
            self._lld = msgspec.structs.replace(self._lld, span=self._span(match))
            self._flush_lld()

    def _flush_lld(self) -> None:
        """lld names the place on a later line, or never."""
        if one := self._lld:
            self._lld = None
            self._add(one.span, one.severity, one.message, one.source)

    # --- pieces

    def _add(
        self, span: Span, severity: Severity, message: str, source: str, code: str = ""
    ) -> None:
        leading, self._leading = tuple(self._leading), []
        key = (span, severity, message)
        if key in self._known:
            # Another unit that includes the same header: its notes are the same, too.
            self._current = None
            return
        self._known.add(key)
        self._current = len(self.diagnostics)
        self.diagnostics.append(
            Diagnostic(
                span=span,
                severity=severity,
                message=message,
                source=source,
                code=code,
                related=leading,
            )
        )

    def _replace(self, **fields: object) -> None:
        assert self._current is not None  # noqa: S101 (callers have looked)
        one = self.diagnostics[self._current]
        self.diagnostics[self._current] = msgspec.structs.replace(one, **fields)

    def _related(self, match: re.Match[str], message: str) -> Related:
        return Related(span=self._span(match), message=message)

    def _span(self, match: re.Match[str]) -> Span:
        file = match["file"]
        line = match["line"]
        column = match.groupdict().get("column")
        if file in _UNPLACED or file.endswith((".o", ".a", ".so")):
            return _nowhere()
        return Span(
            file=self._directories.resolve(file),
            line=_number(line) or 1,
            column=_number(column) or None,
            unit=self._unit if column else ColumnUnit.BYTE,
        )


def _nowhere() -> Span:
    return Span(file="", line=1)


def _number(text: str | None) -> int:
    """A number of a log; what no file can have counts as none."""
    return int(text) if text and len(text) < 10 else 0
