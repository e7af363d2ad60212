"""Reads the linkers ld, gold, lld, mold and Apple's ld."""

from __future__ import annotations

import re

from buildd.model import Related, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_LINKER = re.compile(
    r"(?:(?:[A-Za-z]:)?[^:\n\"'`]*[/\\])?(?:[\w.+]+-)*"
    r"(?:ld(?:\.(?:bfd|gold|lld|mold))?|ld64(?:\.lld)?|lld|lld-link|rust-lld|wasm-ld|mold)"
    r"(?:-\d[\d.]*)?(?:\.real)?(?:\.exe)?: ?"
)
_NAME = r"(?:[A-Za-z]:[\\/])?[^\s:(][^:(\n]*"
_OBJECT = rf"(?:{_NAME}(?:\([^)\n]*\))?)"
_SECTION = r"\([.*]?[\w.$*+ -]*(?:\[[^\]\n]*\])?\+0x[0-9a-f]+\)"
# A place, perhaps after its object; `FILE:LINE:(SECTION)` since binutils 2.43.
_AT = re.compile(
    rf"(?:(?P<object>{_OBJECT}): ?)??(?:(?P<file>{_NAME}):(?P<line>\d+)(?::{_SECTION})?"
    rf"|(?P<source>{_NAME}):?{_SECTION}|(?P<gold>{_NAME}):function [^\n]*?"
    rf"|{_SECTION}): (?P<message>.*)"
)
_IN = re.compile(rf"{_OBJECT}(?: \(symbol from plugin\))?: [Ii]n function [`'‘].*['’]:(?P<rest>.*)")
_KIND = re.compile(r"(?P<kind>(?i:fatal error|fatal|error|warning)): (?P<message>.*)")
_OBJECT_KIND = re.compile(
    rf"(?P<object>{_OBJECT}: )(?P<kind>(?i:fatal error|fatal|error|warning)): (?P<message>.*)"
)
# A temporary object has another name each time.
_TEMPORARY = re.compile(r"(?<![^\s:])(?:[^\s:]*[/\\])?(?:cc\w{6}|/tmp/[\w.-]+-[0-9a-f]{6})\.o: ?")
# Messages that count without the linker's name before them.
_OWN = re.compile(
    r"(?:(?:error|warning): )?(?:undefined reference to |multiple definition of |"
    r"more undefined references to |relocation truncated to fit|relocation R_\w+ |"
    r"undefined symbol:? |(?:the use of )?`[^']*' (?:is deprecated|is dangerous|referenced in)|"
    r"the (?:use of )?[`'][^']*' (?:function |is )|Using '[^']*' in statically linked|"
    r"dangerous relocation|error adding symbols: |duplicate symbol|first defined here$)"
)
_OBJECTS = re.compile(r".*\.(?:o|obj|a|lib|so|so\.[\d.]+|dylib|dll|lo|la|ltrans\d*\.ltrans\.o)$")
_FIRST = re.compile(
    rf"; (?:{_OBJECT}(?: \(symbol from plugin\))?: ?)??(?:(?P<file>{_NAME}):(?P<line>\d+)"
    rf"(?::{_SECTION})?|(?P<source>{_NAME}):{_SECTION}|{_OBJECT}|{_SECTION}): first defined here$"
)
_NO_FINDING = re.compile(
    r"ld returned |total time|mode |[Ss]upported (?:targets|emulations)|use the --help|"
    r"NOTE: |note: |"
    r"emulation specific options:|"
    r".*: (?:definition of|reference to) \S+$|final link failed: (?:bad value|nonrepresentable|"
    r"symbol needs|Nonrep|Bad value)|symbol\(s\) not found|\d+ duplicate symbols? |warning: symbol"
    r"|.*: previous definition here|[Uu]ndefined symbols?(?: for architecture .*)?:$"
)
_WARNINGS = re.compile(
    r"skipping incompatible |the use of |the [`'].*is |Using '|`[^']*' is (?:dangerous|deprecated)"
)
_PLACE = re.compile(
    r">>> (?P<verb>referenced by|defined (?:at|in)) (?:[^\n(]* \((?P<whole>[^()\n]+):(?P<row>\d+)\)"
    rf"|(?P<file>{_NAME})(?::(?P<line>\d+))?)$"
)
# the linker of sdcc
_ASLINK = re.compile(r"\?ASlink-(?P<kind>Warning|Error)-(?P<message>.*)")
_HINT = re.compile(r">>> (?:did you mean|the vtable symbol|this |note)")
_SYMBOL = re.compile(r"  \"?(?P<symbol>.+?)\"?, referenced from:$")
_DUPLICATE = re.compile(r"duplicate symbol '?(?P<symbol>\S+?)'? in:$")


