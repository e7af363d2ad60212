"""swiftc, and swift build and test, in both of its layouts; Xcode's builds, too."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Related, Severity, Span, Tag, TestState
from buildd.parsers.base import Parser, path
from buildd.parsers.excerpt import Excerpt
from buildd.parsers.report import NOWHERE, Report

_HEAD = re.compile(
    path("swift", "swiftinterface")
    + r":(?P<line>\d+)(?::(?P<column>\d+))?: (?P<kind>fatal error|error|warning|note|remark): "
    r"(?P<message>.*)"
)
_GROUP = re.compile(r" \[#(?P<code>\w+)\]$")
_XCTEST = re.compile(
    r"(?P<file>[^\s:][^:\n]*\.(?:swift|m|mm)):(?P<line>\d+): error: "
    r"(?:-\[(?:(?P<module>\w+)\.)?(?P<objc>\w+) (?P<objc_name>\w+)\]|(?P<suite>\w+)\.(?P<name>\w+))"
    r" : (?P<message>.*)"
)
_CASE = re.compile(
    r"Test [Cc]ase '(?:-\[(?:(?P<module>\w+)\.)?(?P<objc>\w+) (?P<objc_name>\w+)\]|"
    r"(?P<suite>\w+)\.(?P<name>\w+)(?:\(\))?)' (?P<state>started|passed|failed|skipped)"
    r"(?: (?:at [^(]*|on '[^']*' )?(?:\((?P<time>[\d.]+) seconds\))?)?"
)
_TESTING = re.compile(
    r"[^\w\s]+ +Test (?P<name>\"[^\"]*\"|[^\s\"(]+(?:\([^)]*\))?)(?: with \d+ test cases?)? "
    r"(?P<state>passed|failed|skipped|recorded an issue)(?: with \d+ argument\S*[^\n]*?)?"
    r"(?: after (?P<time>[\d.]+) seconds)?(?: with \d+ issues?)?"
    r"(?: at (?P<file>[\w .+-]+\.swift):(?P<line>\d+):(?P<column>\d+): (?P<message>.*))?"
)
_FATAL = re.compile(
    r"(?:[^\s:]+/)?(?P<file>[\w.+-]+/[\w.+-]+\.swift):(?P<line>\d+): "
    r"(?P<message>(?:Fatal|Assertion|Precondition) [^\n]*)"
)
_ROW = re.compile(r" *(?P<number>\d+) \| ?(?P<text>.*)$")
_LABEL = re.compile(r" *\| (?P<stems>[ |]*)[`|]- (?P<kind>note|help): (?P<message>.*)$")
_MARGIN = re.compile(r" *(?:\d+ )?\|")
_BOX = re.compile(r"[ ]*(?:\d+ )?[│├╰`|]")
_SEVERITIES = {
    "error": Severity.ERROR,
    "fatal error": Severity.ERROR,
    "warning": Severity.WARNING,
    "remark": Severity.INFORMATION,
}
_STATES = {
    "passed": TestState.PASSED,
    "failed": TestState.FAILED,
    "skipped": TestState.SKIPPED,
}


class Swift(Parser):
    """Columns count bytes. From version 6 on the excerpt holds the notes as well."""

    TOOLS = "swiftc, swift build, swift test, xcodebuild"
    LEVEL = ("text", "tests")
    HINTS = (
        ".swift:",
        ".swiftinterface:",
        "Test Case '",
        "Test case '",
        " Test ",
        ".m:",
        ".mm:",
        "error: emit-module command failed",
    )

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._excerpt: Excerpt | None = None
        self._place: Span = NOWHERE
        self._number = 0
        self._is_note = False
        self._failures: dict[tuple[str, ...], tuple[Span, str]] = {}

    def begin(self, line: str) -> bool:
        self._excerpt = None
        if match := _XCTEST.match(line):
            self._failed(match)
        elif match := _HEAD.match(line):
            self._head(match)
        elif match := _CASE.match(line):
            self._case(match)
        elif (match := _TESTING.match(line)) and (match["time"] or match["file"]):
            self._testing(match)
        elif match := _FATAL.match(line):
            span = self.report.span(match["file"], match["line"])
            self.add(span, Severity.ERROR, match["message"], "swift")
        else:
            return line.startswith("error: emit-module command failed")
        return True

    def more(self, line: str) -> bool | None:
        excerpt = self._excerpt
        if excerpt is None or not line.strip() or _HEAD.match(line):
            return False
        if match := _LABEL.match(line):
            if self.at is not None:
                # The stems stand below the screen column of the place.
                column = len(match["stems"]) + 1
                span = self.report.span(
                    self._place.file, self._number, column, unit=ColumnUnit.DISPLAY, tab_width=1
                )
                self.note(span, match["message"])
            return True
        if match := _ROW.match(line):
            self._number = int(match["number"][:9])
            return True
        if _MARGIN.match(line):
            return True
        caret = excerpt.feed(line)
        if caret is None:
            self._excerpt = None
            return False
        if caret:
            self._excerpt = None
            self._refine(excerpt, caret)
            return True
        return None

    def _head(self, match: re.Match[str]) -> None:
        # Names as `/<compiler-generated>` have no such place.
        span = self.report.span(match["file"], match["line"], match["column"])
        message = match["message"].strip()
        self._excerpt = Excerpt(span)
        self._place, self._is_note = span, match["kind"] == "note"
        if self._is_note:
            self.note(span, message)
            return
        code = ""
        if found := _GROUP.search(message):
            code, message = found["code"], message[: found.start()]
        tags: tuple[Tag, ...] = ()
        if "was never used" in message or "will never be executed" in message:
            tags = (Tag.UNNECESSARY,)
        elif "is deprecated" in message or "was deprecated" in message:
            tags = (Tag.DEPRECATED,)
        severity = _SEVERITIES[match["kind"]]
        href = f"https://docs.swift.org/compiler/documentation/diagnostics/{_kebab(code)}"
        self.at = self.report.add(
            span, severity, message, "swiftc", code, href=href if code else "", tags=tags
        )

    def _refine(self, excerpt: Excerpt, caret: str) -> None:
        """How far the place reaches, by the marks below the caret's line."""
        if self.at is None:
            return
        one = self.report.diagnostics[self.at]
        start = caret.index("^")
        count = len(caret[start:].rstrip())
        if count < 2 or not excerpt.span.column or "^" in caret[start + 1 :]:
            return
        source = excerpt.source
        if not source.isascii() or caret[start + 1 :].strip("~ "):
            return
        tildes = len(caret[start + 1 :]) - len(caret[start + 1 :].lstrip("~"))
        if not tildes:
            return
        span = self.report.span(
            one.span.file,
            excerpt.span.line,
            excerpt.span.column,
            end_column=excerpt.span.column + tildes + 1,
        )
        if one.span == excerpt.span:
            self.report.amend(self.at, span=span)
        else:
            related = [
                Related(span=span, message=note.message) if note.span == excerpt.span else note
                for note in one.related
            ]
            self.report.amend(self.at, related=tuple(related))

    # --- tests

    def _failed(self, match: re.Match[str]) -> None:
        span = self.report.span(match["file"], match["line"])
        self.add(span, Severity.ERROR, match["message"], "XCTest")
        self._failures.setdefault(_path(match)[-2:], (span, match["message"]))

    def _case(self, match: re.Match[str]) -> None:
        if match["state"] == "started":
            return
        path = _path(match)
        span, message = self._failures.get(path[-2:], (None, ""))
        self.report.add_test(
            path,
            _STATES[match["state"]],
            "XCTest",
            duration=float(match["time"]) if match["time"] else None,
            message=message,
            span=span,
        )

    def _testing(self, match: re.Match[str]) -> None:
        name = match["name"].strip('"')
        if match["file"]:
            span = self.report.span(match["file"], match["line"], match["column"])
            self.add(span, Severity.ERROR, match["message"], "swift-testing")
            self._failures.setdefault((name,), (span, match["message"]))
        elif match["state"] in _STATES:
            span_or_none, message = self._failures.get((name,), (None, ""))
            self.report.add_test(
                (name,),
                _STATES[match["state"]],
                "swift-testing",
                duration=float(match["time"]),
                message=message,
                span=span_or_none,
            )


def _path(match: re.Match[str]) -> tuple[str, ...]:
    suite, name = match["objc"] or match["suite"], match["objc_name"] or match["name"]
    return tuple(filter(None, (match["module"], suite, name)))


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
