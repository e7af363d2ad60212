"""A line for each diagnostic, as compilers print them and quickfix lists read them."""

from __future__ import annotations

from buildd.protocol import WireDiagnostic
from buildd.reports import ReportContent

_KINDS = {"error": "error", "warning": "warning", "information": "note", "hint": "note"}


def report(findings: ReportContent) -> str:
    """The first line of each message; the rest has no room there."""
    return "".join(
        f"{_place(one, findings)}{_KINDS[one.severity]}: "
        f"{one.message.partition(chr(10))[0]}{f' [{one.code}]' if one.code else ''}\n"
        for one in findings.diagnostics
    )


def _place(one: WireDiagnostic, findings: ReportContent) -> str:
    """Empty for a finding of no file, which a list then has as a line of text."""
    return f"{findings.path(one.file)}:{one.line}:{one.column}: " if one.file else ""
