"""Reads eslint's own formats, which many other linters print as well."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import SEVERITIES, LineParser, Parser
from buildd.parsers.report import ParseResult
from buildd.parsers.shared.web_files import FILES, STYLES, is_frame, web_file

_HEADER = re.compile(r" {0,3}" + web_file() + r"(?::\d+:\d+)?$")
_ROW = re.compile(
    r"[ \t]+(?:(?P<sign>[✖⚠×✘ℹ‼]) +)?(?P<line>\d+):(?P<column>\d+)"
    r"(?:-(?P<end_line>\d+):(?P<end_column>\d+))?[ \t]+(?:✓ +)?"
    r"(?:(?P<kind>error|warning|info|✖|⚠|×|✘|ℹ|‼)[ \t]+)?(?=\S)"
)
_REACT = re.compile(r" +Line (?P<line>\d+)(?::(?P<column>\d+))?: +(?=\S)")
_NEXT = re.compile(r"(?P<line>\d+):(?P<column>\d+) +(?P<kind>Error|Warning|Info): +(?=\S)")
_JSHINT = re.compile(r" +line (?P<line>\d+) +col (?P<column>\d+) +(?=\S)")
_CODE = re.compile(r"(?:@?[\w.-]+/)*[@\w.-]+(?:\([\w@/.-]+\))?$")
_OXLINT = re.compile(r"[\w@/-]+\((?P<code>[\w@/.-]+)\)$")
_JSHINT_CODE = re.compile(r"\((?P<code>[EWI]\d{3})\)$")
_LINK = re.compile(
    r"(?:Details:|) +(?P<href>https://html-validate\.org/rules/(?P<code>\S+)\.html)$"
)
_HEADINGS = {"Failed to compile": Severity.ERROR, "Compiled with warnings": Severity.WARNING}
_KINDS = {
    **SEVERITIES,
    "✖": Severity.ERROR,
    "×": Severity.ERROR,
    "✘": Severity.ERROR,
    "⚠": Severity.WARNING,
    "‼": Severity.WARNING,
    "ℹ": Severity.INFORMATION,
}
_LIMIT = 12
"""The most lines of one message."""


class Eslint(Parser):
    """Reads a file name on a line of its own, then its diagnostics, indented.

    Columns count UTF-16 units.
    """

    TOOLS = "eslint (stylish), stylelint"
    HINTS = (
        *(f".{extension}" for extension in FILES),
        "https://html-validate.org/rules/",
        *_HEADINGS,
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._file = ""
        self._default_severity = Severity.WARNING
        """The severity of the diagnostics that react-scripts lists without one."""
        self._lines = 0
        """The number of lines that the message may still have; 0 once its rule was read."""
        self._own: list[int] = []
        """The indexes of the diagnostics that were added."""

    def begin(self, line: str) -> bool | None:
        if match := _LINK.match(line):
            self._link(match["code"], match["href"])
            return bool(self._own)
        for words, severity in _HEADINGS.items():
            if words in line:
                self._default_severity = severity
        match = _HEADER.match(line)
        if not match:
            return False
        self._file, self._lines = match["file"], 0
        # A name alone may mean anything, so other parsers may take the line.
        return None

    def more(self, line: str) -> bool | None:
        for pattern in (_ROW, _REACT, _NEXT, _JSHINT):
            if match := pattern.match(line):
                return self._row(match, line[match.end() :].rstrip())
        if self._lines and line.strip() and not line.startswith("✖ "):
            text, code, _ = _parts(line.strip())
            self._lines = 0 if code else self._lines - 1
            self.lengthen(text)
            if code and self.at is not None:
                self.report.amend(self.at, code=code)
            return True
        return False

    def _row(self, match: re.Match[str], rest: str) -> bool:
        group = match.groupdict()
        sign = group.get("kind") or group.get("sign") or ""
        if match.re is _ROW and not sign:
            return False
        span = self.report.span(
            self._file,
            match["line"],
            match["column"],
            group.get("end_line"),
            group.get("end_column"),
            unit=ColumnUnit.UTF16,
        )
        message, code, source = _parts(rest)
        if oxlint := _OXLINT.match(code):
            source, code = "oxlint", oxlint["code"]
            # oxlint counts bytes.
            span = self.report.span(self._file, match["line"], match["column"])
        elif match.re is _JSHINT:
            source = "jshint"
        elif not source:
            source = "stylelint" if group.get("kind") in ("✖", "⚠", "×", "ℹ") else "eslint"
        severity = _KINDS.get(sign.lower(), self._default_severity)
        self.at = self.report.add(span, severity, message, source, code, href=_href(source, code))
        if self.at is not None:
            self._own = [*self._own[-999:], self.at]
        self._lines = 0 if code else _LIMIT
        return True

    def _link(self, code: str, href: str) -> None:
        """Adds the page of a rule, which html-validate prints below, to its diagnostics."""
        for number in self._own:
            found = self.report.diagnostics[number]
            if found.code == code and found.source == "eslint":
                self.report.amend(number, source="html-validate", href=href)


class EslintCompact(LineParser):
    """Reads `a.js: line 1, col 2, Error - …  (rule)`."""

    TOOLS = "eslint (compact), stylelint (compact)"
    HINTS = (": line ",)
    SOURCE = "eslint"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        web_file()
        + r": line (?P<line>\d+), col (?P<column>\d+)(?:, (?P<kind>(?i:Error|Warning|Info)))? - "
        r"(?P<message>.*?)(?: \((?P<code>[\w@/.-]+)\))?$"
    )

    def begin(self, line: str) -> bool:
        match = self.PATTERN.match(line)
        if not match:
            return False
        kind = match["kind"] or ""
        source = self.SOURCE
        if not kind:
            source = "deno"
        elif kind.islower():
            source = "stylelint" if match["file"].endswith(STYLES) else "htmlhint"
        span = self.report.span(match["file"], match["line"], match["column"], unit=self.UNIT)
        severity = self.severity(match.groupdict())
        self.add(span, severity, match["message"], source, match["code"] or "")
        return True


class EslintCodeframe(LineParser):
    """Reads `error: … (rule) at a.js:1:2:` with the source below."""

    TOOLS = "eslint (codeframe), html-validate (codeframe)"
    HINTS = (" at ",)
    SOURCE = "eslint"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        r"(?P<kind>error|warning): (?P<message>.*?)(?: \((?P<code>[\w@/.-]+)\))? at "
        + web_file()
        + r":(?P<line>\d+):(?P<column>\d+):$"
    )

    def more(self, line: str) -> bool | None:
        if (match := _LINK.match(line)) and self.at is not None:
            self.report.amend(self.at, source="html-validate", href=match["href"])
            return True
        return is_frame(line)


class EslintUnix(LineParser):
    """Reads `a.js:1:2: … [Error/rule]`."""

    TOOLS = "eslint (unix)"
    HINTS = ("[Error", "[Warning", "[error/", "[warning/", "[Info")
    SOURCE = "eslint"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        web_file() + r":(?P<line>\d+):(?P<column>\d+): (?P<message>.*) "
        r"\[(?P<kind>Error|Warning|Info|error(?=/)|warning(?=/))(?:/(?P<code>[^\]]+))?\]$"
    )

    def begin(self, line: str) -> bool:
        match = self.PATTERN.match(line)
        if not match:
            return False
        code = match["code"] or ""
        # htmlhint prints the severity in lower case; oxlint names the plug-in, and counts bytes.
        source, unit = "htmlhint" if match["kind"].islower() else self.SOURCE, self.UNIT
        if oxlint := _OXLINT.match(code):
            source, code, unit = "oxlint", oxlint["code"], ColumnUnit.BYTE
        span = self.report.span(match["file"], match["line"], match["column"], unit=unit)
        self.add(span, self.severity(match.groupdict()), match["message"], source, code)
        return True


class EslintVisualStudio(LineParser):
    """Reads `a.js(1,2): error rule : …`."""

    TOOLS = "eslint (visualstudio)"
    HINTS = (": error ", ": warning ")
    SOURCE = "eslint"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        web_file() + r"\((?P<line>\d+),(?P<column>\d+)\): (?P<kind>error|warning) "
        r"(?!(?:TS|NG)-?\d)(?:(?P<code>[\w@/.-]+) ?)?: (?P<message>.*)"
    )

    def begin(self, line: str) -> bool:
        if not super().begin(line):
            return False
        if self.at is not None and re.search("[a-z][A-Z]", self.report.diagnostics[self.at].code):
            # tslint's msbuild format has rules in camel case.
            self.report.amend(self.at, source="tslint")
        return True


class StylelintUnix(LineParser):
    """Reads `a.css:1:2: … (rule) [error]`."""

    TOOLS = "stylelint (unix)"
    HINTS = (" [error]", " [warning]")
    SOURCE = "stylelint"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        web_file() + r":(?P<line>\d+):(?P<column>\d+): (?P<message>.*?)"
        r"(?: \((?P<code>[\w@/-]+)\))? \[(?P<kind>error|warning)\]$"
    )


def _parts(text: str) -> tuple[str, str, str]:
    """Splits a row into the message, its rule, and the tool's name if the row has that."""
    if match := _JSHINT_CODE.search(text):
        return text[: match.start()].strip(), match["code"], "jshint"
    message, _, code = text.rpartition("  ")
    if not message or not _CODE.match(code):
        return text, "", ""
    before, _, rule = message.rstrip().rpartition("  ")
    if before and _CODE.match(rule) and "-" in code:
        # vfile-reporter prints the rule, then the plug-in.
        return before.rstrip(), rule, code
    return message.rstrip(), code, ""


def _href(source: str, code: str) -> str:
    if not code or "/" in code:
        return ""
    if source == "stylelint":
        return f"https://stylelint.io/user-guide/rules/{code}"
    return f"https://eslint.org/docs/latest/rules/{code}" if source == "eslint" else ""
