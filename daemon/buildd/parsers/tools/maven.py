"""Reads Maven: its compiler plugins, problems in POMs, failed tests and failed goals."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_MARK = r"\[(?P<kind>ERROR|WARNING|WARN|FATAL)\] "
_FILE = r"(?P<file>(?:/?[A-Za-z]:)?[^\s:\[\]][^:\n]*\.(?:java|kt|groovy|scala|aj))"
_COMPILED = re.compile(
    rf"{_MARK}(?:file://)?{_FILE}:"
    r"(?: ?\[(?P<line>\d+),(?P<column>\d+)\]| \((?P<row>\d+), (?P<at>\d+)\)|"
    # Kotlin 2
    r"(?<=\.kt:)(?P<line2>\d+):(?P<column2>\d+)) "
    r"(?:error: |warning: )?(?P<message>.*)"
)
_PLACED = re.compile(
    r"(?P<message>.*?) @ (?:(?P<project>[^\s,]+), )?(?:(?P<file>[^\n,]+), )?"
    r"line (?P<line>\d+), column (?P<column>\d+)(?: -> \[Help \d+\])?$"
)
_UNREADABLE = re.compile(
    r"(?P<message>Non-(?:readable|parseable) POM (?P<file>.+?): .*@(?P<line>\d+):(?P<column>\d+))"
    r"(?: @ ?| -> \[Help \d+\])?$"
)
_MODEL = re.compile(r".*effective model for (?P<project>[^:\s]+:[^:\s]+)")
_PROJECT = re.compile(r".* The project (?P<project>\S*) \((?P<file>.+)\) has \d+ errors?$")
_GOAL = re.compile(r"Failed to execute goal (?:\S+ )?(?:\(\S+\) )?on project (?P<name>\S+): ")
_REPORTED_ELSEWHERE = re.compile(
    r"Compilation failure|There are test failures|There was a failure|You have \d+ \w+ violation|"
    r"The build could not read|.*There are test failures"
)
_SEVERITIES = {"ERROR": Severity.ERROR, "FATAL": Severity.ERROR}


class Maven(Parser):
    """Reads diagnostics, which Maven prints where they occur, and again at the end."""

    TOOLS = "Maven: compiler plugins, POMs, goals"
    HINTS = ("[ERROR] ", "[WARNING] ", "[FATAL] ", "\n[INFO] Reactor Build Order:")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._project = ""
        self._pom = ""
        self._poms: dict[str, str] = {}
        """The POM of each project, as far as it is known."""
        self._assumed: dict[int, str] = {}
        """The projects of diagnostics, by index, that were placed in the first directory's pom.xml.
        """
        self._is_indented = False

    def begin(self, line: str) -> bool:
        self._is_indented = False
        if line.startswith("[INFO] Reactor"):
            self._has_modules()
            return True
        if match := _COMPILED.match(line):
            self._compiled(match)
            return True
        head = re.match(_MARK, line)
        if not head:
            return False
        text = line[head.end() :].removeprefix("[ERROR] ")
        severity = _SEVERITIES.get(head["kind"], Severity.WARNING)
        if match := _MODEL.match(text):
            self._project, self._pom = match["project"], ""
        elif text.startswith("Some problems were encountered while processing the POMs"):
            self._project, self._pom = "", ""
        elif match := _PROJECT.match(f" {text}"):
            self._project, self._pom = match["project"].rpartition(":")[0], match["file"]
        elif " POM " in text and (match := _UNREADABLE.match(text.strip())):
            self._problem(match, match["file"], severity)
        elif match := _PLACED.match(text.strip()):
            self._placed(match, severity)
        elif text.endswith("]") and (found := re.search(r" -> \[Help \d+\]$", text)):
            self._goal(text[: found.start()])
        elif head["kind"] == "ERROR" and text.startswith("Failed to execute goal "):
            self._goal(text)
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        """Returns whether the line continues a compiler's message.

        Further lines are indented, after `[ERROR]` where the message is repeated.
        """
        if not self._is_indented:
            return False
        line = line.removeprefix("[ERROR] ").removeprefix("[WARNING] ")
        if not line.startswith("  "):
            return False
        self.lengthen(line)
        return True

    def _compiled(self, match: re.Match[str]) -> None:
        file = match["file"]
        span = self.report.span(
            file,
            match["line"] or match["row"] or match["line2"],
            match["column"] or match["at"] or match["column2"],
            # javac's columns count a tab as up to eight; Kotlin's do not.
            unit=ColumnUnit.DISPLAY if file.endswith(".java") else ColumnUnit.UTF16,
        )
        severity = _SEVERITIES.get(match["kind"], Severity.WARNING)
        message, code = match["message"], ""
        if found := re.match(r"\[([\w./:-]+)\] (?=\S)", message):
            code, message = found[1], message[found.end() :]
        source = "kotlinc" if file.endswith(".kt") else "javac"
        self.add(span, severity, message, source, code)
        self._is_indented = True

    def _placed(self, match: re.Match[str], severity: Severity) -> None:
        file = match["file"] or ""
        project = ":".join((match["project"] or "").split(":")[:2])
        if file and project:
            self._poms[project] = file
        if not file and match["project"] and match["project"].endswith(".xml"):
            file, project = match["project"], ""
        file = file or self._pom or self._poms.get(self._project, "")
        if not file and severity is Severity.ERROR:
            # It is printed again below the name of the file.
            return
        self._problem(match, file or "pom.xml", severity)
        if not file and self.at is not None:
            self._assumed[self.at] = self._project

    def _problem(self, match: re.Match[str], file: str, severity: Severity) -> None:
        span = self.report.span(file, match["line"], match["column"], unit=ColumnUnit.CODE_POINT)
        self.add(span, severity, match["message"].strip(), "maven")

    def _has_modules(self) -> None:
        """Corrects the places of diagnostics, because there are several POMs.

        The POM of a project is known only if another diagnostic has named its file.
        """
        for number, project in self._assumed.items():
            span = self.report.diagnostics[number].span
            file = self._poms.get(project)
            place = msgspec.structs.replace(span, file=file) if file else NOWHERE
            self.report.amend(number, span=place)
        self._assumed = {}

    def _goal(self, text: str) -> None:
        reason = text
        if match := _GOAL.match(text):
            reason = text[match.end() :]
        if not _REPORTED_ELSEWHERE.match(reason):
            self.add(NOWHERE, Severity.ERROR, reason, "maven")
