"""The linkers ld, gold, lld and mold, and collect2 before them."""

from __future__ import annotations

import re

from buildd.model import Related, Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, Report

_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*?)"
_LINKER = re.compile(r"(?:\S*/)?(?:[\w-]+-)?(?:ld|mold)(?:[.-]\w+)*: ")
_AT_OBJECT = re.compile(
    r"(?:[^\s:]+\.(?:o|a\([^)\s]*\)|so): ?)?(?:in function [`'‘][^'’]*['’]: ?)?"
    rf"(?:[^\s:]+\.o:)?{_FILE}:(?:(?P<line>\d+)|\(\.[^)]*\)): (?P<message>"
    r"(?:warning: )?(?:undefined reference to|multiple definition of|more undefined references|"
    r"relocation|the `|the use of|Using ').*)"
)
_FIRST = re.compile(
    rf"; (?:[^\s:]+\.o:)?{_FILE}:(?:(?P<line>\d+)|\(\.[^)]*\)): (?P<message>first defined here)"
)
_ALONE = re.compile(
    r"(?:error: )?(?P<message>cannot find .*|cannot open output file .*|unrecognized option .*)"
)
_LLD = re.compile(r"(?P<kind>error|warning): (?P<message>.*)")
_LLD_AT = re.compile(rf">>> referenced by (?:[^\s()]+ \()?{_FILE}:(?P<line>\d+)\)?$")


class Linker(Parser):
    """What names a source line is placed there; the rest names no place."""

    TOOLS = "ld, gold, lld, mold"
    HINTS = (
        "undefined reference to",
        "multiple definition of",
        "more undefined references",
        "relocation",
        "the `",
        "the use of",
        "Using '",
        "ld: ",
        "ld.",
        "mold: ",
        ">>> ",
    )

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._lld: tuple[Severity, str] | None = None
        """lld names the place on a later line, or never."""

    def begin(self, line: str) -> bool:
        if line.startswith(">>> "):
            return self._read_place(line)
        self._flush()
        match = _LINKER.match(line)
        if not match:
            return self._read_object(line)
        rest = line[match.end() :]
        if self._read_object(rest) or "ld returned" in rest:
            return True
        if match := _ALONE.match(rest):
            self.add(NOWHERE, Severity.ERROR, match["message"], "ld")
        elif match := _LLD.match(rest):
            kind = Severity.ERROR if match["kind"] == "error" else Severity.WARNING
            self._lld = kind, match["message"]
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        """lld's lines may come between others."""
        return None if self._lld and line.startswith(">>> ") else False

    def finish(self) -> None:
        self._flush()

    def _read_object(self, line: str) -> bool:
        match = _AT_OBJECT.match(line)
        if not match:
            return False
        message = match["message"]
        severity = Severity.ERROR
        if message.startswith(("warning: ", "the `", "the use of", "Using")):
            severity = Severity.WARNING
            message = message.removeprefix("warning: ")
        leading = []
        if first := _FIRST.search(message):
            span = self._span(first)
            if span.file:
                message = message[: first.start()]
                leading.append(Related(span=span, message=first["message"]))
        self.report.add(self._span(match), severity, message, "ld", related=leading)
        return True

    def _read_place(self, line: str) -> bool:
        match = _LLD_AT.match(line)
        if match and self._lld:
            (severity, message), self._lld = self._lld, None
            self.add(self._span(match), severity, message, "ld")
        return True

    def _flush(self) -> None:
        if self._lld:
            (severity, message), self._lld = self._lld, None
            self.add(NOWHERE, severity, message, "ld")

    def _span(self, match: re.Match[str]) -> Span:
        file = match["file"]
        return self.report.span("" if file.endswith((".o", ".a", ".so")) else file, match["line"])
