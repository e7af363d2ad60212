"""Reviewdog's own forms: rdjson, and rdjsonl of one finding a line."""

from __future__ import annotations

from typing import Any

from buildd.model import Edit, Fix, Related, Severity, Span
from buildd.parsers.documents.base import Reader, has, severity

_KINDS = {"1": Severity.ERROR, "2": Severity.WARNING, "3": Severity.INFORMATION}


class Reviewdog(Reader):
    """Columns count bytes, and ends are exclusive."""

    def read(self, document: Any) -> bool:
        if has(document, "diagnostics"):
            found = document["diagnostics"]
            if not isinstance(found, list) or not all(_is_finding(one) for one in found):
                return False
            common = document
            if not found and not has(document, "source"):
                return False
        elif _is_finding(document):
            found, common = [document], {}
        else:
            return False
        for one in found:
            self._finding(one, common)
        return True

    def _finding(self, one: dict[str, Any], common: dict[str, Any]) -> None:
        place = one["location"]
        source = (one.get("source") or common.get("source") or {}).get("name") or "reviewdog"
        code = one.get("code") or {}
        fixes = [
            Fix(title="Apply the suggestion", edits=(edit,))
            for told in one.get("suggestions") or ()
            if (edit := self._edit(place["path"], told))
        ]
        related = []
        for note in one.get("relatedLocations", one.get("related_locations")) or ():
            where = note.get("location") or {}
            if where.get("path"):
                span = self._span(where["path"], where.get("range") or {})
                related.append(Related(span=span, message=note.get("message") or "see here"))
        self.report.add(
            self._span(place["path"], place.get("range") or {}),
            severity(one.get("severity") or common.get("severity") or "error", others=_KINDS),
            one["message"],
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

    def _edit(self, file: str, told: dict[str, Any]) -> Edit | None:
        place = told.get("range") or {}
        start, end = place.get("start") or {}, place.get("end") or {}
        if not start.get("column") or (end and not end.get("column")):
            return None  # Whole lines, whose length nothing tells.
        return Edit(span=self._span(file, place), text=told.get("text") or "")


def _is_finding(one: Any) -> bool:
    return (
        has(one, "message", "location")
        and has(one["location"], "path")
        and isinstance(one["message"], str)
        and not has(one["location"], "lines")
    )
