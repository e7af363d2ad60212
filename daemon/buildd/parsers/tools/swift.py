"""Reads swiftc, `swift build` and `swift test` in both of their formats, and Xcode's builds."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Related, Severity, Span, Tag, TestState
from buildd.parsers.base import Parser, path
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.excerpt import Excerpt

_HEAD = re.compile(
    path("swift", "swiftinterface")
    + r":(?P<line>\d+)(?::(?P<column>\d+))?: (?P<kind>fatal error|error|warning|note|remark): "
    r"(?P<message>.*)"
)
_GROUP = re.compile(r" \[#(?P<code>\w+)\]$")
_MARKED = re.compile(
    r"(?P<mark>❌|⚠\ufe0f?|\[x\]|\[!\]) +"
    + path("swift", "mm", "m", "h")
    + r":(?P<line>\d+):(?P<column>\d+): (?P<message>\S.*)"
)
_TARGET = re.compile(
    r"(?:(?P<file>/[^:\n]+): )?(?P<kind>error|warning): "
    r"(?P<message>\S.* \(in target '[^'\n]+' from project '[^'\n]+'\))$"
)
_PACKAGE = re.compile(
    r"(?P<kind>error|warning): (?P<message>'[\w.-]+': (?:found \d+ file|dependency '|the target |"
    r"Source files for |source files for |ignoring |product ').*)"
)
_LINT = (
    (re.compile(r"(?P<message>[A-Z][^:]* Violation: .*) \((?P<code>[a-z]\w+)\)$"), "swiftlint"),
    (re.compile(r"\((?P<code>[a-z]\w+)\) (?P<message>[A-Z].*)"), "swiftformat"),
    (re.compile(r"\[(?P<code>[A-Z]\w+)\] (?P<message>\S.*)"), "swift-format"),
)
_CRASHED = re.compile(
    r"\d+ (?:\[\w+\] )*0x[0-9a-f]+ .* in \S+ at (?P<file>/[^:\n]+\.swift):(?P<line>\d+):"
    r"(?P<column>\d+)$"
)
_XCTEST = re.compile(
    r"(?P<file>[^\s:<][^:\n]*\.(?:swift|m|mm)|<EXPR>|<unknown>):(?P<line>\d+): error: "
    r"(?:-\[(?:(?P<module>\w+)\.)?(?P<objc>\w+) (?P<objc_name>\w+)\]|(?P<suite>\w+)\.(?P<name>\w+))"
    r" : (?P<message>.*)"
)
_CASE = re.compile(
    r"Test [Cc]ase '(?:-\[(?:(?P<module>\w+)\.)?(?P<objc>\w+) (?P<objc_name>\w+)\]|"
    r"(?P<suite>\w+)\.(?P<name>\w+)(?:\(\))?)' (?P<state>started|passed|failed|skipped)"
    r"(?: (?:at [^(]*|on '[^']*' )?(?:\((?P<time>[\d.]+) seconds\))?)?"
)
_NAME = r"(?P<name>\"[^\"\n]*\"|[^\s\"(]+(?:\([^)\n]*\))?)"
_TESTING = re.compile(
    rf"[^\w\s]+ +Test {_NAME}(?: with \d+ test cases?)? (?:(?P<state>passed|failed) after "
    r"(?P<time>[\d.]+) seconds|(?P<skipped>skipped)(?:: (?P<why>.*)|\.?$))"
)
_ISSUE = re.compile(
    rf"[^\w\s]+ +Test {_NAME} recorded (?:an issue|a (?P<kind>known issue|warning))"
    r"(?: with \d+ arguments? [^\n]*?)? at (?P<file>(?:[^\s:\n][^:\n]*/)?[\w .+-]+\.swift):"
    r"(?P<line>\d+):(?P<column>\d+): (?P<message>.*)"
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
    """Reads diagnostics and test results. Columns count bytes.

    From Swift 6 on, the excerpt holds the notes as well.
    """

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
        "<EXPR>:0: ",
        "<unknown>:0: ",
        "(in target '",
        "\nerror: '",
        "\nwarning: '",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._excerpt: Excerpt | None = None
        self._place: Span = NOWHERE
        self._number = 0
        self._is_note = False
        self._unplaced: int | None = None
        """The index of a diagnostic whose place the stack trace below gives."""
        self._failures: dict[tuple[str, ...], tuple[Span, str]] = {}

    def begin(self, line: str) -> bool:
        self._excerpt = None
        if match := _XCTEST.match(line):
            self._failed(match)
        elif match := _HEAD.match(line):
            self._head(match)
        elif match := _CASE.match(line):
            self._case(match)
        elif match := _ISSUE.match(line):
            self._issue(match)
        elif match := _TESTING.match(line):
            self._testing(match)
        elif match := _FATAL.match(line):
            self._add_fatal(match)
        elif match := _CRASHED.match(line):
            return self._read_trace(match)
        elif match := _MARKED.match(line):
            severity = Severity.ERROR if match["mark"] in ("❌", "[x]") else Severity.WARNING
            span = self.report.span(match["file"], match["line"], match["column"])
            self.add(span, severity, match["message"], "swiftc")
        elif match := _TARGET.match(line) or _PACKAGE.match(line):
            file = match.groupdict().get("file")
            span = self.report.span(file, 1) if file else NOWHERE
            source = "xcodebuild" if "(in target '" in line else "swift"
            self.add(span, _SEVERITIES[match["kind"]], match["message"], source)
        else:
            return line.startswith("error: emit-module command failed")
        return True

    def more(self, line: str) -> bool | None:
        excerpt = self._excerpt
        if excerpt is None or not line.strip() or _HEAD.match(line):
            return False
        if match := _LABEL.match(line):
            if self.at is not None:
                # The lines stand below the screen column of the place.
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
        # Names such as `/<compiler-generated>` have no place.
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
        source = "swiftc"
        for form, linter in _LINT:
            if lint := form.match(message):
                code, message, source = lint["code"], lint["message"], linter
        tags: tuple[Tag, ...] = ()
        if "was never used" in message or "will never be executed" in message:
            tags = (Tag.UNNECESSARY,)
        elif "is deprecated" in message or "was deprecated" in message:
            tags = (Tag.DEPRECATED,)
        severity = _SEVERITIES[match["kind"]]
        href = f"https://docs.swift.org/compiler/documentation/diagnostics/{_kebab(code)}"
        href = href if code and source == "swiftc" else ""
        self.at = self.report.add(span, severity, message, source, code, href=href, tags=tags)

    def _refine(self, excerpt: Excerpt, caret: str) -> None:
        """Sets the end of the diagnostic or the note by its marks."""
        if self.at is None:
            return
        diagnostic = self.report.diagnostics[self.at]
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
            diagnostic.span.file,
            excerpt.span.line,
            excerpt.span.column,
            end_column=excerpt.span.column + tildes + 1,
        )
        if diagnostic.span == excerpt.span:
            self.report.amend(self.at, span=span)
        else:
            related = [
                Related(span=span, message=note.message) if note.span == excerpt.span else note
                for note in diagnostic.related
            ]
            self.report.amend(self.at, related=tuple(related))

    # --- tests

    def _failed(self, match: re.Match[str]) -> None:
        span = NOWHERE
        if not match["file"].startswith("<"):
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
            span=span if span and span.file else None,
        )

    def _issue(self, match: re.Match[str]) -> None:
        name = match["name"].strip('"')
        span = self.report.span(match["file"], match["line"], match["column"])
        kinds = {"known issue": Severity.INFORMATION, "warning": Severity.WARNING}
        severity = kinds.get(match["kind"] or "", Severity.ERROR)
        self.add(span, severity, match["message"], "swift-testing")
        if severity is Severity.ERROR:
            self._failures.setdefault((name,), (span, match["message"]))

    def _testing(self, match: re.Match[str]) -> None:
        name = match["name"].strip('"')
        span, message = self._failures.get((name,), (None, ""))
        self.report.add_test(
            (name,),
            _STATES[match["state"] or match["skipped"]],
            "swift-testing",
            duration=float(match["time"]) if match["time"] else None,
            message=message or (match["why"] or "").strip('"'),
            span=span,
        )

    # --- crashes

    def _add_fatal(self, match: re.Match[str]) -> None:
        is_library = match["file"].startswith("Swift/")
        span = NOWHERE if is_library else self.report.span(match["file"], match["line"])
        self.add(span, Severity.ERROR, match["message"], "swift")
        self._unplaced = self.at if is_library else None

    def _read_trace(self, match: re.Match[str]) -> bool:
        """Reads a frame of a stack trace: the first one is the place of an error in the library."""
        if self._unplaced is None:
            return False
        span = self.report.span(match["file"], match["line"], match["column"])
        self.report.amend(self._unplaced, span=span)
        self._unplaced = None
        return True


def _path(match: re.Match[str]) -> tuple[str, ...]:
    suite, name = match["objc"] or match["suite"], match["objc_name"] or match["name"]
    return tuple(filter(None, (match["module"], suite, name)))


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
