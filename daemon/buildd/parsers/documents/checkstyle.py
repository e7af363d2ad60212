"""Checkstyle XML, which many linters print, and cppcheck's XML."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from buildd.model import ColumnUnit, Related, Severity
from buildd.parsers.base import SEVERITIES
from buildd.parsers.documents.base import Reader


class Checkstyle(Reader):
    """A file, and its findings within."""

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "checkstyle":
            return False
        for file in document.iter("file"):
            for one in file.iter("error"):
                source = one.get("source", "")
                tool, _, code = source.rpartition(".")
                self.report.add(
                    self.report.span(
                        file.get("name"),
                        one.get("line") or 1,
                        one.get("column") or None,
                        unit=ColumnUnit.CODE_POINT,
                    ),
                    SEVERITIES.get(one.get("severity", "").lower(), Severity.ERROR),
                    one.get("message", "").removesuffix(f" ({code or source})"),
                    "checkstyle" if "checkstyle" in tool or not tool else tool.split(".")[0],
                    code or source,
                )
        return True


class Cppcheck(Reader):
    """cppcheck --xml, version 2."""

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "results":
            return False
        if document.find("cppcheck") is None:
            return False
        for one in document.iter("error"):
            places = one.findall("location")
            if not places:
                continue
            spans = [
                self.report.span(place.get("file"), place.get("line"), place.get("column") or None)
                for place in places
            ]
            related = [
                Related(span=span, message=place.get("info", "see here"))
                for span, place in zip(spans[1:], places[1:], strict=True)
            ]
            kind = one.get("severity") or ""
            self.report.add(
                spans[0],
                SEVERITIES.get(kind, Severity.WARNING),
                one.get("verbose") or one.get("msg") or "",
                "cppcheck",
                one.get("id") or "",
                related=related,
            )
        return True
