"""Reads what linters write as JUnit XML, where a test case is a diagnostic."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import SEVERITIES
from buildd.parsers.report import ParseResult
from buildd.parsers.tools.mypy import Mypy

_NAMED = re.compile(r"org\.(?P<tool>\w+)\.(?P<code>\S+)$")
_LINE = re.compile(r"line (?P<line>\d+), col (?P<column>\d+)(?:, (?P<kind>Error|Warning))?")
_PLACE = re.compile(
    r"(?P<file>[^\s:][^:\n]*\.\w+):(?P<line>\d+)(?::(?P<column>\d+))?(?:: (?P<message>.*))?$"
)
_BEHIND = re.compile(r"(?P<code>\S+) at (?P<file>[^\n]+) \((?P<line>\d+):(?P<column>\d+)\)$")
_COUNTED = re.compile(r"\s*Line:\s?(?P<line>\d+)")


class JunitLint:
    """Recognises the test cases of linters by what only linters write."""

    def __init__(self, report: ParseResult) -> None:
        self._report = report

    def read(self, suite: Element, case: Element) -> bool:
        """Returns whether a linter wrote the case, and reports what it says if so."""
        name, group = case.get("name", ""), case.get("classname", "")
        title = suite.get("name", "")
        if title == "rubocop":
            self._rubocop(case, name)
        elif match := _NAMED.match(name):
            self._named(case, title, match["tool"], match["code"])
        elif title == "mypy" or name.startswith("mypy-"):
            self._mypy(case)
        elif match := _PLACE.match(group):
            # golangci-lint
            self._at(case, match, "golangci-lint", name)
        elif (match := _BEHIND.match(name)) or (
            (match := _PLACE.match(name)) and case.find("failure") is not None
        ):
            # phpcs, phpstan, psalm
            element = case.find("failure")
            code = match.groupdict().get("code") or ""
            if not code and element is not None and element.get("type") not in (None, "ERROR"):
                code = element.get("type") or ""
            source = "phpcs" if match.re is _BEHIND else (title or "junit")
            self._at(case, match, source, code)
        elif group == "Formatting Test":
            self._swiftlint(case, name)
        else:
            return False
        return True

    def _named(self, case: Element, file: str, tool: str, code: str) -> None:
        """Reads the cases of eslint, ruff and biome: the suite is named after the file."""
        for element in (*case.iter("failure"), *case.iter("error")):
            text = element.text or ""
            place = _LINE.search(text)
            kind = (place["kind"] if place else None) or "error"
            self._report.add(
                self._report.span(
                    file,
                    case.get("line") or (place["line"] if place else "1"),
                    case.get("column") or (place["column"] if place else None),
                    unit=ColumnUnit.CODE_POINT,
                ),
                SEVERITIES.get(kind.lower(), Severity.ERROR),
                element.get("message") or text,
                tool,
                code.replace(".", "/") if tool == "biome" else code,
            )

    def _at(self, case: Element, match: re.Match[str], source: str, code: str) -> None:
        for element in (*case.iter("failure"), *case.iter("error")):
            message = element.get("message") or (element.text or "").strip().partition("\n")[0]
            if (again := _PLACE.match(message)) and again["message"]:
                message = again["message"]
            place = match.groupdict()
            kind = (element.get("type") or "").lower()
            self._report.add(
                self._report.span(
                    place["file"], place["line"], place["column"], unit=ColumnUnit.CODE_POINT
                ),
                SEVERITIES.get(kind, Severity.ERROR),
                message.removeprefix("message: "),
                source,
                code,
            )

    def _mypy(self, case: Element) -> None:
        parser = Mypy(self._report)
        for element in (*case.iter("failure"), *case.iter("error")):
            for line in (element.text or "").splitlines():
                if not parser.more(line):
                    parser.begin(line)

    def _rubocop(self, case: Element, code: str) -> None:
        """Reads a case of rubocop: one cop, with a place in the text of each offence."""
        for element in case.iter("failure"):
            place = _PLACE.match((element.text or "").strip())
            if place:
                self._report.add(
                    self._report.span(
                        place["file"], place["line"], place["column"], unit=ColumnUnit.CODE_POINT
                    ),
                    Severity.WARNING,
                    (element.get("message") or "").removeprefix(f"{code}: "),
                    "rubocop",
                    code,
                )

    def _swiftlint(self, case: Element, file: str) -> None:
        for element in case.iter("failure"):
            place = _COUNTED.search(element.text or "")
            kind = (element.text or "").partition(":")[0].strip().lower()
            self._report.add(
                self._report.span(file, place["line"] if place else 1),
                SEVERITIES.get(kind, Severity.ERROR),
                element.get("message") or "",
                "swiftlint",
            )
