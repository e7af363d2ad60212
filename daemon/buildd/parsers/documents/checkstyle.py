"""Reads Checkstyle's XML, which many linters write, and Cppcheck's XML."""

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
    """Reads a document with one element per file, which holds the errors of that file."""

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "checkstyle":
            return False
        for file in document.iter("file"):
            for error in file.iter("error"):
                self._finding(file.get("name"), error)
        return True

    def _finding(self, file: str | None, error: Element) -> None:
        kind = error.get("severity", "").lower()
        if kind in _SKIPPED:
            return
        source, code = _source_and_code(error.get("source", ""))
        column = error.get("column")
        self.report.add(
            self.report.span(
                file,
                error.get("line") or 1,
                # ktlint and others write 0 or -1 if they know no column.
                column if column and column.isdecimal() else None,
                unit=ColumnUnit.CODE_POINT,
            ),
            SEVERITIES.get(kind, Severity.ERROR),
            error.get("message", "").removesuffix(f" ({code or source})"),
            source,
            code,
        )


def _source_and_code(name: str) -> tuple[str, str]:
    """Splits the `source` of an error into the tool and its name for the rule.

    `source` is a class of Checkstyle, `TOOL.RULE`, or the rule alone, which for phpcs has many
    parts.
    """
    first, _, rest = name.partition(".")
    last = name.rpartition(".")[2]
    if ".checkstyle." in name or not rest:
        return "checkstyle", last
    if name.startswith("eslint.rules."):
        return "eslint", name.removeprefix("eslint.rules.")
    if not _TOOL.fullmatch(first) or (first[:1].isupper() and "." in rest):
        return "checkstyle", name
    if first in ("com", "org", "net", "io"):
        return rest.partition(".")[0], last
    return first, rest


class Cppcheck(Reader):
    """Reads what Cppcheck writes with --xml, in version 1 and 2 of the format.

    The first of several locations is the place of the diagnostic; the others become notes.
    """

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "results":
            return False
        if document.find("cppcheck") is None:
            return self._read_old(document)
        for error in document.iter("error"):
            places = error.findall("location")
            kind = error.get("severity") or ""
            message = error.get("verbose") or error.get("msg") or ""
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
                error.get("id") or "",
                related=related,
            )
        return True

    def _read_old(self, document: Element) -> bool:
        errors = [
            error for error in document.findall("error") if error.get("file") and error.get("msg")
        ]
        for error in errors:
            self.report.add(
                self.report.span(error.get("file"), error.get("line")),
                SEVERITIES.get(error.get("severity", ""), Severity.WARNING),
                error.get("msg", ""),
                "cppcheck",
                error.get("id", ""),
            )
        return bool(errors)
