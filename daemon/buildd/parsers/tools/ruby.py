"""Reads Ruby's warnings, the syntax errors of its two parsers, and uncaught exceptions."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.trace_parser import TraceParser

FILE = (
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:'\"`(<][^:'\"`\n]*?"
    r"(?:\.(?:rb|rake|gemspec|ru|erb|rbi|podspec)|file))"
)
_WARNING = re.compile(rf"{FILE}:(?P<line>\d+): warning: (?P<message>.*)")
_GENERATED = re.compile(r"\(\w+\):\d+: warning: ")
_SYNTAX = re.compile(
    rf"(?:[^\s:]+: )?{FILE}:(?P<line>\d+): (?P<message>(?:syntax error|Invalid |can't find string|"
    r"unterminated |embedded document|class definition in|module definition in|dynamic constant|"
    r"(?:formal|duplicated) argument|numbered parameter|unmatched |circular argument|void value|"
    r"both block arg|Can't (?:assign|change|set|escape)|"
    r"(?:unknown|invalid) |unexpected |expected a|"
    r"cannot ).*)"
)
_FOUND = re.compile(
    rf"(?:[^\s:]+: )?{FILE}:(?P<line>\d+):(?:in .*:)? ?.*syntax errors? found ?"
    rf"(?:\(SyntaxError\))?$"
)
_NUMBERED = re.compile(r"(?P<mark>>?) *(?P<line>\d+) +\| ?.*")
_MARKED = re.compile(r" +\| (?P<before> *)(?P<marks>[\^~]+) (?P<message>\S.*)")
_CARET = re.compile(r"\s*(?:\^~*|\^[~^]*)$")
_UNCAUGHT = re.compile(
    rf"{FILE}:(?P<line>\d+):in [`'](?P<name>[^`'\n]+)': (?P<message>.*?)"
    r"(?: \((?P<type>[A-Z][\w:]*)\))?$"
)
_FROM = re.compile(r"\t(?: *\d+: )?from (?P<file>[^\n]+?):(?P<line>\d+)(?::in .*)?$")
_BARE = re.compile(r"(?P<file>/?[^\s:][^:\n]*):(?P<line>\d+):in [`'].*'$")
_OTHER = re.compile(
    r"^<|/gems/|/lib/ruby/|/usr/(?:lib|share|bin)/|/rubygems|/bin/(?:bundle|rake|rspec|rails)$|/vendor/bundle/"
)


def is_other(file: str) -> bool:
    """Returns whether a stack frame lies in a gem or in Ruby itself."""
    return _OTHER.search(file) is not None


class Ruby(TraceParser):
    """Reads warnings, syntax errors, and one diagnostic per uncaught exception."""

    TOOLS = "Ruby"
    HINTS = (
        ": warning: ",
        ": syntax error",
        "rror)",
        "rror found",
        ":in `",
        ":in '",
        ": from ",
        *(f".rb:{number}" for number in range(1, 10)),
        "\nrake aborted!",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._state = ""
        self._span: Span | None = None
        self._line = ""
        self._found = 0
        self._file = ""
        self._callers: list[Span] = []
        self._message = ""

    def begin(self, line: str) -> bool:
        self._state = ""
        if match := _WARNING.match(line):
            span = self.report.span(match["file"], match["line"])
            message = match["message"]
            if message.startswith("previous definition of "):
                self.note(span, message)
            else:
                self.add(span, Severity.WARNING, message, "ruby")
            return True
        if _GENERATED.match(line):
            return True
        if match := _FOUND.match(line):
            # The excerpt says what they are.
            self._state, self._file, self._line = "found", match["file"], match["line"]
            self._found = len(self.report.diagnostics)
            return True
        if match := _SYNTAX.match(line):
            span = self.report.span(match["file"], match["line"])
            message = match["message"].removesuffix(" (SyntaxError)")
            self.add(span, Severity.ERROR, message, "ruby", "SyntaxError")
            self._state = "syntax"
            return True
        if match := _UNCAUGHT.match(line):
            return self._uncaught(match)
        if (match := _FROM.match(line)) and ": from " in line[:12]:
            # From Ruby 2.5 to 2.7 the innermost frame came last.
            self._callers.append(self._frame(match))
            return True
        if line == "rake aborted!":
            self._state, self._message = "rake", ""
            return True
        self._callers.clear()
        return False

    def more(self, line: str) -> bool | None:
        if self._state == "found":
            return self._more_found(line)
        if self._state == "syntax":
            # The source line and a mark follow; more errors of the same file may come.
            if _CARET.match(line):
                return True
            return None if line and not line.startswith("\t") else False
        if self._state == "uncaught":
            return self._more_uncaught(line)
        if self._state == "rake":
            return self._more_rake(line)
        return False

    def finish(self) -> None:
        self._callers.clear()

    def _frame(self, match: re.Match[str]) -> Span:
        file = match["file"]
        return self.report.span("" if is_other(file) else file, match["line"])

    def _uncaught(self, match: re.Match[str]) -> bool:
        code, message = match["type"] or "", match["message"]
        if not code and not message:
            return False
        if not code and not self._callers and message != "unhandled exception":
            return False  # another tool's line
        self.is_placed = not is_other(match["file"])
        span = self.report.span(match["file"], match["line"])
        own = [frame for frame in reversed(self._callers) if frame.file]
        self._callers.clear()
        if not self.is_placed and own:
            span, self.is_placed = own.pop(0), True
        self.add(span, Severity.ERROR, message or code, "ruby", code)
        for frame in own[:20]:
            self.note(frame, "called from here")
        self._state = "uncaught"
        return True

    def _more_uncaught(self, line: str) -> bool | None:
        if match := _FROM.match(line):
            span = self._frame(match)
            if span.file:
                self.call(span)
            return True
        if (match := _UNCAUGHT.match(line)) and match["type"]:
            # The cause is printed below it.
            if not is_other(match["file"]):
                span = self.report.span(match["file"], match["line"])
                self.note(span, f"{match['message']} ({match['type']})")
            self.is_placed = True
            return True
        return not line or line.startswith(("    ", "\t", "Did you mean?"))

    def _more_found(self, line: str) -> bool:
        if match := _MARKED.match(line):
            column = len(match["before"]) + 1
            end = column + len(match["marks"]) if len(match["marks"]) > 1 else None
            span = self.report.span(
                self._file, self._line, column, None, end, ColumnUnit.CODE_POINT
            )
            self.add(span, Severity.ERROR, match["message"], "ruby", "SyntaxError")
            return True
        if match := _NUMBERED.match(line):
            if match["mark"]:
                self._line = match["line"]
            return True
        if line.lstrip().startswith(("|", "...", "~~~")):
            return True
        if len(self.report.diagnostics) == self._found:
            span = self.report.span(self._file, self._line)
            self.add(span, Severity.ERROR, "syntax error found", "ruby", "SyntaxError")
        return False

    def _more_rake(self, line: str) -> bool:
        if not self._message:
            self._message = line
            return bool(line)
        if line.startswith("Tasks: "):
            return False
        if (match := _BARE.match(line)) and not is_other(match["file"]):
            kind = self._message.partition(":")[0]
            span = self.report.span(match["file"], match["line"])
            code = kind if kind.isidentifier() and ":" in self._message else ""
            self.add(span, Severity.ERROR, self._message, "ruby", code)
            self._state = ""
        return True
