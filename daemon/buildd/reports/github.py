"""Writes GitHub's workflow commands, which annotate the lines of a pull request."""

from __future__ import annotations

from buildd.protocol import WireDiagnostic
from buildd.reports import ReportContent

_COMMANDS = {"error": "error", "warning": "warning", "information": "notice", "hint": "notice"}


def report(findings: ReportContent) -> str:
    """Returns one command for each diagnostic."""
    return "".join(_command(diagnostic, findings) for diagnostic in findings.diagnostics)


def _command(diagnostic: WireDiagnostic, findings: ReportContent) -> str:
    properties = {"title": " ".join(filter(None, (diagnostic.source, diagnostic.code)))}
    if diagnostic.file:
        properties |= {
            "file": findings.path(diagnostic.file),
            "line": str(diagnostic.line),
            "endLine": str(diagnostic.end_line),
        }
    if diagnostic.file and diagnostic.end_line == diagnostic.line:
        # GitHub refuses columns of a range over several lines.
        properties |= {"col": str(diagnostic.column), "endColumn": str(diagnostic.end_column)}
    joined = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{_COMMANDS[diagnostic.severity]} {joined}::{_data(diagnostic.message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
