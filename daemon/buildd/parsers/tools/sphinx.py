"""Reads Sphinx and docutils."""

from __future__ import annotations

import re

from buildd.model import Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_LEVEL = (
    r"(?:(?P<kind>INFO|WARNING|ERROR|SEVERE|CRITICAL): "
    r"|\((?P<level>INFO|WARNING|ERROR|SEVERE)/\d\) )"
)
_HEAD = re.compile(
    r"(?:[a-z][a-z ]{4,40}\.\.\. (?:\[ *\d+%\] \S+ *)?)?"
    r"(?P<file>(?:[A-Za-z]:)?[^\s:<][^:\n]*?|<\w+>)(?P<docstring>:docstring of [^:\s]+)?"
    rf":(?:(?P<line>\d+|None):)? {_LEVEL}(?P<message>.*)"
)
_FILE = re.compile(r".*\.(?:rst|rest|txt|md|myst|ipynb|inc|py|pyx|pyi|tex|html|toml|jinja|hrst)$")
_ALONE = re.compile(r"(?P<kind>WARNING|ERROR|CRITICAL): (?P<message>\S.*)")
_CODE = re.compile(r" ?\[(?P<code>[a-z][\w-]*(?:\.[\w-]+)*)\]$")
_FATAL = re.compile(
    r"(?P<kind>Configuration|Extension|Theme|Sphinx|Application|Builder|reStructuredText markup) "
    r"[Ee]rror[:!]$|Warning, treated as error:$"
)
_SYNTAX = re.compile(r".*\((?P<file>[^()\s]+\.py), line (?P<line>\d+)\)")
_PLACED = re.compile(r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*):(?P<line>\d+): ?(?P<message>\S.*)")
_BROKEN = re.compile(r"\( *(?P<file>\S+): line +(?P<line>\d+)\) broken +(?P<message>\S.*)")
_LATE = re.compile(r"    (?:\w+\.)+\w+: (?P<message>.*[^:\s])$")
_FRAME = re.compile(r"  File \"(?P<file>[^\"\n]+)\", line (?P<line>\d+)")
_LIBRARY = re.compile(r"[/\\](?:site|dist)-packages[/\\]|[/\\]lib[/\\]python\d|^<")
_SEVERITIES = {"INFO": Severity.INFORMATION, "WARNING": Severity.WARNING}
_MAX_LINES = 30


class Sphinx(Parser):
    """Reads a message; the text that it concerns may follow, and its type comes at the very end."""

    TOOLS = "Sphinx, docutils"
    HINTS = (
        ": WARNING: ",
        ": ERROR: ",
        ": CRITICAL: ",
        ": SEVERE: ",
        " (WARNING/2) ",
        " (ERROR/3) ",
        " (SEVERE/4) ",
        " (INFO/1) ",
        "\nWARNING: ",
        "\nERROR: ",
        "\nRunning Sphinx v",
        " error:",
        " error!",
        "\nWarning, treated as error:",
        ") broken ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_sphinx = False
        self._lines = 0
        self._state = ""

    def begin(self, line: str) -> bool:
        self._lines, self._state = 0, ""
        if line.startswith("Running Sphinx v"):
            self._is_sphinx = True
        elif (match := _HEAD.match(line)) and (match["docstring"] or _FILE.match(match["file"])):
            span = NOWHERE
            if not match["file"].startswith("<"):
                span = self.report.span(match["file"], match["line"])
            kind = match["kind"] or match["level"]
            self._found(span, _SEVERITIES.get(kind, Severity.ERROR), match["message"])
        elif match := _FATAL.match(line):
            if not self._is_sphinx and match["kind"] not in (None, "Configuration", "Extension"):
                return False
            # From Sphinx 8 on, the message comes after a list of versions.
            self._state = "late" if line.endswith("!") else "fatal"
        elif self._is_sphinx and (match := _ALONE.match(line)):
            severity = _SEVERITIES.get(match["kind"], Severity.ERROR)
            self._found(NOWHERE, severity, match["message"])
        elif self._is_sphinx and (match := _BROKEN.match(line)):
            span = self.report.span(f"{match['file']}.rst", match["line"])
            self.add(span, Severity.WARNING, match["message"], "sphinx", "broken")
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        self._lines += 1
        if self._state == "fatal":
            self._state = ""
            self._fatal(line)
            return True
        if self._state == "late":
            return self._late(line)
        if not self._state or self._lines > _MAX_LINES * 3 or _HEAD.match(line):
            return False
        if self._state == "found" and line.startswith("Traceback (most recent call last)"):
            self._state = "traceback"
        if self._state == "traceback":
            return self._traceback(line)
        if (match := _CODE.search(line)) and self.at is not None and not _PLACED.match(line):
            self.report.amend(self.at, code=match["code"])
            self._state = ""
            return True
        # It is a line of the text that the message concerns.
        return None

    def _found(self, span: Span, severity: Severity, message: str) -> None:
        code = ""
        if found := _CODE.search(message):
            code, message = found["code"], message[: found.start()]
        self.at = self.report.add(span, severity, message, "sphinx", code)
        self._state = "" if code or self.at is None else "found"

    def _traceback(self, line: str) -> bool:
        """Reads why a module could not be imported, which belongs to the warning."""
        if (match := _CODE.search(line)) and self.at is not None:
            self.report.amend(self.at, code=match["code"])
            self._state = ""
        elif (match := _FRAME.match(line)) and self.at is not None:
            if not _LIBRARY.search(match["file"]):
                span = self.report.span(match["file"], match["line"])
                self.report.amend(self.at, span=span)
        elif line[:1].strip() and not line.startswith("Traceback"):
            self.lengthen(line)
        return True

    def _late(self, line: str) -> bool | None:
        """Returns None until the message is read; one with its own traceback below is Python's."""
        if self._lines > _MAX_LINES * 3 or line.strip().startswith("Traceback (most"):
            return False
        if not (match := _LATE.match(line)):
            return None
        self._state = ""
        self.add(NOWHERE, Severity.ERROR, match["message"], "sphinx")
        return True

    def _fatal(self, line: str) -> None:
        span, message = NOWHERE, line
        if match := _SYNTAX.match(line):
            span = self.report.span(match["file"], match["line"])
        elif match := _PLACED.match(line):
            span, message = self.report.span(match["file"], match["line"]), match["message"]
        if message.strip():
            self.add(span, Severity.ERROR, message, "sphinx")
