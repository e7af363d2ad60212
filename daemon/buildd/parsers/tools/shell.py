"""Reads what bash, dash and zsh print about scripts, and about missing commands."""

from __future__ import annotations

import re

from buildd.model import Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_FILE = r"(?P<file>[^\s:][^:\n]*)"
_BASH = re.compile(
    rf"{_FILE}: (?:-c: )?(?:eval: )?(?:line|Zeile|ligne|línea|linea|строка) (?P<line>\d+): "
    r"(?P<message>\S.*)"
)
_DASH = re.compile(rf"{_FILE}: (?P<line>\d+): (?P<message>\S.*)")
_ZSH = re.compile(
    rf"{_FILE}:(?P<line>\d+): (?P<message>(?:parse error|command not found: |bad (?:pattern|math)|"
    r"no such file or directory: |no matches found: |unmatched |permission denied: |"
    r"\S+: parameter not set).*)"
)
_ALONE = re.compile(
    r"(?:\S*/)?(?:ba|da|z|k|a)?sh: (?P<message>[^\s:]+: (?:command not found|not found|"
    r"No such file or directory|Permission denied))$"
)
_MAKE_ALONE = re.compile(
    r"(?:\S*/)?\w*make(?:\[\d+\])?: (?P<message>[^\s:]+: (?:[Cc]ommand not found|"
    r"No such file or directory|Permission denied))$"
)
_FAILED = re.compile(
    r"\S*make(?:\[\d+\])?: \*\*\* \[(?:(?P<file>[^\s:\]][^:\]\n]*):(?P<line>\d+): )?[^\]\n]*\] "
    r"Error 12[67]\b|ninja: build stopped: |.*\b(?:code|status) 12[67]\b"
)
_KSH = re.compile(rf"{_FILE}: (?P<message>syntax error) at line (?P<line>\d+): ?(?P<what>.*)")
_INDEXED = re.compile(
    r"(?:E: )?(?P<file>[^\s:\[][^:\[\n]*)\[(?P<line>\d+)\]: (?P<message>(?:syntax error: .*|"
    r"\S[^\n]*: (?:inaccessible or not found|not found(?: \[[^\]]*\])?|cannot execute.*|"
    r"No such file or directory|\[No such file or directory\]|Permission denied|"
    r"parameter not set|is read only)))$"
)
_FISH = re.compile(r"(?P<file>[^\s:(][^:(\n]*) \(line (?P<line>\d+)\): (?P<message>\S.*)")
_SHELLS = re.compile(r"-?(?:.*/)?(?:ba|da|z|k|a)?sh$")
_SCRIPT = re.compile(r".*(?:\.(?:sh|bash|ksh|bats|sh\.in)|/?configure|config\.\w+|/libtool)$")
_WORDS = re.compile(
    r"(?:(?:\S+: )?(?:syntax error|Syntax error: |unexpected EOF|unexpected argument|bad |Bad )"
    r"|warning: here-document"
    r"|.*: (?:(?:command )?not found|No such file or directory|Permission denied|Is a directory|"
    r"unbound variable|parameter (?:null or )?not set|not a valid identifier|"
    r"(?:bad|Bad) substitution|readonly variable|is read only|ambiguous redirect|cannot execute.*|"
    r"integer expression expected|(?:unary|binary) operator expected|too many arguments|"
    r"unexpected operator|(?:numeric )?argument (?:required|expected)|Illegal number.*|"
    r"missing `\]'|division by (?:0|zero).*|cannot overwrite existing file|"
    r"Argument list too long|Exec format error|invalid option|(?:syntax|arithmetic) .*|"
    r"bad interpreter.*|cannot open .*|conditional binary operator expected)$"
    r"|cd: |arithmetic expression: |conditional binary operator expected|\.: )"
)
_ABSENT = re.compile(r"[^\s:]+: (?:command )?not found$")
_DASH_WORDS = re.compile(
    r"(?:(?:\S+: )?Syntax error: .*|cd: can't cd to .*|arithmetic expression: .*|"
    r"Bad substitution|cannot (?:open|create) .*|\.: .*|Illegal .*|"
    r"\S.*: (?:not found|Permission denied|parameter not set|(?:Illegal|bad) \w+.*|"
    r"unexpected operator|too many arguments|is read only|Exec format error|"
    r"missing \]|argument expected|Argument list too long))$"
)


