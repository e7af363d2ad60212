"""Reads gcc's -fdiagnostics-format=json, of gcc 9 to 14: one array per compilation unit."""

from __future__ import annotations

from typing import Any

from buildd.model import ColumnUnit, Edit, Fix, Related, Severity, Span
from buildd.parsers.documents.base import Reader

_KINDS = {
    "error": Severity.ERROR,
    "fatal error": Severity.ERROR,
    "sorry, unimplemented": Severity.ERROR,
    "internal compiler error": Severity.ERROR,
    "warning": Severity.WARNING,
    "note": Severity.INFORMATION,
    "anachronism": Severity.WARNING,
}


class GccJson(Reader):
    """Reads the array of one compilation unit.

    Columns count bytes: gcc from 11 names them so, and gcc 9 and 10 know no other.
    """

    def read(self, document: Any) -> bool:
        if not isinstance(document, list) or not all(
            isinstance(diagnostic, dict) and "kind" in diagnostic and "locations" in diagnostic
            for diagnostic in document
        ):
            return False
        for diagnostic in document:
            self._finding(diagnostic)
        return bool(document)

    def _finding(self, diagnostic: dict[str, Any]) -> None:
        first, *others = diagnostic["locations"] or [{}]
        related = [
            Related(span=self._span(place), message=place.get("label", "see here"))
            for place in others
        ]
        for child in diagnostic.get("children", ()):
            places = child.get("locations") or [{}]
            related.append(Related(span=self._span(places[0]), message=child.get("message", "")))
        fixes = [self._edit(fix) for fix in diagnostic.get("fixits", ())]
        self.report.add(
            self._span(first),
            _KINDS.get(diagnostic["kind"], Severity.INFORMATION),
            diagnostic["message"],
            "gcc",
            diagnostic.get("option", ""),
            href=diagnostic.get("option_url", ""),
            related=[note for note in related if note.span.file],
            fixes=[Fix(title="Apply the compiler's fix", edits=tuple(fixes), preferred=True)]
            if fixes
            else (),
        )

    def _span(self, location: dict[str, Any]) -> Span:
        # As in gcc's text output: from the caret to the end of what is underlined.
        start = location.get("caret") or location.get("start") or {}
        finish = location.get("finish")
        if not start:
            return self.report.span("", None)
        key = "byte-column" if "byte-column" in start else "column"
        if finish and (finish["line"], finish.get(key, 0)) < (start["line"], start.get(key, 0)):
            finish = None
        return self.report.span(
            start["file"],
            start["line"],
            start.get(key),
            finish["line"] if finish else None,
            finish[key] + 1 if finish and key in finish else None,  # inclusive
            ColumnUnit.BYTE,
        )

    def _edit(self, fix: dict[str, Any]) -> Edit:
        start, end = fix["start"], fix["next"]
        key = "byte-column" if "byte-column" in start else "column"
        is_insertion = (start["line"], start[key]) == (end["line"], end[key])
        span = self.report.span(
            start["file"],
            start["line"],
            start[key],
            None if is_insertion else end["line"],
            None if is_insertion else end[key],
        )
        return Edit(span=span, text=fix["string"])
