"""Reads compilers, mostly for small processors, that each have a line format of their own."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE

_EXTENSION = r"\.(?:[chsCHSaA]|cc|cpp|cxx|c\+\+|hpp|hh|hxx|asm|s51|a51|src|inc|ino)"
_FILE = rf"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(\"'\[][^:(\"'\[\n]*{_EXTENSION})"
_FORMS = (
    # Borland: `Error E2010 ping.c 15: …`, with the function after the message
    (
        "bcc",
        re.compile(
            r"(?P<kind>Error|Warning|Fatal)(?: (?P<code>[EWF]\d{4}))? "
            rf"{_FILE} (?P<line>\d+): (?P<message>.*)"
        ),
    ),
    # Keil C51, C166: `*** ERROR C141 IN LINE 12 OF MAIN.C: …`
    (
        "c51",
        re.compile(
            r"\*\*\* (?P<kind>(?:FATAL-)?ERROR|WARNING) (?P<code>[CAL]\d+) IN LINE (?P<line>\d+) "
            r"OF (?P<file>[^\n:]+(?::\\[^\n:]+)?): (?P<message>.*)"
        ),
    ),
    # Open Watcom: `lister.c(109): Error! E1009: …`
    (
        "wcc",
        re.compile(
            rf"{_FILE}\((?P<line>\d+)\): (?P<kind>Error|Warning|Note)! (?P<code>[A-Z]\d+): "
            r"(?P<message>.*)"
        ),
    ),
    # Tasking: `ctc E208: ["main.c" 13/5] …`
    (
        "tasking",
        re.compile(
            r"\w+ (?P<kind>[FESWIR])(?P<code>\d{3}): \[\"(?P<file>[^\"\n]+)\" (?P<line>\d+)"
            r"(?:/(?P<column>\d+))?\] (?P<message>.*)"
        ),
    ),
    # Renesas: `main.c(12):E0520020:…`
    (
        "ccrx",
        re.compile(
            rf"{_FILE}\((?P<line>\d+)\):(?:(?P<kind>[EWFMC])(?P<code>\d{{7}})):? ?(?P<message>.*)"
        ),
    ),
    # PC-lint: `main.c  12  Warning 10: …`, `main.c(12): error 10: …`
    (
        "pc-lint",
        re.compile(
            rf"{_FILE}(?: {{1,4}}(?P<line>\d+)| ?\((?P<row>\d+)\):) {{1,2}}"
            r"(?P<kind>(?i:error|warning|info|note|supplemental)) (?P<code>\d{1,4}): "
            r"(?P<message>.*)"
        ),
    ),
    # lcc: `E, file.cc(35,52) …`
    (
        "lcc",
        re.compile(rf"(?P<kind>[EW]), {_FILE}\((?P<line>\d+),(?P<column>\d+)\) (?P<message>.*)"),
    ),
)
_KINDS = {
    "w": Severity.WARNING,
    "m": Severity.INFORMATION,
    "i": Severity.INFORMATION,
    "n": Severity.INFORMATION,
    "r": Severity.INFORMATION,
    "s": Severity.INFORMATION,
}


class Embedded(Parser):
    """Reads one line per diagnostic."""

    TOOLS = "Borland, Keil C51, Open Watcom, Tasking, Renesas, PC-lint, lcc"
    HINTS = ("Error E", "Warning W", "Fatal F", "\nError ", "\nWarning ", " IN LINE ", "Error! ",
             "Warning! ", "Note! ", ': ["', "):E0", "):W0", "):F0", "):C0", "):M0", "Error ",
             "Warning ", "Info ", "Note ", "error ", "warning ", "\nE, ", "\nW, ")  # fmt: skip

    def begin(self, line: str) -> bool:
        for source, form in _FORMS:
            if match := form.match(line):
                group = match.groupdict()
                row = group["line"] or group.get("row")
                span = self.report.span(group["file"].strip(), row, group.get("column"))
                kind = group["kind"].lower()
                severity = _KINDS.get(kind[0], Severity.ERROR)
                if source in ("tasking", "ccrx") and kind in ("s", "e", "f"):
                    severity = Severity.ERROR
                if group.get("code") in ("830", "831") and source == "pc-lint":
                    # This is the place that the message before refers to.
                    self.note(span, group["message"])
                    return True
                self.add(span if span.file else NOWHERE, severity, group["message"], source,
                         group.get("code") or "")  # fmt: skip
                return True
        return False
