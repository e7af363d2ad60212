"""Reads hadolint, a linter for Dockerfiles, with the diagnostics of ShellCheck that it includes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from buildd.model import Severity
from buildd.parsers.base import LineParser


class Hadolint(LineParser):
    """Reads one line per diagnostic; only syntax errors have a column."""

    TOOLS = "hadolint"
    HINTS = (" DL1", " DL3", " DL4", " SC1", " SC2", " SC3", " unexpected ")
    SOURCE = "hadolint"
    PATTERN = re.compile(
        r"(?:hadolint:)?(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*|-):(?P<line>\d+)(?:"
        r":? (?P<code>(?:DL|SC)\d{4}) (?:\S*(?P<kind>error|warning|info|style)\S*: )?"
        r"|:(?P<column>\d+) (?=unexpected .*expecting ))(?P<message>.+)"
    )

    def severity(self, group: Mapping[str, str | None]) -> Severity:
        """Returns the severity of a match; before hadolint 2.0 it is not printed."""
        if group["code"] and not group["kind"]:
            return Severity.WARNING
        return super().severity(group)

    def begin(self, line: str) -> bool:
        if not super().begin(line):
            return False
        if self.at is not None and (code := self.report.diagnostics[self.at].code):
            wiki = "https://www.shellcheck.net/wiki/"
            if code.startswith("DL"):
                wiki = "https://github.com/hadolint/hadolint/wiki/"
            self.report.amend(self.at, href=wiki + code)
        return True
