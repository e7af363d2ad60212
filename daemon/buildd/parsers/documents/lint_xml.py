"""The XML of PMD, SpotBugs, Android's lint, JSLint and JetBrains' InspectCode."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from buildd.model import ColumnUnit, Related, Severity, Span
from buildd.parsers.documents.base import Reader, severity
from buildd.parsers.report import NOWHERE
from buildd.parsers.shared.java_frames import path_of

_BY_PRIORITY = {
    "1": Severity.ERROR,
    "2": Severity.ERROR,
    "3": Severity.WARNING,
    "4": Severity.INFORMATION,
    "5": Severity.INFORMATION,
}


class Pmd(Reader):
    """PMD and its copy-paste detector's relatives; ends of places are inclusive."""

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "pmd":
            return False
        for file in document.iter("file"):
            for one in file.iter("violation"):
                self._violation(file.get("name"), one)
        for one in document.iter("error"):
            message = one.get("msg") or (one.text or "").strip().partition("\n")[0]
            if message:
                span = self.report.span(one.get("filename"), 1)
                self.report.add(span, Severity.ERROR, message, "pmd")
        return True

    def _violation(self, file: str | None, one: Element) -> None:
        line, end_line = one.get("beginline"), one.get("endline")
        column, end = one.get("begincolumn"), one.get("endcolumn") or ""
        self.report.add(
            self.report.span(
                file,
                line,
                column,
                end_line if end_line != line else None,
                int(end) + 1 if end.isdecimal() and column else None,
                ColumnUnit.CODE_POINT,
            ),
            _BY_PRIORITY.get(one.get("priority", ""), Severity.WARNING),
            (one.text or "").strip(),
            # PHP's mess detector has its form.
            "pmd" if column else "phpmd",
            one.get("rule", ""),
            href=one.get("externalInfoUrl", ""),
        )


class Spotbugs(Reader):
    """SpotBugs and FindBugs; a file is told by its path below one of the source directories."""

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "BugCollection":
            return False
        directories = [one.text or "" for one in document.iter("SrcDir")]
        patterns = {
            one.get("type", ""): one.findtext("ShortDescription") or ""
            for one in document.iter("BugPattern")
        }
        for one in document.iter("BugInstance"):
            kind = one.get("type", "")
            places = [place for place in _lines_of(one) if place.get("sourcepath")]
            main = next((place for place in places if place.get("primary") == "true"), None)
            main = main if main is not None else next(iter(places), None)
            message = one.findtext("LongMessage") or one.findtext("ShortMessage")
            self.report.add(
                self._span(main, directories) if main is not None else NOWHERE,
                {"1": Severity.ERROR}.get(one.get("priority", ""), Severity.WARNING),
                (message or patterns.get(kind) or kind).strip(),
                "spotbugs",
                kind,
            )
        return True

    def _span(self, place: Element, directories: list[str]) -> Span:
        path = place.get("relSourcepath") or place.get("sourcepath") or ""
        if not place.get("relSourcepath"):
            path = _source_of(place, path, directories)
        start, end = place.get("start"), place.get("end")
        return self.report.span(path, start or 1, None, end if end != start else None)


def _lines_of(bug: Element) -> list[Element]:
    """Those of the bug itself, then those of its methods and fields, then its class."""
    found = bug.findall("SourceLine")
    for tag in ("Method", "Field", "Class"):
        found += bug.findall(f"{tag}/SourceLine")
    return found


def _source_of(place: Element, path: str, directories: list[str]) -> str:
    files = [one for one in directories if one.endswith(path)]
    if files:
        return files[0]
    roots = [one for one in directories if not one.endswith((".java", ".kt", ".scala"))]
    if len(roots) == 1:
        return f"{roots[0].rstrip('/')}/{path}"
    name = place.get("classname", "")
    return path_of(name, path.rpartition("/")[2], "") if name else path


class AndroidLint(Reader):
    """Issues with a place each, and more of them as notes."""

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "issues":
            return False
        for one in document.findall("issue"):
            kind = one.get("severity", "")
            if kind == "Ignore":
                continue
            spans = [
                self.report.span(
                    place.get("file"),
                    place.get("line") or 1,
                    place.get("column"),
                    unit=ColumnUnit.CODE_POINT,
                )
                for place in one.findall("location")
            ]
            self.report.add(
                spans[0] if spans else NOWHERE,
                severity(kind, Severity.WARNING, {"informational": Severity.INFORMATION}),
                one.get("message", ""),
                "android lint",
                one.get("id", ""),
                href=one.get("url", ""),
                related=[Related(span=span, message="see here") for span in spans[1:]],
            )
        return True


class Jslint(Reader):
    """What JSHint and CSSLint print for JSLint's readers."""

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "jslint":
            return False
        for file in document.iter("file"):
            for one in file.iter("issue"):
                span = self.report.span(
                    file.get("name"), one.get("line"), one.get("char"), unit=ColumnUnit.UTF16
                )
                kind = severity(one.get("severity", ""), Severity.WARNING)
                self.report.add(span, kind, one.get("reason", ""), "jslint")
        return True


class InspectCode(Reader):
    """JetBrains InspectCode; offsets say nothing without the files, and are left out."""

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "Report":
            return False
        kinds = {one.get("Id", ""): one for one in document.iter("IssueType")}
        found = list(document.iter("Issue"))
        if not kinds and not found:
            return False
        for one in found:
            kind = kinds.get(one.get("TypeId", ""))
            told = one.get("Severity") or (kind.get("Severity") if kind is not None else "")
            self.report.add(
                self.report.span(one.get("File"), one.get("Line") or 1),
                severity(told, Severity.WARNING, {"suggestion": Severity.INFORMATION}),
                one.get("Message", ""),
                "inspectcode",
                one.get("TypeId", ""),
                href=kind.get("WikiUrl", "") if kind is not None else "",
            )
        return True
