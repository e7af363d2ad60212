"""Reads Free Pascal and Delphi."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import LineParser

_EXTENSION = r"\.(?:pas|pp|p|lpr|dpr|dpk|inc|lfm|PAS|DPR)"


class Pascal(LineParser):
    """Reads `FILE(LINE,COLUMN) Error: …`; Delphi prints no column, but a code."""

    TOOLS = "Free Pascal, Delphi"
    HINTS = (") Error: ", ") Fatal: ", ") Warning: ", ") Note: ", ") Hint: ", "Error] ",
             "Warning] ", "Hint] ")  # fmt: skip
    SOURCE = "fpc"
    PATTERN = re.compile(
        r"(?:\[[Dd]cc\w* (?P<first>Fatal Error|Error|Warning|Hint)\] )?"
        rf"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:(][^:(\n]*{_EXTENSION})\((?P<line>\d+)"
        r"(?:,(?P<column>\d+))?\):? (?:(?P<kind>Fatal|Error|Warning|Note|Hint): (?:\(\d+\) )?)?"
        r"(?:(?P<code>[EWHF]\d{4}) )?(?P<message>.*)"
    )
    KINDS = {
        "fatal": Severity.ERROR,
        "error": Severity.ERROR,
        "fatal error": Severity.ERROR,
        "warning": Severity.WARNING,
        "note": Severity.INFORMATION,
        "hint": Severity.HINT,
    }

    def begin(self, line: str) -> bool:
        match = self.PATTERN.match(line)
        if not match or not (match["first"] or match["kind"]):
            return False
        kind = (match["kind"] or match["first"]).lower()
        span = self.report.span(match["file"], match["line"], match["column"])
        code = match["code"] or ""
        source = "delphi" if code else self.SOURCE
        self.add(span, self.KINDS[kind], match["message"], source, code)
        return True
