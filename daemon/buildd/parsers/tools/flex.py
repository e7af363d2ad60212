"""Reads flex, a scanner generator, which does not mark errors as such, and names only lines."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser

_LINE = re.compile(
    r"(?P<quote>\"?)(?P<file>[^\s:\"'`<>|;&][^:\"'`<>|;&\n]*)(?P=quote)(?:, line |:)"
    r"(?P<line>\d+): (?P<kind>warning, )?(?P<message>.*)"
)
# These are all the errors that it has.
_WORDS = re.compile(
    r"unrecognized (?:rule|%option|'%' directive)|undefined definition|negative range in char|"
    r"bad (?:character|iteration|line|\w+ line)|fatal parse error|premature EOF|"
    r"missing (?:quote|\}|right)|"
    r"bad <?start condition|unknown error processing|incomplete name definition|EOF encountered|"
    r"name defined twice|name \"[^\"]*\" |redefin|start condition \S+ declared twice|"
    r"iteration value|"
    r"undeclared start condition|trailing context used twice|multiple <<EOF>>|scanner requires|"
    r"illegal|unterminated|(?:variable )?trailing context|malformed|option `|syntax error|"
    r"can't (?:use|specify)|input (?:rules|error)|definition name too long|consecutive braces"
)


class Flex(Parser):
    """Reads one line per diagnostic; `warning,` marks a warning."""

    TOOLS = "flex"
    HINTS = (".l:", ".ll:", ".lex:", ".lpp:", ".lxx:", '.l", line', '.ll", line')

    def begin(self, line: str) -> bool:
        match = _LINE.match(line)
        if not match or not match["file"].endswith((".l", ".ll", ".lex", ".lpp", ".lxx")):
            return False
        if not match["kind"] and not _WORDS.match(match["message"]):
            return False
        severity = Severity.WARNING if match["kind"] else Severity.ERROR
        span = self.report.span(match["file"], match["line"])
        self.add(span, severity, match["message"], "flex")
        return True
