"""Reads Helm, kubeconform and kubeval, for Kubernetes manifests."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import SEVERITIES, Parser
from buildd.parsers.report import NOWHERE, ParseResult

_CHART = re.compile(r"==> Linting (?P<chart>\S.*)$")
_LINT = re.compile(r"\[(?P<kind>ERROR|WARNING|INFO)\] (?P<message>(?P<file>[^\s:]+): .*)")
_FAILED = re.compile(
    r"Error: (?P<message>(?:\S+ FAILED: )?(?:\w+ error at \(|template: |"
    r"YAML parse error on |failed to parse ).*)"
)
_AT = re.compile(
    r"(?:error at \(|template: )(?P<file>[^\s:()]+):(?P<line>\d+)"
    r"(?::(?P<column>\d+))?"
)
_YAML_FILE = re.compile(r"YAML parse error on (?P<file>[^\s:]+): ")
_YAML_LINE = re.compile(r"\byaml: line (?P<line>\d+): ")


class Helm(Parser):
    """Reads `helm lint`, which names files below the chart, and errors of templates.

    Errors of templates name files with their chart.
    """

    TOOLS = "helm"
    HINTS = ("==> Linting ", "\n[ERROR] ", "\n[WARNING] ", "\n[INFO] ", "\nError: ")

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._chart = ""

    def begin(self, line: str) -> bool:
        if match := _CHART.match(line):
            self._chart = match["chart"]
        elif match := _FAILED.match(line):
            self._add(match["message"], "", Severity.ERROR)
        elif self._chart and (match := _LINT.match(line)):
            file = match["file"].rstrip("/")
            self._add(match["message"], f"{self._chart}/{file}", SEVERITIES[match["kind"].lower()])
        else:
            return False
        return True

    def _add(self, message: str, file: str, severity: Severity) -> None:
        line = column = None
        if match := _AT.search(message):
            file, line, column = self._below(match["file"]), match["line"], match["column"]
        elif match := _YAML_FILE.search(message):
            # The line that it names is one of the template's output.
            file = self._below(match["file"])
        elif match := _YAML_LINE.search(message):
            line = match["line"]
        span = self.report.span(file, line, column, unit=ColumnUnit.BYTE) if file else NOWHERE
        self.add(span, severity, message, "helm")

    def _below(self, file: str) -> str:
        """Returns the path of a file that is named with its chart."""
        _, _, rest = file.partition("/")
        return f"{self._chart}/{rest}" if self._chart and rest else file


_RESOURCE = re.compile(
    r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*?\.(?:ya?ml|json)|stdin) - (?P<message>(?:\S+ \S+ )?"
    r"(?:is invalid: |failed validation: |is not valid).*)"
)
_KUBEVAL = re.compile(
    r"(?P<kind>ERR |WARN) +- +(?P<message>(?P<file>[^\s:]+\.(?:ya?ml|json)|stdin)"
    r"(?:: | contains an invalid ).*)"
)


class Kubeconform(Parser):
    """Reads a file and a resource; there is hardly ever a line."""

    TOOLS = "kubeconform, kubeval"
    HINTS = (
        " is invalid: ",
        " failed validation: ",
        " is not valid",
        " contains an invalid ",
        "ERR  - ",
    )

    def begin(self, line: str) -> bool:
        match = _RESOURCE.match(line) or _KUBEVAL.match(line)
        if not match:
            return False
        at = _YAML_LINE.search(match["message"])
        span = self.report.span(match["file"], at["line"] if at else 1)
        self.add(span, Severity.ERROR, match["message"], "kubeconform")
        return True
