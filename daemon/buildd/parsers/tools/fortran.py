"""Reads Fortran compilers with formats of their own: NAG's, and those derived from PGI's."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE

_NAG = re.compile(
    r"(?P<kind>Error|Warning|Info|Extension(?:\([\w ]+\))?|Obsolescent|Deleted feature used|"
    r"Fatal Error|Panic|Questionable|Runtime Error|Non-standard(?:\([\w ]+\))?|Sequence Error|"
    r"Warning \(archaic\)|Severe|fortcom: (?:Error|Warning|Info|Severe)): "
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:,][^:,\n]*\.(?:[fF]\w{0,3}|inc|INC|ftn|FTN|for|FOR))"
    r"(?:, line (?P<line>\d+))?: (?P<message>.*)"
)
_PGI = re.compile(
    r"(?P<tool>PG\w+|NV\w+(?:\+\+)?|F90|AOCC)-(?P<letter>[IWSF])-(?P<code>\d{4})-"
    r"(?P<message>.*?)(?: \((?P<file>[^()\s:][^()\n:]*)(?:: (?P<line>\d+))?\))?(?P<rest>[^()]*)$"
)
_KINDS = {
    "info": Severity.INFORMATION,
    "extension": Severity.WARNING,
    "obsolescent": Severity.WARNING,
    "deleted": Severity.WARNING,
    "questionable": Severity.WARNING,
    "non-standard": Severity.WARNING,
    "warning": Severity.WARNING,
}
_LETTERS = {"I": Severity.INFORMATION, "W": Severity.WARNING}


class Fortran(Parser):
    """Reads one line per diagnostic; NAG's second line, which shows what was found, is indented."""

    TOOLS = "NAG Fortran, PGI, nvfortran, classic flang"
    HINTS = ("\nError: ", "\nWarning: ", "\nInfo: ", "\nExtension", "\nObsolescent: ", "\nDeleted ",
             "\nFatal Error: ", "\nPanic: ", "\nQuestionable: ", "\nRuntime Error: ",
             "\nNon-standard", "\nSequence Error: ", "\nSevere: ", "\nfortcom: ", "-S-0", "-W-0",
             "-I-0", "-F-0", "-S-1", "-W-1", "-I-1", "-F-1")  # fmt: skip

    def begin(self, line: str) -> bool:
        if match := _NAG.match(line):
            kind = match["kind"].removeprefix("fortcom: ").lower()
            word = re.split(r"[ (]", kind)[0]
            span = self.report.span(match["file"], match["line"])
            self.add(span, _KINDS.get(word, Severity.ERROR), match["message"], "nagfor")
            return True
        match = _PGI.match(line)
        if not match:
            return False
        span = self.report.span(match["file"], match["line"]) if match["file"] else NOWHERE
        severity = _LETTERS.get(match["letter"], Severity.ERROR)
        self.add(
            span, severity, match["message"] + match["rest"], match["tool"].lower(), match["code"]
        )
        return True

    def more(self, line: str) -> bool:
        if not line.startswith((" " * 7 + "detected at ", " " * 7 + "***")):
            return False
        self.lengthen(line.strip())
        return True
