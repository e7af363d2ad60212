"""Reads `docker build`, with BuildKit and with the classic builder."""

from __future__ import annotations

import re

import msgspec

from buildd.model import Severity, Span
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_PLACE = re.compile(r"(?P<file>\S*(?:[Dd]ockerfile|[Cc]ontainerfile)\S*?):(?P<line>\d+)$")
_DEFINITION = re.compile(
    r"(?:#\d+ | *=> )(?:=> )?\[[^\]]*internal\] load build definition from (?P<file>\S+)"
)
_EXCERPT = re.compile(r" *(?P<line>\d+) \| (?P<mark>>>>)?")
_FAILED = re.compile(
    r"(?:(?:ERROR|Error|error): )?(?:failed to build: )?(?:target \S+: )?"
    r"failed to solve(?: with frontend [\w.]+)?: (?P<message>.*)"
)
_CLASSIC = re.compile(
    r"(?:Error response from daemon: |ERROR: )?(?P<message>"
    r"(?:dockerfile|Dockerfile) parse error (?:on )?line (?P<line>\d+): .*"
    r"|(?:COPY|ADD) failed: .*|The command '.*' returned a non-zero code: \d+"
    r"|failed to parse \S+: .*|building at STEP .*)"
)
_PARSE = re.compile(r"parse error (?:on )?line (?P<line>\d+): ")
_WARNING = re.compile(r" *- (?P<code>[A-Z][A-Za-z]+): (?P<message>.*) \(line (?P<line>\d+)\)$")
_CHECK = re.compile(
    r"(?P<kind>WARNING|ERROR): (?P<code>[A-Z][A-Za-z]+)"
    r"(?: - (?P<href>https://docs\.docker\.com/\S+))?$"
)
_RULES = "https://docs.docker.com/go/dockerfile/rule/"


class Docker(Parser):
    """Reads errors and failed checks.

    BuildKit shows the place in the Dockerfile above an error, and below a failed check.
    """

    TOOLS = "docker build: BuildKit and the classic builder"
    HINTS = (
        "load build definition from ",
        "ockerfile",
        "ontainerfile",
        "failed to solve",
        "parse error on line ",
        "\nCOPY failed: ",
        "\nADD failed: ",
        "\nThe command '",
        "building at STEP ",
        " (line ",
        "\nWARNING: ",
        "\nERROR: ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._file = "Dockerfile"
        self._span = NOWHERE
        """The place that the last excerpt showed, until its error comes."""
        self._check: re.Match[str] | None = None
        self._message: list[str] = []
        self._part = ""

    def begin(self, line: str) -> bool:
        self._part = ""
        if match := _DEFINITION.match(line):
            self._file = match["file"]
        elif match := _PLACE.match(line):
            self._span = self.report.span(match["file"], match["line"])
            self._part = "excerpt"
        elif match := _FAILED.match(line):
            self._failed(match["message"])
        elif match := _CLASSIC.match(line):
            span = NOWHERE
            if match["line"]:
                span = self.report.span(self._file, match["line"])
            self.add(span, Severity.ERROR, match["message"], "docker")
        elif match := _WARNING.match(line):
            span = self.report.span(self._file, match["line"])
            code = match["code"]
            href = _RULES + re.sub(r"(?<=[a-z])(?=[A-Z])", "-", code).lower() + "/"
            self.at = self.report.add(
                span, Severity.WARNING, match["message"], "docker", code, href=href
            )
        elif (match := _CHECK.match(line)) and match["href"]:
            self._check, self._message = match, []
            self._part = "check"
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if self._part == "check":
            if match := _PLACE.match(line):
                self._checked(self.report.span(match["file"], match["line"]))
                return True
            self._message.append(line)
            return len(self._message) < 10
        if self._part != "excerpt":
            return False
        if line == "-" * 20:
            return True
        match = _EXCERPT.match(line)
        if not match:
            return False
        number = int(match["line"]) if len(match["line"]) < 9 else 0
        if match["mark"] and self._span.file and number > self._span.line:
            self._span = msgspec.structs.replace(self._span, end_line=number)
        return True

    def _failed(self, message: str) -> None:
        span, self._span = self._span, NOWHERE
        if not span.file and (match := _PARSE.search(message)):
            span = self.report.span(self._file, match["line"])
        self.add(span, Severity.ERROR, message, "docker")

    def _checked(self, span: Span) -> None:
        check = self._check
        if check is None:
            return
        kind = Severity.WARNING if check["kind"] == "WARNING" else Severity.ERROR
        message = "\n".join(self._message)
        self.at = self.report.add(span, kind, message, "docker", check["code"], href=check["href"])
        self._check = None
        # The excerpt below adds nothing.
        self._span = NOWHERE
        self._part = "excerpt"
