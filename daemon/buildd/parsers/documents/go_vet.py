"""Reads `go vet -json` and other programs that are built on Go's analysis framework."""

from __future__ import annotations

import re
from typing import Any

from buildd.model import Edit, Fix, Related, Severity, Span
from buildd.parsers.documents.base import Reader
from buildd.parsers.report import NOWHERE

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?::(?P<column>\d+))?$")


class GoVet(Reader):
    """Reads one object: packages, then analyzers, then a list of diagnostics or one error.

    The offsets of its fixes mean nothing without the file. So only the fixes that insert or replace
    at the place of the diagnostic are kept.
    """

    def read(self, document: Any) -> bool:
        if not isinstance(document, dict) or not document:
            return False
        if not all(_is_package(value) for value in document.values()):
            return False
        found = [
            (analyzer, item)
            for package in document.values()
            for analyzer, results in package.items()
            for item in (results if isinstance(results, list) else [results])
        ]
        if not all("posn" in item or set(item) == {"error"} for _, item in found):
            return False
        for analyzer, item in found:
            self._finding(analyzer, item)
        return bool(found)

    def _finding(self, analyzer: str, item: dict[str, Any]) -> None:
        if "posn" not in item:
            self.report.add(NOWHERE, Severity.ERROR, str(item["error"]), "vet", analyzer)
            return
        related = [
            Related(span=self._span(note.get("posn", "")), message=str(note.get("message", "")))
            for note in item.get("related") or ()
        ]
        self.report.add(
            self._span(item["posn"], item.get("end", "")),
            Severity.WARNING,
            item["message"],
            "vet",
            analyzer,
            related=[note for note in related if note.span.file],
            fixes=self._fixes(item),
        )

    def _span(self, place: str, end: str = "") -> Span:
        match, until = _PLACE.match(place), _PLACE.match(end)
        if not match:
            return NOWHERE
        if until and until["file"] == match["file"] and place != end:
            return self.report.span(
                match["file"], match["line"], match["column"], until["line"], until["column"]
            )
        return self.report.span(match["file"], match["line"], match["column"])

    def _fixes(self, item: dict[str, Any]) -> list[Fix]:
        found = []
        for fix in item.get("suggested_fixes") or ():
            edits = tuple(
                Edit(span=span, text=str(edit.get("new", "")))
                for edit in fix.get("edits") or ()
                if isinstance(edit.get("start"), str)
                and (span := self._span(edit["start"], edit.get("end", ""))).file
            )
            if edits:
                found.append(Fix(title=str(fix.get("message") or "Fix"), edits=edits))
        return found


def _is_package(value: Any) -> bool:
    return isinstance(value, dict) and all(
        (isinstance(results, list) and all(isinstance(row, dict) for row in results))
        or (isinstance(results, dict) and set(results) == {"error"})
        for results in value.values()
    )
