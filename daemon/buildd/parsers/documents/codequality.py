"""Reads Code Climate's issues, as GitLab takes them, and Sonar's generic external issues."""

from __future__ import annotations

from typing import Any

from buildd.model import ColumnUnit, Severity
from buildd.parsers.documents.base import Reader, has, is_list_of, one_based, severity
from buildd.parsers.report import NOWHERE

_KINDS = {
    "blocker": Severity.ERROR,
    "critical": Severity.ERROR,
    "major": Severity.ERROR,
    "minor": Severity.WARNING,
    "info": Severity.INFORMATION,
    # Phan
    "10": Severity.ERROR,
    "5": Severity.WARNING,
    "0": Severity.INFORMATION,
    # Sonar
    "high": Severity.ERROR,
    "medium": Severity.WARNING,
    "low": Severity.INFORMATION,
}


class CodeQuality(Reader):
    """Reads a list of issues, or one issue per line, which may end with a NUL."""

    def read(self, document: Any) -> bool:
        if _is_issue(document) and document.get("type") == "issue":
            document = [document]
        if not is_list_of(document, "description", "location") or not _is_issue(document[0]):
            return False
        # One tool counts lines and columns from 0; only an issue on line 0 reveals it.
        is_from_zero = any(_start(issue).get("line") == 0 for issue in document)
        for issue in document:
            self._issue(issue, is_from_zero=is_from_zero)
        return True

    def _issue(self, issue: dict[str, Any], *, is_from_zero: bool) -> None:
        place = issue["location"]
        lines, start = place.get("lines") or {}, _start(issue)
        end = (place.get("positions") or {}).get("end") or {}
        line, column = start.get("line"), start.get("column")
        end_line, end_column = end.get("line"), end.get("column")
        if is_from_zero:
            line, column, end_line, end_column = map(
                one_based, (line, column, end_line, end_column)
            )
        if (end_line, end_column) == (line, column):
            end_line = end_column = None
        if lines:
            begin, until = lines.get("begin"), lines.get("end")
            # GitLab's documentation allows an object in place of a line number.
            line = begin.get("line") if isinstance(begin, dict) else begin
            column = begin.get("column") if isinstance(begin, dict) else None
            end_line = until if isinstance(until, int) and until != line else None
            end_column = None
        elif end_line == line:
            end_line = None
        self.report.add(
            self.report.span(
                place["path"], line or 1, column, end_line, end_column, ColumnUnit.CODE_POINT
            ),
            severity(issue.get("severity"), Severity.WARNING, _KINDS),
            issue["description"].removeprefix(f"{issue.get('check_name')}: "),
            issue.get("engine_name") or "codequality",
            str(issue.get("check_name") or ""),
        )


class Sonar(Reader):
    """Reads Sonar's generic format for external issues.

    Columns count from 0, in UTF-16 units. The newer format lists its rules beside the issues.
    """

    def read(self, document: Any) -> bool:
        if not has(document, "issues") or not is_list_of(document["issues"], "primaryLocation"):
            return False
        rules = {rule.get("id"): rule for rule in document.get("rules") or ()}
        for issue in document["issues"]:
            self._issue(issue, rules.get(issue.get("ruleId")) or {})
        return True

    def _issue(self, issue: dict[str, Any], rule: dict[str, Any]) -> None:
        place = issue["primaryLocation"]
        text = place.get("textRange") or {}
        impacts: Any = rule.get("impacts") or ({},)
        level = issue.get("severity") or rule.get("severity") or impacts[0].get("severity")
        span = NOWHERE
        if file := place.get("filePath"):
            end_line = text.get("endLine")
            span = self.report.span(
                file,
                text.get("startLine"),
                one_based(text.get("startColumn")),
                end_line if end_line != text.get("startLine") else None,
                one_based(text.get("endColumn")),
                ColumnUnit.UTF16,
            )
        self.report.add(
            span,
            severity(level, Severity.WARNING, _KINDS),
            place["message"],
            str(issue.get("engineId") or rule.get("engineId") or "sonar"),
            str(issue.get("ruleId") or ""),
        )


def _is_issue(document: Any) -> bool:
    return has(document, "description", "location") and has(document["location"], "path")


def _start(issue: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (issue["location"].get("positions") or {}).get("begin") or {}
    return found