class Shell(Parser):
    """Reads one line per diagnostic.

    A line of a makefile that the shell runs has no place. A missing command may be the answer that
    such a line was looking for. So it counts only if the log says that something failed because of
    it, or ends with it.
    """

    TOOLS = "bash, dash, zsh"
    HINTS = (
        ": line ",
        ": command not found",
        ": syntax error at line ",
        ".fish (line ",
        "]: syntax error: ",
        "sh[",
        ": inaccessible or not found",
        ": Zeile ",
        ": ligne ",
        ": línea ",
        "Syntax error: ",
        ": not found",
        "can't cd to",
        ": parameter not set",
        "Bad substitution",
        "unexpected operator",
        ": Permission denied",
        "sh: ",
        "arithmetic expression: ",
        ": cannot open ",
        ": cannot create ",
        ": Illegal ",
        ": parse error",
        ": no such file or directory: ",
        "make: ",
        "make[",
        "ninja: build stopped: ",
        "code 127",
        "status 127",
        "code 126",
        "status 126",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._missing = ""
        """The last message about a missing command."""
        self._is_last = False

    def begin(self, line: str) -> bool:
        if match := _BASH.match(line):
            file, message = match["file"], match["message"]
            is_shell = bool(_SHELLS.match(file))
            if not is_shell and not _SCRIPT.match(file) and not _WORDS.match(message):
                return False
            if message.startswith("`") and message.endswith("'") and self.at is not None:
                # This line shows the code with the error.
                return True
        elif match := _DASH.match(line):
            file, message = match["file"], match["message"]
            is_shell = bool(_SHELLS.match(file))
            if not _DASH_WORDS.match(message):
                return False
            if is_shell and (found := re.match(r"([^\s:]+): Syntax error: ", message)):
                # It is a script that another one includes.
                file, message = found[1], message[len(found[1]) + 2 :]
                is_shell = False
        elif match := _ZSH.match(line):
            file, message = match["file"], match["message"]
            is_shell = bool(_SHELLS.match(file))
        elif match := _INDEXED.match(line) or _KSH.match(line):
            file, message = match["file"], match["message"]
            if what := match.groupdict().get("what"):
                message = f"{message}: {what}"
            is_shell = bool(_SHELLS.match(file))
        elif (match := _FISH.match(line)) and match["file"].endswith(".fish"):
            file, message, is_shell = match["file"], match["message"], False
        elif match := _ALONE.match(line) or _MAKE_ALONE.match(line):
            if "not found" in line or match.re is _MAKE_ALONE:
                return self._is_missing(match["message"])
            self.add(NOWHERE, Severity.ERROR, match["message"], "shell")
            return True
        elif self._missing and (match := _FAILED.match(line)):
            self._count_missing(self.report.span(match["file"], match["line"]))
            return True
        else:
            return False
        # dash before 0.5.11 named the script twice.
        message = message.removeprefix(f"{file}: ")
        severity = Severity.ERROR
        if message.startswith("warning: "):
            severity, message = Severity.WARNING, message.removeprefix("warning: ")
        if is_shell and _ABSENT.match(message):
            return self._is_missing(message)
        span = NOWHERE if is_shell else self.report.span(file, match["line"])
        self.add(span, severity, message, "shell")
        return True

    def more(self, line: str) -> bool | None:
        if not self._is_last:
            return False
        self._is_last = not line.strip()
        return None if self._is_last else False

    def finish(self) -> None:
        if self._is_last:
            self._count_missing(NOWHERE)

    def _is_missing(self, message: str) -> bool:
        self._missing, self._is_last = message, True
        return True

    def _count_missing(self, span: Span) -> None:
        message, self._missing, self._is_last = self._missing, "", False
        self.add(span, Severity.ERROR, message, "shell")