class Linker(Parser):
    """Reads messages, which are placed if they name a source line."""

    TOOLS = "ld, gold, lld, mold, Apple's ld"
    HINTS = (
        "undefined reference to ", "multiple definition of", "more undefined references",
        "relocation truncated", "relocation R_", "undefined symbol", "the `", "the use of",
        "Using '", "dangerous relocation", "error adding symbols", "duplicate symbol",
        "ld: ", "ld:", "ld.bfd: ", "ld.bfd:", "ld.gold: ", "ld.lld",
        "lld: ", "ld.mold: ", "ld.exe:", "ld64", "lld-", "mold: ",
        "\nUndefined symbols", "n function `", "n function '", "?ASlink-",
        "first defined here", "is dangerous", "referenced in ",
    )  # fmt: skip

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._pending: tuple[Severity, str] | None = None
        """The severity and the message of a diagnostic of lld, whose place may follow."""
        self._part = ""
        self._symbol = ""

    def begin(self, line: str) -> bool:
        self._flush()
        self._part = ""
        if line.startswith("Undefined symbols"):
            self._part = "apple" if line.endswith(":") else ""
            return bool(self._part)
        if match := _DUPLICATE.match(line):
            self._apple(f"duplicate symbol {match['symbol']}")
            return True
        if match := _ASLINK.match(line):
            severity = Severity.WARNING if match["kind"] == "Warning" else Severity.ERROR
            self.add(NOWHERE, severity, match["message"], "ld")
            return True
        match = _LINKER.match(line)
        rest = line[match.end() :] if match else line
        if found := _IN.match(rest):
            # Older versions print the message on the same line.
            return not found["rest"].strip() or self._read_message(
                found["rest"].strip(), is_sure=True
            )
        return self._read_message(rest, is_sure=bool(match))

    def more(self, line: str) -> bool | None:
        if self._part == "apple":
            return self._more_apple(line)
        if not line.startswith(">>> "):
            return self._adding(line) or (None if self._pending and not line else False)
        if match := _PLACE.match(line):
            span = self._place(match["whole"] or match["file"], match["row"] or match["line"])
            if self._pending and span.file:
                (severity, message), self._pending = self._pending, None
                self.add(span, severity, message, "ld")
            elif span.file and self.at is not None:
                self.note(span, match["verb"])
        elif _HINT.match(line):
            self._flush()
            self.lengthen(line[4:])
        return True

    def finish(self) -> None:
        self._flush()

    def _read_message(self, text: str, *, is_sure: bool) -> bool:
        """Returns whether the text is a linker's message, and adds it if so.

        `is_sure` says that the linker's name stands before it.
        """
        if _NO_FINDING.match(text):
            return is_sure
        is_warning = False
        match = _AT.match(text)
        if found := None if match else _KIND.match(text):
            is_warning, text = found["kind"].lower() == "warning", found["message"]
            match = _AT.match(text)
        span, message = NOWHERE, text
        if match and (is_sure or _OWN.match(match["message"].removeprefix("error: "))):
            message = match["message"]
            span = self._place(match["file"] or match["source"] or match["gold"], match["line"])
        elif not is_sure and not self._is_own_object(text):
            return False
        if found := _KIND.match(message) or _OBJECT_KIND.match(message):
            is_warning = found["kind"].lower() == "warning"
            message = f"{found.groupdict().get('object') or ''}{found['message']}"
        message = _TEMPORARY.sub("", message)
        if message.startswith("more undefined references"):
            return True
        if message == "first defined here":
            # Older versions print that on a line of its own.
            if span.file:
                self.note(span, message)
            return True
        severity = Severity.ERROR
        if is_warning or _WARNINGS.match(message):
            severity = Severity.WARNING
        self._found(span, severity, message, is_open=is_sure and not match)
        return True

    def _found(self, span: Span, severity: Severity, message: str, *, is_open: bool) -> None:
        related: tuple[Related, ...] = ()
        if first := _FIRST.search(message):
            message = message[: first.start()]
            place = self._place(first["file"] or first["source"], first["line"])
            if place.file:
                related = (Related(span=place, message="first defined here"),)
        if is_open and "symbol" in message and "reference to" not in message:
            self.at, self._pending = None, (severity, message)
            return
        self.at = self.report.add(span, severity, message, "ld", related=related)

    def _is_own_object(self, text: str) -> bool:
        """Returns whether the text is an object's name with a message of linkers."""
        name, _, message = text.partition(": ")
        if message.startswith("undefined reference to "):
            return " " not in name
        return bool(_OBJECTS.match(name) and _OWN.match(message))

    def _adding(self, line: str) -> bool:
        """Reads which library lacks the symbol that the line before calls undefined."""
        text = line[match.end() :] if (match := _LINKER.match(line)) else line
        if self.at is None or ": error adding symbols: " not in text:
            return False
        if "undefined reference to symbol" not in self.report.diagnostics[self.at].message:
            return False
        self.lengthen(text)
        return True

    def _flush(self) -> None:
        if self._pending:
            (severity, message), self._pending = self._pending, None
            self.add(NOWHERE, severity, message, "ld")

    def _place(self, file: str | None, line: str | None) -> Span:
        if not file or _OBJECTS.match(file) or file.startswith("<"):
            return NOWHERE
        return self.report.span(file, line)

    # --- Apple's ld: symbols, and below each the objects that need or define it

    def _more_apple(self, line: str) -> bool:
        if match := _SYMBOL.match(line):
            self._apple(f"undefined symbol {match['symbol']}")
            return True
        if not line.startswith("    ") and not line.startswith("     "):
            return False
        if self.at is not None and self.report.diagnostics[self.at].message.count("\n") < 8:
            self.lengthen(line.strip())
        return True

    def _apple(self, message: str) -> None:
        self.add(NOWHERE, Severity.ERROR, message, "ld")
        self._part = "apple"
