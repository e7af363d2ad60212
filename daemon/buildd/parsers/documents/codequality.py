"""Code Climate's form, which GitLab takes and many tools print, and Sonar's of external issues."""

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
    # Phan's.
    "10": Severity.ERROR,
    "5": Severity.WARNING,
    "0": Severity.INFORMATION,
    # Sonar's.
    "high": Severity.ERROR,
    "medium": Severity.WARNING,
    "low": Severity.INFORMATION,
}


class CodeQuality(Reader):
    """A list of issues; as a stream, an issue a line, perhaps with a NUL behind it."""

    def read(self, document: Any) -> bool:
        if _is_issue(document) and document.get("type") == "issue":
            document = [document]
        if not is_list_of(document, "description", "location") or not _is_issue(document[0]):
            return False
        # One tool counts lines and columns from 0; it may be known by a line that cannot be.
        is_from_zero = any(_start(one).get("line") == 0 for one in document)
        for one in document:
            self._issue(one, is_from_zero=is_from_zero)
        return True

    def _issue(self, one: dict[str, Any], *, is_from_zero: bool) -> None:
        place = one["location"]
        lines, start = place.get("lines") or {}, _start(one)
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
            # GitLab's documentation lets a line be an object.
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
            severity(one.get("severity"), Severity.WARNING, _KINDS),
            one["description"].removeprefix(f"{one.get('check_name')}: "),
            one.get("engine_name") or "codequality",
            str(one.get("check_name") or ""),
        )


class Sonar(Reader):
    """The generic form; columns count from 0. The newer one lists its rules beside the issues."""

    def read(self, document: Any) -> bool:
        if not has(document, "issues") or not is_list_of(document["issues"], "primaryLocation"):
            return False
        rules = {rule.get("id"): rule for rule in document.get("rules") or ()}
        for one in document["issues"]:
            self._issue(one, rules.get(one.get("ruleId")) or {})
        return True

    def _issue(self, one: dict[str, Any], rule: dict[str, Any]) -> None:
        place = one["primaryLocation"]
        text = place.get("textRange") or {}
        impacts: Any = rule.get("impacts") or ({},)
        told = one.get("severity") or rule.get("severity") or impacts[0].get("severity")
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
            severity(told, Severity.WARNING, _KINDS),
            place["message"],
            str(one.get("engineId") or rule.get("engineId") or "sonar"),
            str(one.get("ruleId") or ""),
        )


def _is_issue(one: Any) -> bool:
    return has(one, "description", "location") and has(one["location"], "path")


def _start(one: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (one["location"].get("positions") or {}).get("begin") or {}
    return found
