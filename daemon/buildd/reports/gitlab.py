"""GitLab's code quality report: JSON by which a merge request shows what is new."""

from __future__ import annotations

import hashlib

import msgspec

from buildd.protocol import WireDiagnostic
from buildd.reports import ReportContent

_SEVERITIES = {"error": "major", "warning": "minor", "information": "info", "hint": "info"}


def report(findings: ReportContent) -> str:
    """One object for each diagnostic. The same finding has the same fingerprint on any line, so
    that it is not new again when lines move; of several such, each has its own."""
    counts: dict[str, int] = {}
    issues = []
    for one in findings.diagnostics:
        # It has no issue without a path.
        path = findings.path(one.file) or "."
        key = f"{path}\0{one.source}\0{one.code}\0{one.message}"
        counts[key] = counts.get(key, -1) + 1
        issues.append(_issue(one, path, f"{key}\0{counts[key]}"))
    return msgspec.json.format(msgspec.json.encode(issues), indent=2).decode() + "\n"


def _issue(one: WireDiagnostic, path: str, key: str) -> dict[str, object]:
    return {
        "description": one.message,
        "check_name": one.code or one.source,
        "fingerprint": hashlib.sha256(key.encode("utf-8", "replace")).hexdigest(),
        "severity": _SEVERITIES[one.severity],
        "location": {"path": path, "lines": {"begin": one.line, "end": one.end_line}},
    }
