"""Checkstyle XML, which many linters print, and cppcheck's XML."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

from buildd.model import ColumnUnit, Related, Severity
from buildd.parsers.base import SEVERITIES
from buildd.parsers.documents.base import Reader

_TOOL = re.compile(r"[\w-]+$")
_SKIPPED = ("ignore", "none")


class Checkstyle(Reader):
    """A file, and its findings within."""

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "checkstyle":
            return False
        for file in document.iter("file"):
            for one in file.iter("error"):
                self._finding(file.get("name"), one)
        return True

    def _finding(self, file: str | None, one: Element) -> None:
        kind = one.get("severity", "").lower()
        if kind in _SKIPPED:
            return
        source, code = _source_and_code(one.get("source", ""))
        column = one.get("column")
        self.report.add(
            self.report.span(
                file,
                one.get("line") or 1,
                # Where it tells no column, ktlint and others write 0 or -1.
                column if column and column.isdecimal() else None,
                unit=ColumnUnit.CODE_POINT,
            ),
            SEVERITIES.get(kind, Severity.ERROR),
            one.get("message", "").removesuffix(f" ({code or source})"),
            source,
            code,
        )


def _source_and_code(told: str) -> tuple[str, str]:
    """The tool and its name for the finding: a class of Checkstyle's own, `TOOL.RULE`, or the
    rule alone, which for phpcs has many parts."""
    first, _, rest = told.partition(".")
    last = told.rpartition(".")[2]
    if ".checkstyle." in told or not rest:
        return "checkstyle", last
    if told.startswith("eslint.rules."):
        return "eslint", told.removeprefix("eslint.rules.")
    if not _TOOL.fullmatch(first) or (first[:1].isupper() and "." in rest):
        return "checkstyle", told
    if first in ("com", "org", "net", "io"):
        return rest.partition(".")[0], last
    return first, rest


class Cppcheck(Reader):
    """cppcheck --xml, version 2 and 1. Of several places the last is where the finding is."""

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "results":
            return False
        if document.find("cppcheck") is None:
            return self._read_old(document)
        for one in document.iter("error"):
            places = one.findall("location")
            kind = one.get("severity") or ""
            message = one.get("verbose") or one.get("msg") or ""
            if not places or kind == "none":
                continue
            spans = [
                self.report.span(place.get("file"), place.get("line"), place.get("column") or None)
                for place in places
            ]
            related = [
                Related(span=span, message=place.get("info") or "see here")
                for span, place in zip(spans[1:], places[1:], strict=True)
            ]
            self.report.add(
                spans[0],
                SEVERITIES.get(kind, Severity.WARNING),
                message,
                "cppcheck",
                one.get("id") or "",
                related=related,
            )
        return True

    def _read_old(self, document: Element) -> bool:
        found = [one for one in document.findall("error") if one.get("file") and one.get("msg")]
        for one in found:
            self.report.add(
                self.report.span(one.get("file"), one.get("line")),
                SEVERITIES.get(one.get("severity", ""), Severity.WARNING),
                one.get("msg", ""),
                "cppcheck",
                one.get("id", ""),
            )
        return bool(found)
