"""Writes one line for each diagnostic, as compilers print them and quickfix lists read them."""

from __future__ import annotations

from buildd.protocol import WireDiagnostic
from buildd.reports import ReportContent

_KINDS = {"error": "error", "warning": "warning", "information": "note", "hint": "note"}


def report(findings: ReportContent) -> str:
    """Returns the place and the first line of the message of each diagnostic."""
    return "".join(_line(diagnostic, findings) for diagnostic in findings.diagnostics)


def _line(diagnostic: WireDiagnostic, findings: ReportContent) -> str:
    message = diagnostic.message.partition("\n")[0]
    code = f" [{diagnostic.code}]" if diagnostic.code else ""
    return f"{_place(diagnostic, findings)}{_KINDS[diagnostic.severity]}: {message}{code}\n"


def _place(diagnostic: WireDiagnostic, findings: ReportContent) -> str:
    """Returns the place; empty without a file, which a list then shows as a line of text."""
    return (
        f"{findings.path(diagnostic.file)}:{diagnostic.line}:{diagnostic.column}: "
        if diagnostic.file
        else ""
    )
