"""Reads golangci-lint's JSON, of its versions 1 and 2."""

from __future__ import annotations

from typing import Any

from buildd.model import Edit, Fix, Severity
from buildd.parsers.base import SEVERITIES
from buildd.parsers.documents.base import Reader, has


class Golangci(Reader):
    """Reads one object with all issues. Columns count bytes.

    A replacement of version 1 becomes a fix if its place is certain.
    """

    def read(self, document: Any) -> bool:
        if not has(document, "Issues") or not (has(document, "Report") or _is_issue(document)):
            return False
        for issue in document["Issues"] or ():
            self._finding(issue)
        return True

    def _finding(self, issue: dict[str, Any]) -> None:
        place, linter = issue["Pos"], issue["FromLinter"]
        level = str(issue.get("Severity") or "").lower()
        if linter == "typecheck":
            severity = Severity.ERROR
        else:
            severity = SEVERITIES.get(level, Severity.WARNING)
        lines = issue.get("LineRange") or {}
        span = self.report.span(
            place["Filename"],
            place["Line"],
            place.get("Column") or None,
            lines.get("To") if lines.get("To", 0) > place["Line"] else None,
        )
        self.report.add(
            span, severity, issue["Text"], "golangci-lint", linter, fixes=self._fixes(issue)
        )

    def _fixes(self, issue: dict[str, Any]) -> list[Fix]:
        inline = (issue.get("Replacement") or {}).get("Inline")
        if not inline or not isinstance(inline.get("StartCol"), int):
            return []
        place, start = issue["Pos"], inline["StartCol"] + 1
        end = start + inline.get("Length", 0)
        span = self.report.span(
            place["Filename"], place["Line"], start, None, end if end > start else None
        )
        edit = Edit(span=span, text=inline.get("NewString") or "")
        return [Fix(title=f"Apply {issue['FromLinter']}'s fix", edits=(edit,))]


def _is_issue(document: dict[str, Any]) -> bool:
    issues = document["Issues"]
    return isinstance(issues, list) and bool(issues) and has(issues[0], "FromLinter", "Pos")
