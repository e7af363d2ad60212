"""golangci-lint's JSON, of its versions 1 and 2."""

from __future__ import annotations

from typing import Any

from buildd.model import Edit, Fix, Severity
from buildd.parsers.base import SEVERITIES
from buildd.parsers.documents.base import Reader, has


class Golangci(Reader):
    """Columns count bytes; what version 1 would put in place becomes a fix where it is certain
    where that goes."""

    def read(self, document: Any) -> bool:
        if not has(document, "Issues") or not (has(document, "Report") or _is_issue(document)):
            return False
        for one in document["Issues"] or ():
            self._finding(one)
        return True

    def _finding(self, one: dict[str, Any]) -> None:
        place, linter = one["Pos"], one["FromLinter"]
        told = str(one.get("Severity") or "").lower()
        if linter == "typecheck":
            severity = Severity.ERROR
        else:
            severity = SEVERITIES.get(told, Severity.WARNING)
        lines = one.get("LineRange") or {}
        span = self.report.span(
            place["Filename"],
            place["Line"],
            place.get("Column") or None,
            lines.get("To") if lines.get("To", 0) > place["Line"] else None,
        )
        self.report.add(
            span, severity, one["Text"], "golangci-lint", linter, fixes=self._fixes(one)
        )

    def _fixes(self, one: dict[str, Any]) -> list[Fix]:
        inline = (one.get("Replacement") or {}).get("Inline")
        if not inline or not isinstance(inline.get("StartCol"), int):
            return []
        place, start = one["Pos"], inline["StartCol"] + 1
        end = start + inline.get("Length", 0)
        span = self.report.span(
            place["Filename"], place["Line"], start, None, end if end > start else None
        )
        edit = Edit(span=span, text=inline.get("NewString") or "")
        return [Fix(title=f"Apply {one['FromLinter']}'s fix", edits=(edit,))]


def _is_issue(document: dict[str, Any]) -> bool:
    issues = document["Issues"]
    return isinstance(issues, list) and bool(issues) and has(issues[0], "FromLinter", "Pos")
