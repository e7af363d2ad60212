"""Reads `go build`, `go vet`, gofmt, staticcheck and golangci-lint."""

from __future__ import annotations

import re

from buildd.model import Severity, Tag
from buildd.parsers.base import Parser, path
from buildd.parsers.report import NOWHERE, ParseResult

_HEAD = re.compile(
    r"(?:vet: |go: )?"
    + path("go", "mod", "work", "s", "y", "rl")
    + r":(?P<line>\d+)(?::(?P<column>\d*))?:(?:\d+:)?(?P<level>error:|warning:)?[ \t]+"
    r"(?P<message>\S.*)"
)
_GOSEC = re.compile(
    r"\[(?P<file>[^\n:]+\.go):(?P<line>\d+)(?:-\d+)?\] - (?P<code>G\d{3})(?: \([^)\n]*\))?: "
    r"(?P<message>.*?)\.? \(Confidence: \w+, Severity: (?P<kind>\w+)\)$"
)
_GOSEC_LINE = re.compile(
    r"(?P<message>.*?) \(Rule:(?P<code>G\d{3}), Severity:(?P<kind>\w+), Confidence:\w+\)$"
)
_TAB = re.compile(
    path("go") + r":(?P<line>\d+)(?::(?P<column>\d+))? {2,}(?P<code>[\w-]+) {2,}(?P<message>\S.*)"
)
_MODULE = re.compile(
    r"go: (?:errors parsing )?" + path("mod", "work", "sum") + r":(?P<line>\d+)?:? ?(?P<message>.*)"
)
_ALONE = re.compile(
    r"go: (?P<message>(?:cannot |no required module |go\.mod file not found |"
    r"inconsistent vendoring|updates to go\.(?:mod|sum) needed|no Go files in |"
    r"missing go\.sum entry|error |module |"
    r"no such tool |unknown (?:command|revision) |[^\s:]+@v?[^\s:]+: |[^\s:]+@[^\s:]+ requires).*)"
)
_LINTER = re.compile(r"(?P<message>[^\n]*\S) \((?P<code>[a-z][\w-]*|[A-Z]{1,3}\d{3,4})\)$")
_RULE = re.compile(r"(?P<code>(?:SA|ST|S|QF|U|G)\d{3,4}): (?P<message>.*)")
_BRACKETED = re.compile(r"\[(?P<code>[a-z][a-z-]+)\] (?P<message>\S.*)")
_GOLINT = re.compile(
    r"exported .* should have (?:its own declaration|comment|.* or be unexported)|"
    r"comment on exported |should have a package comment|package comment |don't use (?:"
    r"an underscore|underscores|ALL_CAPS|leading k) |error (?:strings|var) |"
    r"if block ends with a return |"
    r"receiver name |should (?:omit|drop|replace|not use) |a blank import should |"
    r"exported (?:func|method) .* returns unexported type|context\.Context should be |"
    r"(?:struct field|func|var|const|type|method|parameter|func parameter|range var) \S+ "
    r"should be |"
    r"(?:type|func) name will be used as |other import of |type .* should be |"
    r"ineffectual assignment to "
)
"""Messages of golint, and of revive after it, which are only warnings."""
_STATICCHECK = re.compile(r"(?:SA|ST|S|QF)\d{4}$")
_OTHERS = ("error: ", "warning: ", "note: ", "fatal error: ", "Error: ", "Warning: ")
"""Messages of the C compiler for cgo's files, which another parser reads."""


