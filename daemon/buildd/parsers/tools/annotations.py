"""Reads the annotations that many tools print for GitHub Actions and Azure Pipelines."""

from __future__ import annotations

import re
from urllib.parse import unquote

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import SEVERITIES, Parser

_GITHUB = re.compile(r"::(?P<kind>error|warning|notice) (?P<properties>[^\n]*?)::(?P<message>.*)")
_AZURE = re.compile(r"##vso\[task\.logissue (?P<properties>[^\]\n]*)\](?P<message>.*)")
_TITLE = re.compile(r"(?P<tool>\w[\w.-]*) \((?P<code>[\w./-]+)\)$")
_RULE = re.compile(r"[\w@/-]+\((?P<code>[\w@/.-]+)\)$")
"""The title that oxlint gives."""
_AGAIN = re.compile(r"[^\s:]+:\d+:(?P<column>\d+): ")
_CODE = re.compile(r"(?P<code>[A-Z]{1,5}\d{2,5}|(?:[A-Z]\w+/)+[A-Z]\w+)(?=:? |$)")
_NEAR = 500
"""The number of recent diagnostics among which the same one, printed for people, may be."""


class Annotations(Parser):
    """Reads one line per annotation.

    Only annotations that name a file become diagnostics. Columns count code points.
    """

    TOOLS = "annotations for GitHub Actions and Azure Pipelines"
    HINTS = ("::error ", "::warning ", "::notice ", "##vso[task.logissue ")

    def begin(self, line: str) -> bool:
        line = line.strip()
        if match := _GITHUB.match(line):
            properties = _properties(match["properties"], ",")
            kind, file = match["kind"], properties.get("file", "")
        elif match := _AZURE.match(line):
            properties = _properties(match["properties"], ";")
            kind, file = properties.get("type", "error"), properties.get("sourcepath", "")
        else:
            return False
        # gotestsum names a file without its directory, and prints the test's output anyway.
        if not file or (file.endswith("_test.go") and "/" not in file):
            return True
        number = properties.get("line") or properties.get("linenumber")
        column = properties.get("col") or properties.get("column") or properties.get("columnnumber")
        title = properties.get("title", "")
        source, code = "annotation", properties.get("code", "")
        message = unquote(match["message"])
        if " › " in title:
            # Playwright prints the same again in full.
            return True
        if named := _TITLE.match(title):
            source, code = named["tool"].lower(), named["code"]
        elif named := _RULE.match(title):
            source, code = "oxlint", named["code"]
        elif title.startswith(("lint/", "assist/")) or title in ("format", "parse"):
            source, code = "biome", title
        elif _CODE.fullmatch(title):
            code = title
        message = message.removeprefix(f"{title}: ") if title else message
        if again := _AGAIN.match(message):
            message = message[again.end() :]
            column = column or again["column"]
        if not code and (found := _CODE.match(message)):
            code = found["code"]
        if code and message.startswith(code):
            message = message[len(code) :].lstrip(": ")
        # pylint counts columns from 0; its codes look like no other tool's.
        if column and re.fullmatch(r"[CRWEFI]\d{4}", title) and re.fullmatch(r"\d{1,9}", column):
            column = str(int(column) + 1)
        end_line, end_column = properties.get("endLine"), properties.get("endColumn")
        if (end_line, end_column) == (number, column):
            end_line = end_column = None
        span = self.report.span(file, number, column, end_line, end_column, ColumnUnit.CODE_POINT)
        severity = SEVERITIES.get(kind, Severity.ERROR)
        if not self._is_known(span.file, span.line, message):
            self.add(span, severity, message, source, code)
        return True

    def _is_known(self, file: str, line: int, message: str) -> bool:
        """Returns whether the tool has printed the same for people."""
        first = message.partition("\n")[0]
        return any(
            known.span.line == line
            and known.span.file == file
            and first in (known.message, known.code)
            for known in self.report.diagnostics[-_NEAR:]
        )


def _properties(text: str, separator: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split(separator))
    return {key.strip(): unquote(value.strip()) for key, _, value in pairs}
