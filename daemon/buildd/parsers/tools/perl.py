"""Reads Perl's own messages about a program, and what the program prints with `die` or `warn`."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.report import NOWHERE
from buildd.parsers.shared.trace_parser import TraceParser

FILE = r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:'\"`()][^\n]{0,400}?\.(?:pl|pm|PL|t|cgi|psgi|plx|al|xs))"
_LINE = re.compile(
    rf"(?P<message>\S.*?) at {FILE} line (?P<line>\d+)"
    r"(?P<rest>\.|, near .*|, at (?:EOF|end of line)|, <[^>\n]*> (?:line|chunk) \d+\.|"
    r" during global destruction\.)$"
)
_OWN = (
    r"syntax error|Global symbol \"|Can't locate |Undefined subroutine |Died|Bareword \"|"
    r"Use of uninitialized value|Can't call method \"|BEGIN failed--compilation aborted|"
    r"Compilation failed in require|Can't find string terminator |Missing right curly |"
    r"Unmatched right |Can't use (?:string|an undefined value|global)|Not an? [A-Z]+ reference|"
    r"Illegal division by zero|Can't modify |Type of arg |Too (?:many|few) arguments for |"
    r"String found where operator expected|Number found where operator expected|"
    r"Warning: something's"
)
_SCRIPT = re.compile(
    rf"(?P<message>(?:{_OWN})[^\n]*?) at (?P<file>[^\s'\"`()]{{1,400}}) line (?P<line>\d+)"
    r"(?P<rest>\.|, near .*|, at (?:EOF|end of line)|, <[^>\n]*> (?:line|chunk) \d+\.|"
    r" during global destruction\.)$"
)
"""A message that only Perl itself prints, in a file of any name."""
_OPEN = re.compile(r"(?P<message>Can't open perl script \"[^\"\n]*\": .*)")
_CALLED = re.compile(rf"\t(?P<call>.*) called at {FILE} line (?P<line>\d+)")
_AFTER = re.compile(
    r"\S+ had (?:compilation|too many) errors\.$|"
    r"Execution of .* aborted due to compilation errors\.$|.* syntax OK$"
)
_SECONDARY = (
    "BEGIN failed--compilation aborted",
    "Compilation failed in require",
    "\t...propagated",
)
_WARNING = re.compile(
    r"Use of uninit|Use of .* is (?:deprecated|experimental)|.* masks earlier declaration|"
    r".* used only once: possible typo|.*(?:Subroutine|Constant sub\w*|Format) .* redefined|"
    r"Useless use|Argument .* isn't numeric|Deep recursion|Odd number of|Found = in|Possible |"
    r"Unquoted string|Scalar value |Statement unlikely|Applying |Reference found where|"
    r"Wide character|.* is (?:deprecated|experimental)|\(|.* used as|Unrecognized escape|"
    r"Name .* used|Ambiguous use|Misplaced _|Operator or semicolon missing|Prototype mismatch|"
    r".* never introduced|Variable .* (?:is not available|will not stay shared)|"
    r"(?:print|printf|say|close|read\w*|sys\w+)\(\) on (?:closed|unopened)|substr outside|"
    r"splice\(\) offset|Negative repeat|Replacement list|Smartmatch|given is|when is|"
    r"\"my.*\" variable|isn't numeric|Non-\w+ character|Quantifier|False \[\]|Exiting |"
    r"Bareword found in conditional|Duplicate |Redundant argument|Missing argument|"
    r"Invalid conversion"
)


def is_other(file: str) -> bool:
    """Returns whether a stack frame lies in a file that came with Perl."""
    return file.startswith(
        ("/usr/share/perl", "/usr/lib/", "/usr/local/share/perl", "/usr/local/lib/")
    ) or ("/lib/perl5/" in file or "/perl5/lib/" in file)


class Perl(TraceParser):
    """Reads one line per diagnostic; below the output of `confess` are the callers."""

    TOOLS = "Perl"
    HINTS = (
        ".pl line ", ".pm line ", ".PL line ", ".t line ", ".cgi line ", ".psgi line ",
        ".plx line ", ".al line ", ".xs line ", " had compilation errors.",
        "\nsyntax error at ", "\nGlobal symbol ", "\nCan't ", "\nUndefined subroutine ",
        "\nDied at ", "\nUse of uninit", "\nBEGIN failed", "\nCompilation failed", "\nBareword ",
        "\nMissing right", "\nNot a", "\nIllegal division", "\nUnmatched right", "\nType of arg",
        "\nToo ",
    )  # fmt: skip

    def begin(self, line: str) -> bool:
        if _AFTER.match(line):
            return True
        if match := _OPEN.match(line):
            self.add(NOWHERE, Severity.ERROR, match["message"], "perl")
            return True
        match = _LINE.match(line) or _SCRIPT.match(line)
        if not match or line.startswith(("#", "\t")):
            return False
        # Code after -e or from a pipe has no place.
        file = "" if match["file"] in ("-", "-e") else match["file"]
        span = self.report.span(file, match["line"])
        message = match["message"]
        if message.startswith(_SECONDARY):
            if self.at is not None:
                if span.file:
                    self.note(span, message)
            else:
                self.add(span, Severity.ERROR, message, "perl")
            return True
        if match["rest"].startswith((", near", ", at ")):
            message += match["rest"]
        severity = Severity.WARNING if _WARNING.match(message) else Severity.ERROR
        self.is_placed = not is_other(match["file"])
        self.add(span, severity, message, "perl")
        return True

    def more(self, line: str) -> bool | None:
        match = _CALLED.match(line)
        if not match:
            return line.startswith("\t") and " called at " in line
        if not is_other(match["file"]) and self.at is not None:
            span = self.report.span(match["file"], match["line"])
            self.call(span, f"called from here: {match['call'][:200]}")
        return True