class Go(Parser):
    """Reads places with or without a column, which counts bytes; further lines begin with a tab."""

    TOOLS = "go build, go vet, gofmt, staticcheck, golangci-lint, gosec"
    HINTS = (
        *(".go:", "go.mod:", "go.work:", "go.sum:", ".s:", ".y:"),
        *("\ngo: ", "main.main ", "· ", "] - G"),
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_vet = False
        self._is_go = False
        self._is_linted = False
        """Whether the source line may follow, with a mark below it."""

    def begin(self, line: str) -> bool:
        self._is_linted = False
        if match := _HEAD.match(line):
            return self._found(match)
        if match := _TAB.match(line):
            self._lint(match, match["message"], match["code"])
        elif match := _GOSEC.match(line):
            span = self.report.span(match["file"], match["line"])
            severity = _gosec(match["kind"])
            self.add(span, severity, match["message"], "gosec", match["code"])
            self._is_linted = True
        elif (match := _MODULE.match(line)) and match["message"]:
            span = self.report.span(match["file"], match["line"] or 1)
            self.add(span, Severity.ERROR, match["message"], "go")
        elif (match := _ALONE.match(line)) and not line.endswith(":"):
            self.add(NOWHERE, Severity.ERROR, match["message"], "go")
        elif line == "runtime.main_main·f: function main is undeclared in the main package":
            self.add(NOWHERE, Severity.ERROR, line.partition(": ")[2], "go")
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if line.startswith("\t"):
            match = _HEAD.match(line.strip())
            if match and match["file"].endswith(".go"):
                span = self.report.span(match["file"], match["line"], match["column"])
                self.note(span, match["message"])
            elif line.strip(" \t^") and not self._is_linted:
                self.lengthen(line.strip())
            return True
        if self._is_linted and line.startswith(" ") and not line.strip(" ^"):
            return True
        if line.startswith("note: module requires "):
            self.lengthen(line)
            return True
        return False

    def _found(self, match: re.Match[str]) -> bool:
        message, file = match["message"], match["file"]
        is_go = file.endswith((".go", "go.mod", "go.work"))
        if message.startswith(_OTHERS) or (not is_go and not match["column"]):
            return False
        if not is_go and not self._is_go:
            return False
        self._is_go = True
        if rule := _GOSEC_LINE.match(message):
            span = self.report.span(file, match["line"], match["column"])
            self.add(span, _gosec(rule["kind"]), rule["message"], "gosec", rule["code"])
            return True
        if match["level"] or _BRACKETED.match(message):
            self._level(match)
            return True
        if linter := _LINTER.match(message):
            code = linter["code"]
            if code in ("compile", "typecheck") or not re.match(r"(?:and|see|or)\b", code):
                self._lint(match, linter["message"], code)
                return True
        span = self.report.span(file, match["line"], match["column"])
        tags = (Tag.UNNECESSARY,) if _is_unused(message) else ()
        is_lint = bool(_GOLINT.match(message))
        severity = Severity.WARNING if is_lint else Severity.ERROR
        source = "golint" if is_lint else "go"
        self.at = self.report.add(span, severity, message, source, tags=tags)
        return True

    def _level(self, match: re.Match[str]) -> None:
        """Adds a diagnostic of gometalinter or of revive."""
        message, code, source = match["message"], "", "golint"
        if linter := _LINTER.match(message):
            message, code = linter["message"], linter["code"]
            source = "gometalinter"
        elif rule := _BRACKETED.match(message):
            message, code, source = rule["message"], rule["code"], "revive"
        is_error = match["level"] == "error:"
        span = self.report.span(match["file"], match["line"], match["column"])
        self.add(span, Severity.ERROR if is_error else Severity.WARNING, message, source, code)
        self._is_linted = True

    def _lint(self, match: re.Match[str], message: str, code: str) -> None:
        source = "staticcheck" if _STATICCHECK.match(code) else "golangci-lint"
        severity = Severity.WARNING
        if code in ("compile", "typecheck"):
            severity, source = Severity.ERROR, "go"
            message = message.removeprefix(": ")
        elif rule := _RULE.match(message):
            code, message = rule["code"], rule["message"]
        href = ""
        if _STATICCHECK.match(code):
            href = f"https://staticcheck.dev/docs/checks/#{code}"
        span = self.report.span(match["file"], match["line"], match["column"])
        tags = (Tag.UNNECESSARY,) if _is_unused(message) else ()
        if code == "SA1019":
            tags = (Tag.DEPRECATED,)
        self.at = self.report.add(span, severity, message, source, code, href=href, tags=tags)
        self._is_linted = source == "golangci-lint"


def _gosec(kind: str) -> Severity:
    """Returns the severity for gosec's high, medium or low."""
    found = {"HIGH": Severity.ERROR, "MEDIUM": Severity.WARNING}
    return found.get(kind.upper(), Severity.INFORMATION)


def _is_unused(message: str) -> bool:
    return message.endswith(
        ("imported and not used", "declared and not used", "declared but not used", " is unused")
    ) or message.startswith(("declared and not used: ", "unreachable code"))
