"""What many tools print for the service that runs them: GitHub's and Azure's commands."""

from __future__ import annotations

import re
from urllib.parse import unquote

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import SEVERITIES, Parser

_GITHUB = re.compile(r"::(?P<kind>error|warning|notice) (?P<properties>[^\n]*?)::(?P<message>.*)")
_AZURE = re.compile(r"##vso\[task\.logissue (?P<properties>[^\]\n]*)\](?P<message>.*)")
_TITLE = re.compile(r"(?P<tool>\w[\w.-]*) \((?P<code>[\w./-]+)\)$")
_RULE = re.compile(r"[\w@/-]+\((?P<code>[\w@/.-]+)\)$")
"""oxlint's title."""
_AGAIN = re.compile(r"[^\s:]+:\d+:(?P<column>\d+): ")
_CODE = re.compile(r"(?P<code>[A-Z]{1,5}\d{2,5}|(?:[A-Z]\w+/)+[A-Z]\w+)(?=:? |$)")
_NEAR = 500
"""How many findings back the tool may have told people the same."""


class Annotations(Parser):
    """A line each. Nothing but what names a file is a finding of its own."""

    TOOLS = "annotations for GitHub Actions and Azure Pipelines"
    HINTS = ("::error ", "::warning ", "::notice ", "##vso[task.logissue ")

    def begin(self, line: str) -> bool:
        line = line.strip()
        if match := _GITHUB.match(line):
            told = _properties(match["properties"], ",")
            kind, file = match["kind"], told.get("file", "")
        elif match := _AZURE.match(line):
            told = _properties(match["properties"], ";")
            kind, file = told.get("type", "error"), told.get("sourcepath", "")
        else:
            return False
        # gotestsum names a file without its directory, and then shows what the test has printed.
        if not file or (file.endswith("_test.go") and "/" not in file):
            return True
        number = told.get("line") or told.get("linenumber")
        column = told.get("col") or told.get("column") or told.get("columnnumber")
        title = told.get("title", "")
        source, code = "annotation", told.get("code", "")
        message = unquote(match["message"])
        if " › " in title:
            # Playwright tells the same in full.
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
        # pylint counts from 0, and names its findings like nobody else.
        if column and re.fullmatch(r"[CRWEFI]\d{4}", title) and re.fullmatch(r"\d{1,9}", column):
            column = str(int(column) + 1)
        end_line, end_column = told.get("endLine"), told.get("endColumn")
        if (end_line, end_column) == (number, column):
            end_line = end_column = None
        span = self.report.span(file, number, column, end_line, end_column, ColumnUnit.CODE_POINT)
        severity = SEVERITIES.get(kind, Severity.ERROR)
        if not self._is_known(span.file, span.line, message):
            self.add(span, severity, message, source, code)
        return True

    def _is_known(self, file: str, line: int, message: str) -> bool:
        first = message.partition("\n")[0]
        return any(
            one.span.line == line and one.span.file == file and first in (one.message, one.code)
            for one in self.report.diagnostics[-_NEAR:]
        )


def _properties(text: str, separator: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split(separator))
    return {key.strip(): unquote(value.strip()) for key, _, value in pairs}
