"""Reads gcc, g++, clang, the assembler, and others that print `FILE:LINE:COLUMN: error: …`."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Related, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared import fixits
from buildd.parsers.shared.excerpt import Excerpt
from buildd.parsers.shared.gcc_heads import FILE, GRAMMAR, HEAD, KINDS, coded, is_head
from buildd.parsers.shared.gcc_heads import HINTS as HEAD_HINTS
from buildd.parsers.shared.gcc_source import page_of, source_of
from buildd.parsers.shared.gcc_tail import Note, Tail

_INCLUDED = re.compile(
    r" *(?:(?:In file included|(?:In|While building) module '[^']*' imported) from |from )"
    r"(?P<file>[^\n]+?):(?P<line>\d+)(?::\d+)?[,:]$"
)
_REQUIRED = re.compile(
    rf"{FILE}:(?P<line>\d+):(?:(?P<column>\d+):)? {{1,3}}(?P<message>"
    r"(?:(?:recursively )?(?:required|instantiated) |in [‘'`]?constexpr|\[ ?skipping ).*)"
)
# Since gcc 16 the place is on the next line.
_REQUIRED_AT = re.compile(r"(?:recursively )?required (?:from|by|for|here)\b.*$")
_PLACE = re.compile(rf"{FILE}:(?P<line>\d+):(?:(?P<column>\d+):)? *$")
_GENERATED = re.compile(r"\d+ (?:warning|error)s?(?: and \d+ errors?)? generated\.$")
# Messages of the linker, and below that, messages that continue the one before.
_LINKING = ("undefined reference to ", "multiple definition of ", "undefined symbol: ",
            "the use of `", "the `", "Using '")  # fmt: skip
_ONCE = (
    "(Each undeclared identifier is", "for each function it appears in", "(Each undefined symbol",
    "(this will be reported only once",
)  # fmt: skip
# Notes of their own: how arguments are passed changed in a version of gcc.
_ALONE = re.compile(r" changed in GCC [\d.]+$")
_OBJECTS = (".o", ".a", ".so", ".obj", ".lib")


class Gcc(Parser):
    """Reads first lines, and what stands before and below them."""

    TOOLS = "gcc, g++, clang, clang-tidy, the assembler"
    LEVEL = ("text", "fix-its")
    HINTS = (*HEAD_HINTS, " from ", "\nfrom ", "required ", "instantiated ", "in constexpr",
             "in ‘constexpr", "in 'constexpr", "skipping ", " generated.", "fix-it:")  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._excerpt: Excerpt | None = None
        """The excerpt that may follow the last first line, until it is read or something else
        follows.
        """
        self._tail: Tail | None = None
        """What may follow the excerpt."""
        self._is_shown = False
        """Whether the diagnostic's fix comes from the text for people."""
        self._is_first = False
        """Whether the next line is the first one below the diagnostic's own marks."""
        self._indent = 0
        """How far the last first line is indented, with all that follows it."""
        self._is_wrapped = False
        """Whether the next line may continue the message; ispc wraps messages."""
        self._because = ""
        """The reason for which the place on the next line is printed."""
        self._unit = ColumnUnit.BYTE
        """The unit that carets have proved so far; it is used for lines without a caret."""
        self._leading: list[Related] = []
        """Notes that were read before the first line that they belong to: includes, instantiations.
        """
        self._is_in_chain = False
        """Whether the last line was part of a chain of includes."""
        self._since_summary = 0

    def begin(self, line: str) -> bool | None:
        self._because = ""
        if line.endswith(" generated.") and _GENERATED.match(line):
            self._read_summary()
            return True
        if line.endswith((":", ",")) and (match := _INCLUDED.match(line)):
            self._included(match)
            return True
        self._is_in_chain = False
        if match := HEAD.match(line) or GRAMMAR.match(line):
            return is_head(match) and self._head(match)
        if match := _REQUIRED.match(line):
            self._leading.append(self._related(match, match["message"]))
        elif _REQUIRED_AT.match(line):
            self._because = line.strip()
            return None
        elif edit := fixits.edit(line, self.report):
            if self.at is not None:
                # The exact fix-it for programs replaces what was read from the text for people.
                fixes = () if self._is_shown else self.report.diagnostics[self.at].fixes
                self._is_shown = False
                edits = (*(fixes[0].edits if fixes else ()), edit)
                self.report.amend(self.at, fixes=(fixits.fix(edits),))
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        """Returns whether the line belongs to what stands below the last first line."""
        self._is_in_chain = self._is_in_chain and "from " in line
        if self._because:
            message, self._because = self._because, ""
            if match := _PLACE.match(line):
                self._leading.append(self._related(match, message))
            return bool(match)
        if self._excerpt is not None:
            if ": " in line and HEAD.match(line):
                return False
            return self._below(self._excerpt, line)
        if self._tail is None:
            return False
        if self._is_first:
            self._is_first = False
            if self._proposed(line):
                return True
        found = self._tail.feed(line[self._indent :])
        if isinstance(found, Note):
            unit = ColumnUnit.DISPLAY if found.is_drawn else self._unit
            span = self.report.span(found.file, found.line, found.column, unit=unit)
            self.note(span, found.text)
        elif not found:
            self._tail = None
        return bool(found)

    # --- first lines

    def _head(self, match: re.Match[str]) -> bool:
        message = match["message"].strip()
        if message.startswith(_LINKING):
            return False
        if message.startswith("No relevant classes found. No output"):
            return True  # printed by moc for a file that it need not have read
        severity = KINDS[match["kind"].lower()]
        span = self._span(match)
        self._indent = len(match["indent"])
        self._tail = None
        is_alone = "#pragma message" in message[:16] or _ALONE.search(message)
        # The assembler's `Info: ` names the place where a macro is used.
        if (severity is None and not is_alone) or match["kind"] == "Info" or _goes_on(message):
            self._leading.clear()
            self._note(span, message)
            return True
        if severity is None:
            severity = Severity.INFORMATION
        self._excerpt = Excerpt(span)
        self._is_shown = False
        self._is_wrapped = match["file"].endswith(".ispc") and match["message"].endswith(" ")
        if match["kind"].endswith("yntax error"):
            message = f"syntax error: {message}"
        elif match["kind"] == "internal compiler error":
            message = f"{match['kind']}: {message}"
        message, code = coded(message)
        code = code or match["number"] or match["other"] or ""
        leading, self._leading = self._leading, []
        # The notes of another unit that includes the same header are the same, too.
        self.at = self.report.add(
            span,
            severity,
            message,
            source_of(match["file"], code),
            code,
            href=page_of(code),
            related=leading,
        )
        return True

    def _note(self, span: Span, message: str) -> None:
        if self.at is None or not span.file:
            return
        diagnostic = self.report.diagnostics[self.at]
        if (span.file, span.line) == (diagnostic.span.file, diagnostic.span.line):
            span = msgspec.structs.replace(span, unit=diagnostic.span.unit)
        if Related(span=span, message=message) not in diagnostic.related:
            self._excerpt = Excerpt(span)
            self.note(span, message)

    # --- around a first line

    def _included(self, match: re.Match[str]) -> None:
        if not self._is_in_chain:
            self._leading.clear()
        self._is_in_chain = True
        if not match["file"].startswith("<"):
            self._leading.append(self._related(match, "included from here"))

    def _proposed(self, line: str) -> bool:
        """Returns whether the line is the replacement that the message proposes."""
        if self.at is None:
            return False
        diagnostic = self.report.diagnostics[self.at]
        if not diagnostic.fixes and (fix := fixits.suggested(diagnostic, line.strip(" |"))):
            self.report.amend(self.at, fixes=(fix,))
            self._is_shown = True
            return True
        return False

    def _below(self, excerpt: Excerpt, line: str) -> bool | None:
        if self._is_wrapped and line.endswith(" ") and line.startswith(" " * 8):
            self.lengthen(line.strip())
            return True
        self._is_wrapped = False
        if line[: self._indent].isspace():
            line = line[self._indent :]
        caret = excerpt.feed(line)
        if caret:
            self._excerpt = None
            if self.at is not None:
                diagnostic = self.report.diagnostics[self.at]
                self._refine(excerpt, caret)
                self._is_first = excerpt.span == diagnostic.span
                if excerpt.has_margin:
                    self._tail = Tail(self.report.diagnostics[self.at].span.file)
            return True
        if caret is None:
            self._excerpt = None
            return False
        # Without a margin, the line may be the source or something else.
        return True if excerpt.has_margin else None

    def _refine(self, excerpt: Excerpt, caret: str) -> None:
        """Refines the span of the last diagnostic or note by its caret."""
        assert self.at is not None  # noqa: S101 (the caller has looked)
        diagnostic = self.report.diagnostics[self.at]
        span = excerpt.refine(caret)
        if excerpt.proves:
            self._unit = span.unit
        if diagnostic.span == excerpt.span:
            if not diagnostic.span.end_column:
                self.report.amend(self.at, span=span)
        else:
            related = [
                msgspec.structs.replace(note, span=span) if note.span == excerpt.span else note
                for note in diagnostic.related
            ]
            self.report.amend(self.at, related=tuple(related))

    def _read_summary(self) -> None:
        """Attributes the diagnostics since the last summary to clang.

        Only clang prints how many diagnostics it has generated.
        """
        found = self.report.diagnostics
        for number in range(self._since_summary, len(found)):
            if found[number].source == "gcc" and found[number].span.file:
                self.report.amend(number, source="clang")
        self._since_summary = len(found)

    # --- parts

    def _related(self, match: re.Match[str], message: str) -> Related:
        return Related(span=self._span(match), message=message)

    def _span(self, match: re.Match[str]) -> Span:
        group = match.groupdict()
        file, line, column = match["file"], match["line"], group.get("column")
        if " -" in file:
            # The command was echoed before, on the same line.
            file = file.rpartition(" ")[2]
        if file.startswith(("<", "{")) or file.endswith(_OBJECTS):
            return NOWHERE
        last, end_line = group.get("last"), group.get("end_line")
        if not last or not column:
            return self.report.span(file, line, column, last, unit=self._unit)
        end = int(last) + 1 if len(last) < 10 else None
        end_line = end_line if end_line != line else None
        return self.report.span(file, line, column, end_line, end, unit=ColumnUnit.DISPLAY)


def _goes_on(message: str) -> bool:
    return message.startswith(_ONCE)
