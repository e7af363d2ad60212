"""Reads BibTeX and Biber."""

from __future__ import annotations

import re

from buildd.model import Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_LINE = re.compile(r"(?P<message>.*?)--(?:-?)line (?P<line>\d+) of file (?P<file>\S.*?)\s*$")
_WARNING = re.compile(r"Warning--(?P<message>.*)")
_HEAD = re.compile(r"(?P<message>I (?:couldn't open|found no|was expecting) .*)")
_READING = re.compile(r"(?P<message>.*?)---while reading file (?P<file>\S+)")


class Bibtex(Parser):
    """Reads messages whose place ends the line, or is on the next line."""

    TOOLS = "BibTeX"
    HINTS = ("--line ", "\nWarning--", "\nI couldn't open ", "\nI found no ", "---while reading ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._message = ""
        self._severity = Severity.ERROR

    def begin(self, line: str) -> bool | None:
        self._close()
        severity = Severity.WARNING if line.startswith("Warning--") else Severity.ERROR
        if match := _LINE.match(line):
            self._placed(match, severity)
        elif match := _READING.match(line):
            span = self.report.span(match["file"], 1)
            self.add(span, severity, match["message"], "bibtex")
        elif match := _WARNING.match(line) or _HEAD.match(line):
            self._message, self._severity = match["message"], severity
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        message, self._message = self._message, ""
        if message and (match := _LINE.match(line)):
            self._placed(match, self._severity, message)
            return True
        self._message = message
        self._close()
        # This is the entry as far as it was read, or what BibTeX does next.
        return line.startswith((" : ", "(Error may have been", "I'm skipping whatever"))

    def finish(self) -> None:
        self._close()

    def _placed(self, match: re.Match[str], severity: Severity, message: str = "") -> None:
        span = self.report.span(match["file"], match["line"])
        message = f"{message} {match['message']}".strip().removeprefix("Warning--")
        self.add(span, severity, message or "error", "bibtex")

    def _close(self) -> None:
        if self._message:
            self.add(NOWHERE, self._severity, self._message, "bibtex")
        self._message = ""


_BIBER = re.compile(r"(?P<kind>ERROR|WARN) - (?P<message>\S.*)")
_SOURCE = re.compile(
    r"INFO - (?:Found BibTeX data source|Looking for \w+ file|Globbing data source) '(?P<file>.+?)'"
)
_SUBSYSTEM = re.compile(
    r"(?:BibTeX subsystem|[Ll]ibxml\w*|XML): (?P<file>.+?), line (?P<line>\d+), (?P<message>.*)"
)
_COPY = re.compile(r".*(?:biber_tmp_|\.utf8$|par-)")


class Biber(Parser):
    """Reads messages about a temporary copy: the file is the one that Biber looked for last."""

    TOOLS = "Biber"
    HINTS = ("INFO - ", "\nERROR - ", "\nWARN - ", "] ERROR - ", "] WARN - ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_biber = False
        self._file = ""

    def begin(self, line: str) -> bool:
        if line.startswith("INFO - "):
            if line.startswith("INFO - This is Biber"):
                self._is_biber, self._file = True, ""
                return True
            if self._is_biber and (match := _SOURCE.match(line)):
                self._file = match["file"]
            return self._is_biber
        match = _BIBER.match(line)
        if not match or not (self._is_biber or "BibTeX subsystem" in line):
            return False
        severity = Severity.ERROR if match["kind"] == "ERROR" else Severity.WARNING
        span, message = NOWHERE, match["message"]
        if found := _SUBSYSTEM.match(message):
            file = found["file"]
            if _COPY.match(file):
                file = self._file
            span, message = self.report.span(file, found["line"]), found["message"]
        self.add(span, severity, message, "biber")
        return True
