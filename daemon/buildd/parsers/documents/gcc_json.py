"""gcc's -fdiagnostics-format=json, from 9 to 14: an array for each unit."""

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
    """Byte columns where it tells them (from 11), which are all that gcc 9 and 10 know."""

    def read(self, document: Any) -> bool:
        if not isinstance(document, list) or not all(
            isinstance(one, dict) and "kind" in one and "locations" in one for one in document
        ):
            return False
        for one in document:
            self._finding(one)
        return bool(document)

    def _finding(self, one: dict[str, Any]) -> None:
        first, *others = one["locations"] or [{}]
        related = [
            Related(span=self._span(place), message=place.get("label", "see here"))
            for place in others
        ]
        for child in one.get("children", ()):
            places = child.get("locations") or [{}]
            related.append(Related(span=self._span(places[0]), message=child.get("message", "")))
        fixes = [self._edit(fix) for fix in one.get("fixits", ())]
        self.report.add(
            self._span(first),
            _KINDS.get(one["kind"], Severity.INFORMATION),
            one["message"],
            "gcc",
            one.get("option", ""),
            href=one.get("option_url", ""),
            related=[note for note in related if note.span.file],
            fixes=[Fix(title="Apply the compiler's fix", edits=tuple(fixes), preferred=True)]
            if fixes
            else (),
        )

    def _span(self, location: dict[str, Any]) -> Span:
        # As its text: where the caret stands, up to the end of what is underlined.
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
