"""Reads Doxygen, which generates documentation from source code."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_HEAD = re.compile(
    r"(?P<file>(?:[A-Za-z]:)?[^\s:<][^:\n]*|<[\w-]+>):(?P<line>-?\d+): "
    r"(?P<kind>[Ww]arning|[Ee]rror): (?P<message>.*)"
)
_OWN = re.compile(
    r".*(?:Found unknown command|[Uu]nknown command|is not documented|are not documented|"
    r"of command [@\\]\w+ |documented (?:symbol|function|return|empty)|"
    r"for [\\@]\w+ command|could not be resolved|[@\\]\w+ (?:command|target|section|block)|"
    r"[Rr]eached end of (?:file|comment) while (?:still )?inside|no matching (?:class|file) member|"
    r"no uniquely matching|return type of member|expected whitespace after|Unexpected token|"
    r"[Uu]nexpected (?:subsection|html|end|tag|new line|character)|[Uu]nsupported xml/html tag|"
    r"multiple use of section label|end of comment block while|Member .* \(\w+\) of \w+ .*|"
    r"explicit link request|Compound .* is not documented|Problems running \w+|Illegal command|"
    r"unable to resolve reference|Potential recursive|Detected potential recursive|"
    r"has multiple .* documentation sections|already has a detailed description|"
    r"argument of command|tag .* in comment|is not an input file|include file .* not found|"
    r"image file .* is not found|warning treated as error|\\\w+ statement)"
)
_ALONE = re.compile(
    r"(?P<kind>warning|error): (?P<message>"
    r"(?:ignoring unsupported tag|[Tt]ag|Tag|the value of|argument) [`'‘]?.*?"
    r"at line (?P<line>\d+)(?: of|,)? file [`'‘]?(?P<file>[^\s'’]+).*)"
)
_GLOBAL = re.compile(
    r"(?P<kind>warning|error): (?P<message>(?:configuration file|[Tt]ag [`'‘]|source [`'‘]?\S+ is "
    r"not a readable|Could not (?:read image|open file)|could not (?:open file|find)|doxygen no "
    r"longer|[Uu]nable to|the dot tool|dot could not|failed to).*)"
)
_BANNER = re.compile(r"Doxygen version used: |Searching for include files\.\.\.")
_SEVERITIES = {"warning": Severity.WARNING, "error": Severity.ERROR}
_LIMIT = 40


class Doxygen(Parser):
    """Reads one line per diagnostic, which looks like a compiler's without a column.

    A line counts if its message is one of Doxygen's, or if Doxygen has printed its name before.
    Signatures and names of parameters follow, indented.
    """

    TOOLS = "Doxygen"
    HINTS = (
        ": warning: ",
        ": Warning: ",
        ": error: ",
        ": Error: ",
        "\nwarning: ",
        "\nerror: ",
        "\nDoxygen version used: ",
        "\nSearching for include files...",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_doxygen = False
        self._lines = 0

    def begin(self, line: str) -> bool:
        self._lines = 0
        if _BANNER.match(line):
            self._is_doxygen = True
            return True
        match = _HEAD.match(line)
        if match and _OWN.match(match["message"]):
            self._is_doxygen = True
        elif match and not (self._is_doxygen and match["kind"].lower() == "warning"):
            return False
        match = match or _ALONE.match(line)
        if match:
            file = "" if match["file"].startswith("<") else match["file"]
            span = self.report.span(file, match["line"]) if file else NOWHERE
        elif (match := _GLOBAL.match(line)) and (
            self._is_doxygen or match["message"].startswith(("configuration file", "tag ", "Tag "))
        ):
            span = NOWHERE
        else:
            return False
        self.add(span, _SEVERITIES[match["kind"].lower()], match["message"], "doxygen")
        return True

    def more(self, line: str) -> bool:
        self._lines += 1
        is_more = line.startswith(("  ", "Possible candidates", "The command that should end"))
        if self._lines > _LIMIT or not is_more or not line.strip():
            return False
        self.lengthen(line.strip() if line.startswith("  ") else line)
        return True
