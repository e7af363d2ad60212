"""Reads the XML of PMD, SpotBugs, Android's lint, JSLint and JetBrains' InspectCode."""

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
    """Reads the XML of PMD and of tools that write it too. Ends are inclusive."""

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "pmd":
            return False
        for file in document.iter("file"):
            for violation in file.iter("violation"):
                self._violation(file.get("name"), violation)
        for error in document.iter("error"):
            message = error.get("msg") or (error.text or "").strip().partition("\n")[0]
            if message:
                span = self.report.span(error.get("filename"), 1)
                self.report.add(span, Severity.ERROR, message, "pmd")
        return True

    def _violation(self, file: str | None, violation: Element) -> None:
        line, end_line = violation.get("beginline"), violation.get("endline")
        column, end = violation.get("begincolumn"), violation.get("endcolumn") or ""
        self.report.add(
            self.report.span(
                file,
                line,
                column,
                end_line if end_line != line else None,
                int(end) + 1 if end.isdecimal() and column else None,
                ColumnUnit.CODE_POINT,
            ),
            _BY_PRIORITY.get(violation.get("priority", ""), Severity.WARNING),
            (violation.text or "").strip(),
            # PHP Mess Detector writes the same format, without columns.
            "pmd" if column else "phpmd",
            violation.get("rule", ""),
            href=violation.get("externalInfoUrl", ""),
        )


class Spotbugs(Reader):
    """Reads the XML of SpotBugs and FindBugs.

    It names a file by its path below one of the source directories.
    """

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "BugCollection":
            return False
        directories = [element.text or "" for element in document.iter("SrcDir")]
        patterns = {
            pattern.get("type", ""): pattern.findtext("ShortDescription") or ""
            for pattern in document.iter("BugPattern")
        }
        for bug in document.iter("BugInstance"):
            kind = bug.get("type", "")
            places = [place for place in _lines_of(bug) if place.get("sourcepath")]
            main = next((place for place in places if place.get("primary") == "true"), None)
            main = main if main is not None else next(iter(places), None)
            message = bug.findtext("LongMessage") or bug.findtext("ShortMessage")
            self.report.add(
                self._span(main, directories) if main is not None else NOWHERE,
                {"1": Severity.ERROR}.get(bug.get("priority", ""), Severity.WARNING),
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
    """Returns the places of the bug itself, then of its methods and fields, then of its class."""
    found = bug.findall("SourceLine")
    for tag in ("Method", "Field", "Class"):
        found += bug.findall(f"{tag}/SourceLine")
    return found


def _source_of(place: Element, path: str, directories: list[str]) -> str:
    files = [directory for directory in directories if directory.endswith(path)]
    if files:
        return files[0]
    roots = [
        directory for directory in directories if not directory.endswith((".java", ".kt", ".scala"))
    ]
    if len(roots) == 1:
        return f"{roots[0].rstrip('/')}/{path}"
    name = place.get("classname", "")
    return path_of(name, path.rpartition("/")[2], "") if name else path


class AndroidLint(Reader):
    """Reads issues; the first location is the place, further ones become notes."""

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "issues":
            return False
        for issue in document.findall("issue"):
            kind = issue.get("severity", "")
            if kind == "Ignore":
                continue
            spans = [
                self.report.span(
                    place.get("file"),
                    place.get("line") or 1,
                    place.get("column"),
                    unit=ColumnUnit.CODE_POINT,
                )
                for place in issue.findall("location")
            ]
            self.report.add(
                spans[0] if spans else NOWHERE,
                severity(kind, Severity.WARNING, {"informational": Severity.INFORMATION}),
                issue.get("message", ""),
                "android lint",
                issue.get("id", ""),
                href=issue.get("url", ""),
                related=[Related(span=span, message="see here") for span in spans[1:]],
            )
        return True


class Jslint(Reader):
    """Reads what JSHint and CSSLint write in JSLint's format. Columns count UTF-16 units."""

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "jslint":
            return False
        for file in document.iter("file"):
            for issue in file.iter("issue"):
                span = self.report.span(
                    file.get("name"), issue.get("line"), issue.get("char"), unit=ColumnUnit.UTF16
                )
                kind = severity(issue.get("severity", ""), Severity.WARNING)
                self.report.add(span, kind, issue.get("reason", ""), "jslint")
        return True


class InspectCode(Reader):
    """Reads the XML of JetBrains' InspectCode.

    Its offsets are ignored, because they mean nothing without the files.
    """

    IS_XML = True

    def read(self, document: Any) -> bool:
        if not isinstance(document, Element) or document.tag != "Report":
            return False
        kinds = {kind.get("Id", ""): kind for kind in document.iter("IssueType")}
        found = list(document.iter("Issue"))
        if not kinds and not found:
            return False
        for issue in found:
            kind = kinds.get(issue.get("TypeId", ""))
            level = issue.get("Severity") or (kind.get("Severity") if kind is not None else "")
            self.report.add(
                self.report.span(issue.get("File"), issue.get("Line") or 1),
                severity(level, Severity.WARNING, {"suggestion": Severity.INFORMATION}),
                issue.get("Message", ""),
                "inspectcode",
                issue.get("TypeId", ""),
                href=kind.get("WikiUrl", "") if kind is not None else "",
            )
        return True
