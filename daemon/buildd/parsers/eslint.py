"""eslint and what prints as it does: stylelint, oxlint, standard, jshint's stylish."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import SEVERITIES, LineParser, Parser, path
from buildd.parsers.report import Report

_FILES = (
    "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "astro", "json", "jsonc",
    "md", "mdx", "html", "css", "scss", "sass", "less", "yml", "yaml", "graphql", "gql",
)  # fmt: skip
_HEADER = re.compile(r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*\.(?:" + "|".join(_FILES) + r"))$")
_ROW = re.compile(
    r"  +(?P<line>\d+):(?P<column>\d+) +(?P<kind>error|warning|info|✖|⚠|×|ℹ) +(?P<message>\S.*?)"
    r"(?:  +(?P<code>(?:@?[\w-]+/)*[\w@/-]+))?$"
)
_KINDS = {
    **SEVERITIES,
    "✖": Severity.ERROR,
    "×": Severity.ERROR,
    "⚠": Severity.WARNING,
    "ℹ": Severity.INFORMATION,
}


class Eslint(Parser):
    """A file's name on a line of its own, then its findings, indented."""

    TOOLS = "eslint (stylish), stylelint"
    HINTS = tuple(f".{one}" for one in _FILES)

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._file = ""

    def begin(self, line: str) -> bool | None:
        match = _HEADER.match(line)
        if not match:
            return False
        self._file = match["file"]
        # A name alone says nothing yet: whoever else wants the line may have it.
        return None

    def more(self, line: str) -> bool | None:
        match = _ROW.match(line)
        if not match:
            return False
        span = self.report.span(self._file, match["line"], match["column"], unit=ColumnUnit.UTF16)
        code = match["code"] or ""
        source = "stylelint" if match["kind"] in ("✖", "⚠", "×", "ℹ") else "eslint"
        self.at = self.report.add(
            span, _KINDS[match["kind"]], match["message"], source, code, href=_href(source, code)
        )
        return True


class EslintCompact(LineParser):
    """`a.js: line 1, col 2, Error - …  (rule)`."""

    TOOLS = "eslint (compact), stylelint (compact)"
    HINTS = (": line ",)
    SOURCE = "eslint"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        path(*_FILES)
        + r": line (?P<line>\d+), col (?P<column>\d+), (?P<kind>(?i:Error|Warning)) - "
        r"(?P<message>.*?)(?: \((?P<code>[\w@/-]+)\))?$"
    )


class EslintCodeframe(LineParser):
    """`error: … (rule) at a.js:1:2:`, and the source below."""

    TOOLS = "eslint (codeframe)"
    HINTS = (" at ",)
    SOURCE = "eslint"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        r"(?P<kind>error|warning): (?P<message>.*?)(?: \((?P<code>[\w@/-]+)\))? at "
        + path(*_FILES)
        + r":(?P<line>\d+):(?P<column>\d+):$"
    )

    def more(self, line: str) -> bool | None:
        return line.startswith((">", " ")) and "|" in line


class EslintUnix(LineParser):
    """`a.js:1:2: … [Error/rule]`."""

    TOOLS = "eslint (unix)"
    HINTS = (" [Error/", " [Warning/", " [Error]", " [Warning]")
    SOURCE = "eslint"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        path(*_FILES) + r":(?P<line>\d+):(?P<column>\d+): (?P<message>.*) "
        r"\[(?P<kind>Error|Warning)(?:/(?P<code>[^\]]+))?\]$"
    )


class EslintVisualStudio(LineParser):
    """`a.js(1,2): error rule : …`."""

    TOOLS = "eslint (visualstudio)"
    HINTS = (": error ", ": warning ")
    SOURCE = "eslint"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        path(*_FILES) + r"\((?P<line>\d+),(?P<column>\d+)\): (?P<kind>error|warning) "
        r"(?:(?P<code>[\w@/-]+) ?)?: (?P<message>.*)"
    )


class StylelintUnix(LineParser):
    """`a.css:1:2: … (rule) [error]`."""

    TOOLS = "stylelint (unix)"
    HINTS = (" [error]", " [warning]")
    SOURCE = "stylelint"
    UNIT = ColumnUnit.UTF16
    PATTERN = re.compile(
        path(*_FILES) + r":(?P<line>\d+):(?P<column>\d+): (?P<message>.*?)"
        r"(?: \((?P<code>[\w@/-]+)\))? \[(?P<kind>error|warning)\]$"
    )


def _href(source: str, code: str) -> str:
    if not code or "/" in code:
        return ""
    if source == "stylelint":
        return f"https://stylelint.io/user-guide/rules/{code}"
    return f"https://eslint.org/docs/latest/rules/{code}"
