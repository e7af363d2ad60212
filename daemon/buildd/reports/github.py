"""GitHub's workflow commands: printed by a step, they annotate the lines of a pull request."""

from __future__ import annotations

from buildd.protocol import WireDiagnostic
from buildd.reports import ReportContent

_COMMANDS = {"error": "error", "warning": "warning", "information": "notice", "hint": "notice"}


def report(findings: ReportContent) -> str:
    """A command for each diagnostic."""
    return "".join(_command(one, findings) for one in findings.diagnostics)


def _command(one: WireDiagnostic, findings: ReportContent) -> str:
    properties = {"title": " ".join(filter(None, (one.source, one.code)))}
    if one.file:
        properties |= {
            "file": findings.path(one.file),
            "line": str(one.line),
            "endLine": str(one.end_line),
        }
    if one.file and one.end_line == one.line:
        # Columns of a range over several lines are refused there.
        properties |= {"col": str(one.column), "endColumn": str(one.end_column)}
    joined = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{_COMMANDS[one.severity]} {joined}::{_data(one.message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
