"""Reads PHPStan's table and its raw format."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import ParseResult

_FILE = re.compile(r"  Line +(?P<file>\S.*?)(?: \(in context of .*\))?\s*$")
_ROW = re.compile(r"  (?::?(?P<line>\d+)|\?)? {3,}(?P<message>\S.*?)\s*$")
_CODE = re.compile(r"\U0001faaa\s+(?P<code>[\w.]+)")

_RAW = re.compile(
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:\n]*\.(?:php|phtml|inc)):(?P<line>\d+):(?P<message>\S.*)"
)
_WORDS = re.compile(
    r"(?:Access to |Accessing |Call to |Calling |Method \S+::|Parameter #?|Property |Function \w|"
    r"Variable \$|Undefined |Class |Interface |Trait |Enum |Cannot |Constant |Instantiated |"
    r"Return |Unreachable |(?:Strict )?[Cc]omparison |Binary operation |Unary operation |"
    r"Array |Offset |"
    r"PHPDoc |Anonymous |Closure |Negated |(?:If|Elseif|While|Do-while|Ternary|Match|Foreach) |"
    r"Else branch|(?:Left|Right) side |Syntax error|Ignored error pattern |No error to ignore|"
    r"Static |Unsafe |Dead catch|Result of |Expression |Argument of |Only |Casting |Missing |"
    r"Deprecated |Reflection |Template |Throwing |Unused |Empty |Invalid |Named argument |"
    r"Possibly |Usage of |Internal error|Inner named functions|Missing|Nullsafe |Using |Fetching )"
)


class PhpstanRaw(Parser):
    """Reads --error-format=raw: one line each, with nothing between number and message."""

    TOOLS = "PHPStan (raw)"
    HINTS = (".php:", ".phtml:", ".inc:")

    def begin(self, line: str) -> bool:
        match = _RAW.match(line)
        if not match or not _WORDS.match(match["message"]):
            return False
        message, code = match["message"], ""
        if found := re.search(r" \[identifier=(?P<code>[\w.]+)\]$", message):
            message, code = message[: found.start()], found["code"]
        span = self.report.span(match["file"], match["line"])
        href = f"https://phpstan.org/error-identifiers/{code}" if code else ""
        self.at = self.report.add(span, Severity.ERROR, message, "phpstan", code, href=href)
        return True


class Phpstan(Parser):
    """Reads a table for each file, with identifier and tips below each message."""

    TOOLS = "PHPStan"
    HINTS = ("\n  Line  ",)

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._file = ""

    def begin(self, line: str) -> bool:
        match = _FILE.match(line)
        if not match or ("." not in match["file"] and "Error" not in match["file"]):
            return False
        self._file, self.at = match["file"], None
        return True

    def more(self, line: str) -> bool | None:
        if line.startswith(" --"):
            return True
        match = _ROW.match(line)
        if not match:
            return False
        number, message = match["line"], match["message"]
        if number or self.at is None:
            file = self._file if "Error" not in self._file or "." in self._file else ""
            self.add(self.report.span(file, number), Severity.ERROR, message, "phpstan")
        elif code := _CODE.match(message):
            href = f"https://phpstan.org/error-identifiers/{code['code']}"
            self.report.amend(self.at, code=code["code"], href=href)
        elif not message.startswith(("\u270f", "at ")):
            known = self.report.diagnostics[self.at].message
            separator = "\n" if message.startswith(("\U0001f4a1", "\u2022")) else " "
            self.report.amend(self.at, message=f"{known}{separator}{message}")
        return True
