"""Reads reviewdog's formats: rdjson, and rdjsonl with one diagnostic per line."""

from __future__ import annotations

from typing import Any

from buildd.model import Edit, Fix, Related, Severity, Span
from buildd.parsers.documents.base import Reader, has, severity

_KINDS = {"1": Severity.ERROR, "2": Severity.WARNING, "3": Severity.INFORMATION}


class Reviewdog(Reader):
    """Reads the diagnostics of both formats. Columns count bytes; ends are exclusive."""

    def read(self, document: Any) -> bool:
        if has(document, "diagnostics"):
            items = document["diagnostics"]
            if not isinstance(items, list) or not all(_is_finding(item) for item in items):
                return False
            common = document
            if not items and not has(document, "source"):
                return False
        elif _is_finding(document):
            items, common = [document], {}
        else:
            return False
        for item in items:
            self._finding(item, common)
        return True

    def _finding(self, item: dict[str, Any], common: dict[str, Any]) -> None:
        place = item["location"]
        source = (item.get("source") or common.get("source") or {}).get("name") or "reviewdog"
        code = item.get("code") or {}
        fixes = [
            Fix(title="Apply the suggestion", edits=(edit,))
            for suggestion in item.get("suggestions") or ()
            if (edit := self._edit(place["path"], suggestion))
        ]
        related = []
        for note in item.get("relatedLocations", item.get("related_locations")) or ():
            where = note.get("location") or {}
            if where.get("path"):
                span = self._span(where["path"], where.get("range") or {})
                related.append(Related(span=span, message=note.get("message") or "see here"))
        self.report.add(
            self._span(place["path"], place.get("range") or {}),
            severity(item.get("severity") or common.get("severity") or "error", others=_KINDS),
            item["message"],
            source,
            str(code.get("value") or ""),
            href=str(code.get("url") or ""),
            related=related,
            fixes=fixes,
        )

    def _span(self, file: str, place: dict[str, Any]) -> Span:
        start, end = place.get("start") or {}, place.get("end") or {}
        if end == start:
            end = {}
        line, end_line = start.get("line"), end.get("line")
        return self.report.span(
            file,
            line,
            start.get("column"),
            end_line if end_line != line else None,
            end.get("column"),
        )

    def _edit(self, file: str, suggestion: dict[str, Any]) -> Edit | None:
        place = suggestion.get("range") or {}
        start, end = place.get("start") or {}, place.get("end") or {}
        if not start.get("column") or (end and not end.get("column")):
            return None  # It replaces whole lines, whose length is unknown.
        return Edit(span=self._span(file, place), text=suggestion.get("text") or "")


def _is_finding(item: Any) -> bool:
    return (
        has(item, "message", "location")
        and has(item["location"], "path")
        and isinstance(item["message"], str)
        and not has(item["location"], "lines")
    )
