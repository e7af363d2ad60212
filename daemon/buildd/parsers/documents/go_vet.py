"""go vet -json, and other programs made of Go's analysis framework."""

from __future__ import annotations

import re
from typing import Any

from buildd.model import Edit, Fix, Related, Severity, Span
from buildd.parsers.documents.base import Reader
from buildd.parsers.report import NOWHERE

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?::(?P<column>\d+))?$")


class GoVet(Reader):
    """By the package, then by the analyzer: a list of findings, or one error. The offsets of its
    fixes say nothing without the file, and are left out, but for those that insert or replace
    what the finding is about."""

    def read(self, document: Any) -> bool:
        if not isinstance(document, dict) or not document:
            return False
        if not all(_is_package(one) for one in document.values()):
            return False
        found = [
            (analyzer, one)
            for package in document.values()
            for analyzer, told in package.items()
            for one in (told if isinstance(told, list) else [told])
        ]
        if not all("posn" in one or set(one) == {"error"} for _, one in found):
            return False
        for analyzer, one in found:
            self._finding(analyzer, one)
        return bool(found)

    def _finding(self, analyzer: str, one: dict[str, Any]) -> None:
        if "posn" not in one:
            self.report.add(NOWHERE, Severity.ERROR, str(one["error"]), "vet", analyzer)
            return
        related = [
            Related(span=self._span(note.get("posn", "")), message=str(note.get("message", "")))
            for note in one.get("related") or ()
        ]
        self.report.add(
            self._span(one["posn"], one.get("end", "")),
            Severity.WARNING,
            one["message"],
            "vet",
            analyzer,
            related=[note for note in related if note.span.file],
            fixes=self._fixes(one),
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

    def _fixes(self, one: dict[str, Any]) -> list[Fix]:
        found = []
        for fix in one.get("suggested_fixes") or ():
            edits = tuple(
                Edit(span=span, text=str(edit.get("new", "")))
                for edit in fix.get("edits") or ()
                if isinstance(edit.get("start"), str)
                and (span := self._span(edit["start"], edit.get("end", ""))).file
            )
            if edits:
                found.append(Fix(title=str(fix.get("message") or "Fix"), edits=edits))
        return found


def _is_package(told: Any) -> bool:
    return isinstance(told, dict) and all(
        (isinstance(one, list) and all(isinstance(row, dict) for row in one))
        or (isinstance(one, dict) and set(one) == {"error"})
        for one in told.values()
    )
