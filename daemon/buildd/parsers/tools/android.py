"""Reads AAPT2, the manifest merger and lint, which report on Android resources and manifests."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Span
from buildd.parsers.base import SEVERITIES, Parser
from buildd.parsers.report import ParseResult

_FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:\[][^:\n]*"
_PLACE = r":(?P<line>\d+)(?::(?P<column>\d+)(?:-(?:(?P<end_line>\d+):)?(?P<end>\d+))?)?"
_RESOURCE = re.compile(
    rf"\s*(?:(?:ERROR|WARN|WARNING): ?|Output: +)?{_FILE}\.xml){_PLACE}: "
    r"(?:AAPT: )?(?P<kind>error|warn|warning): (?P<message>\S.*)"
)
_MANIFEST = re.compile(rf"\s*{_FILE}\.xml){_PLACE} (?P<kind>Error|Warning):$")
_MERGER = re.compile(
    r"(?:> )?(?P<kind>Manifest merger failed) : (?P<message>.* from "
    rf"(?:\[[^\]\n]*\] )?{_FILE}\.xml){_PLACE}.*)"
)
_LINT = re.compile(
    rf"{_FILE}\.\w+):(?P<line>\d+): (?P<kind>Error|Warning|Information): (?P<message>\S.*) "
    r"\[(?P<code>[A-Z]\w+)(?: from [^\]\n]*)?\]$"
)
_TILDES = re.compile(r"(?P<indent> *)(?P<marks>~+)$")
_MOST = 12
"""The most lines that may follow a first line."""


def is_repeated_by_gradle(line: str) -> bool:
    """Returns whether Gradle repeats the line when it says why the build failed."""
    return bool(_RESOURCE.match(line) or _MERGER.match(line))


class Android(Parser):
    """Reads one line per diagnostic, with more lines for manifests, and the source for lint.

    Columns count UTF-16 units.
    """

    TOOLS = "AAPT2, Android's manifest merger and lint"
    HINTS = (".xml:", ": Error: ", ": Warning: ", ": Information: ", "Manifest merger failed : ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._kind = ""
        """The kind of the following lines: of `lint` or of a `manifest`."""
        self._place: tuple[Span, str] | None = None
        """The place and severity of a manifest's diagnostic, whose message is on the next line."""
        self._lines = 0
        self._messages: set[str] = set()
        """The messages about manifests that were read."""

    def begin(self, line: str) -> bool:
        self._lines, self._kind, self._place = 0, "", None
        if match := _LINT.match(line):
            self._add(match, "lint", match["code"])
            self._kind = "lint"
        elif match := _RESOURCE.match(line):
            self._add(match, "aapt")
        elif match := _MANIFEST.match(line):
            self._place, self._kind = (self._span(match), match["kind"]), "manifest"
        elif match := _MERGER.match(line):
            self._kind = "manifest"
            if match["message"] in self._messages:
                self.at = None
            else:
                self._add(match, "manifest")
        return match is not None

    def more(self, line: str) -> bool:
        self._lines += 1
        if not self._kind or self._lines > _MOST or not line.strip():
            return False
        if self._kind == "lint":
            match = _TILDES.match(line)
            if match and self.at is not None:
                self._mark(self.at, match)
            return self._lines < 3 and line.startswith(" ")
        if not line.startswith((" ", "\t")):
            return False
        if self._place:
            (span, kind), self._place = self._place, None
            self._messages.add(line.strip())
            self.add(span, SEVERITIES[kind.lower()], line.strip(), "manifest")
        else:
            self.lengthen(line.strip())
        return True

    def _add(self, match: re.Match[str], source: str, code: str = "") -> None:
        severity = SEVERITIES.get(match["kind"].lower(), SEVERITIES["error"])
        self.add(self._span(match), severity, match["message"], source, code)

    def _span(self, match: re.Match[str]) -> Span:
        group = match.groupdict()
        return self.report.span(
            match["file"],
            match["line"],
            group.get("column"),
            group.get("end_line"),
            group.get("end"),
            ColumnUnit.UTF16,
        )

    def _mark(self, at: int, match: re.Match[str]) -> None:
        column = len(match["indent"]) + 1
        span = msgspec.structs.replace(
            self.report.diagnostics[at].span,
            column=column,
            end_column=column + len(match["marks"]),
            unit=ColumnUnit.DISPLAY,
        )
        self.report.amend(at, span=span)
