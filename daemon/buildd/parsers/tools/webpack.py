"""Reads webpack 4 and 5, and what its loaders and plug-ins print within its errors."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.web_files import from_zero, is_frame, web_file
from buildd.parsers.tools.babel import SYNTAX
from buildd.parsers.tools.eslint import EslintCodeframe

_HEAD = re.compile(r"\s{0,2}(?P<kind>ERROR|WARNING|error|warning) +in (?P<where>\S.*)$")
_ANGULAR = re.compile(
    r"(?P<where>\./\S.*?) - (?P<kind>Error|Warning): "
    r"(?P<rest>.*)$"
)
_WHERE = re.compile(
    r"(?P<file>[^\n]*?)(?: \(\.[^\n]*\))?(?:[: ](?P<line>\d+):(?P<column>\d+)"
    r"(?:-(?:(?P<end_line>\d+):)?(?P<end_column>\d+))?|\((?P<line2>\d+),(?P<column2>\d+)\):?)?$"
)
_FROM = re.compile(
    r" @ (?P<file>\S.*?)(?: (?P<line>\d+):(?P<column>\d+)(?:-(?:\d+:)?\d+)?(?: .*)?)?$"
)
_QUERY = re.compile(r"\?[^!/\\]*$")
_PARSE = re.compile(
    r"Module parse failed: (?P<message>.*?)(?: \((?P<line>\d+):(?P<column>\d+)\))?$"
)
_BUILD = re.compile(
    r"Module (?:build failed|Error|Warning)(?: \(from (?P<loader>.*)\))?:?(?: (?P<rest>\S.*))?$"
)
_TSL = re.compile(
    r"\s*\[tsl\] (?P<kind>ERROR|WARNING) in (?P<file>\S.*)\((?P<line>\d+),(?P<column>\d+)\)$"
)
_TS = re.compile(r"\s*(?:(?:error|warning) )?(?P<code>TS\d+): (?P<message>.*)$")
_TSC = re.compile(r"(?:\(\d+,\d+\):|:\d+:\d+ -) (?:error|warning) (?:TS|NG)-?\d")
_PLACE = re.compile(r"(?P<file>\./\S.*) (?P<line>\d+):(?P<column>\d+)-(?:\d+:)?\d+$")
_SASS = re.compile(r" {2,4}(?P<file>\S.*?) (?P<line>\d+):(?P<column>\d+)  +\S")
_POSTCSS = re.compile(
    r"(?:\w*Error: )?\((?P<line>\d+):(?P<column>\d+)\) (?P<file>/\S*|[A-Za-z]:\S*) (?P<message>.*)$"
)
# Messages of Babel, which counts columns from 0, of PostCSS and of node-sass.
_BEHIND = re.compile(r"(?:Syntax ?Error: )?(?P<message>.*) \((?P<line>\d+):(?P<column>\d+)\)$")
_BEFORE = re.compile(r"\((?P<line>\d+):(?P<column>\d+)\) (?P<message>\S.*)$")
_ON_LINE = re.compile(r"\s+on line (?P<line>\d+)(?: of|, column \d+ of) (?P<file>\S+)$")
_CSS = re.compile(r"\w*Error: (?P<file>[^\n]*?):(?P<line>\d+):(?P<column>\d+): (?P<message>.*)$")
_LESS = re.compile(r"Error in (?P<file>\S.*) \(line (?P<line>\d+), column (?P<column>\d+)\)$")
_ESLINT = re.compile(r"\[eslint\]|.*eslint")
_SASS_FRAME = re.compile(r" *(?:\d+ )?[│╷╵]")
_ENDING = re.compile(
    r"webpack .*compiled |\d+ (?:errors?|warnings?) ha|Child |Use 'stats|Found \d+ error"
    r"|Version: webpack|Errors? found|asset |Entrypoint |\[eslint\]"
)
_IDLE = ("SyntaxError", "(Emitted value instead of an instance of Error)")
"""Lines that do not say what is wrong."""
_LIMIT = 120
"""The most lines of one error."""


class Webpack(Parser):
    """Reads `ERROR in ./a.js 1:2`, the message, a code frame, and the importer (`@ ./b.js`).

    webpack's own columns count UTF-16 units from 0.
    """

    TOOLS = "webpack, with ts-loader, fork-ts-checker, babel-, css-, sass- and less-loader"
    HINTS = ("ERROR in ", "WARNING in ", "error  in ", "warning  in ", " - Error: ", " - Warning: ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._span = NOWHERE
        self._severity = Severity.ERROR
        self._lines = 0
        self._held: list[str] = []
        """The message whose place is still to come."""
        self._is_build = False
        """Whether the lines are those of a loader."""
        self._is_after_empty = False

    def begin(self, line: str) -> bool:
        match = _HEAD.match(line) or _ANGULAR.match(line)
        if not match or "http" in match["where"][:5] or _TSC.search(match["where"]):
            return False
        self._severity = Severity.ERROR if match["kind"][0] in "Ee" else Severity.WARNING
        self._span, self.at = self._where(match["where"], is_head=True), None
        self._lines, self._held, self._is_build = 0, [], False
        rest = match.groupdict().get("rest")
        if match.re is _HEAD and self._span == NOWHERE:
            # For example `WARNING in asset size limit: …` or `ERROR in Entry module not found: …`.
            if _ESLINT.match(match["where"]):
                return True
            self._add(match["where"])
        if rest:
            self._body(rest)
        return True

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if self._lines > _LIMIT or _HEAD.match(line) or _ENDING.match(line):
            self._close()
            return False
        if not line.strip():
            self._is_after_empty = True
            return True
        was_empty, self._is_after_empty = self._is_after_empty, False
        if match := _FROM.match(line):
            self._origin(match)
            return True
        if self.at is None or self._is_build or line.lstrip().startswith("[tsl]"):
            return self._body(line)
        if is_frame(line) or line[:1] in " >|" or line.startswith(("File was ", "You may need ")):
            if line.startswith("  ") and not is_frame(line) and self._lines < 8 and "|" not in line:
                self._detail(line)
            return True
        # Only the rest of a message with several lines can follow here.
        return self._lines < 40 and not was_empty and not web_line(line)

    def finish(self) -> None:
        self._close()

    # --- the first line

    def _where(self, text: str, *, is_head: bool = False) -> Span:
        """Returns the place that a first line names, or NOWHERE."""
        match = _WHERE.match(text)
        if not match:
            return NOWHERE
        file = _QUERY.sub("", match["file"].rpartition("!")[2]).removeprefix("multi ")
        if " " in file.partition("/")[0] or not re.search(r"\.\w+$", file):
            return NOWHERE
        line, column = match["line"] or match["line2"], match["column"] or match["column2"]
        is_webpack = is_head and bool(re.search(r" \d+:\d+(?:-[\d:]+)?$", text))
        end = match["end_column"]
        return self.report.span(
            file,
            line,
            from_zero(column) if is_webpack else column,
            match["end_line"],
            from_zero(end) if is_webpack else None,
            ColumnUnit.UTF16,
        )

    def _origin(self, match: re.Match[str]) -> None:
        file = _QUERY.sub("", match["file"].rpartition("!")[2])
        if " " in file.partition("/")[0]:
            return
        span = self.report.span(
            file, match["line"], from_zero(match["column"]), unit=ColumnUnit.UTF16
        )
        self._close()
        if self.at is None:
            return
        own = self.report.diagnostics[self.at].span
        if own.file == span.file and own.column is None and own.line == 1:
            # webpack 4 names the place of an import only here.
            self.report.amend(self.at, span=span)
        elif own.file != span.file:
            self.note(span, "imported from here")

    # --- the body

    def _body(self, line: str) -> bool:
        if match := _PARSE.match(line):
            place = (match["line"], from_zero(match["column"]))
            span = self.report.span(self._span.file, *place, unit=ColumnUnit.UTF16)
            message = f"Module parse failed: {match['message']}"
            self._add(message, span if match["line"] else self._span)
        elif match := _TSL.match(line):
            self._span = self._at(match)
            self._severity = Severity.ERROR if match["kind"] == "ERROR" else Severity.WARNING
            self._is_build, self.at, self._held = True, None, []
        elif match := _TS.match(line):
            self.add(self._span, self._severity, match["message"], "tsc", match["code"])
            self._is_build, self._lines = False, 0
        elif match := _PLACE.match(line):
            self._span = self._where(line, is_head=True)
        elif match := SYNTAX.match(line):
            span = self._at(match, from_zero(match["column"]))
            self._is_build = False
            self.add(span, self._severity, match["message"], "babel")
        elif match := _POSTCSS.match(line) or _CSS.match(line):
            self._is_build = False
            self.add(self._at(match), self._severity, match["message"], "postcss")
        elif match := _SASS.match(line) or _LESS.match(line):
            self._is_build = False
            source = "less" if match.re is _LESS else "sass"
            self.add(self._at(match), self._severity, "\n".join(self._held), source)
            self._held = []
        elif match := _BUILD.match(line):
            self._is_build, self._held = True, []
            if _ESLINT.match(match["loader"] or ""):
                return True
            if match["rest"]:
                return self._body(match["rest"])
        else:
            return self._text(line)
        return True

    def _text(self, line: str) -> bool:
        """Reads a line of a message that has no place of its own."""
        if line.startswith(("    at ", "  at ")) or (is_frame(line) and self._held):
            self._close()
        elif self._is_build or self._span == NOWHERE:
            if web_line(line) or EslintCodeframe.PATTERN.match(line):
                # It is a file name of eslint's format, whose diagnostics follow.
                return False
            if not _SASS_FRAME.match(line) and line not in _IDLE and len(self._held) < 6:
                self._held.append(line)
        else:
            self._add(line)
        return True

    def _at(self, match: re.Match[str], column: int | None = None) -> Span:
        return self.report.span(
            match["file"], match["line"], column or match["column"], unit=ColumnUnit.UTF16
        )

    def _add(self, message: str, span: Span | None = None) -> None:
        self.add(span or self._span, self._severity, message, "webpack")

    def _detail(self, line: str) -> None:
        """Reads an indented line below TypeScript's message."""
        if self.at is not None and self.report.diagnostics[self.at].source == "tsc":
            self.lengthen(line.strip())

    def _placed(self, held: list[str]) -> tuple[str, Span]:
        """Splits the place from a loader's message that contains one."""
        first, *rest = held
        unit = ColumnUnit.UTF16
        if match := _BEHIND.match(first):
            column = from_zero(match["column"])
            span = self.report.span(self._span.file, match["line"], column, unit=unit)
            return "\n".join((match["message"], *rest)), span
        if match := _BEFORE.match(first):
            span = self.report.span(self._span.file, match["line"], match["column"], unit=unit)
            return "\n".join((match["message"], *rest)), span
        for number, line in enumerate(rest, 1):
            if match := _ON_LINE.match(line):
                return "\n".join(held[:number]), self.report.span(match["file"], match["line"])
        return "\n".join(held), self._span

    def _close(self) -> None:
        """Adds an error that ended without a place of its own."""
        held, self._held = self._held, []
        if held and self.at is None and self._span != NOWHERE:
            self._add(*self._placed(held))
        self._is_build = False


_NAME = re.compile(web_file() + "$")


def web_line(line: str) -> bool:
    """Returns whether the line is a file name."""
    return _NAME.match(line) is not None and " " not in line
