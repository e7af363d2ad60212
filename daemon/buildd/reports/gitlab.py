"""Writes GitLab's code quality report, JSON by which a merge request shows what is new."""

from __future__ import annotations

import hashlib

import msgspec

from buildd.base.lone_surrogates import encode
from buildd.protocol import WireDiagnostic
from buildd.reports import ReportContent

_SEVERITIES = {"error": "major", "warning": "minor", "information": "info", "hint": "info"}


def report(findings: ReportContent) -> str:
    """Returns one object for each diagnostic.

    The fingerprint does not depend on the line, so that a diagnostic is not new when lines move.
    Equal diagnostics of one file are numbered.
    """
    counts: dict[str, int] = {}
    issues = []
    for diagnostic in findings.diagnostics:
        # GitLab requires a path.
        path = findings.path(diagnostic.file) or "."
        key = f"{path}\0{diagnostic.source}\0{diagnostic.code}\0{diagnostic.message}"
        counts[key] = counts.get(key, -1) + 1
        issues.append(_issue(diagnostic, path, f"{key}\0{counts[key]}"))
    return msgspec.json.format(encode(issues), indent=2).decode() + "\n"


def _issue(diagnostic: WireDiagnostic, path: str, key: str) -> dict[str, object]:
    return {
        "description": diagnostic.message,
        "check_name": diagnostic.code or diagnostic.source,
        "fingerprint": hashlib.sha256(key.encode("utf-8", "replace")).hexdigest(),
        "severity": _SEVERITIES[diagnostic.severity],
        "location": {"path": path, "lines": {"begin": diagnostic.line, "end": diagnostic.end_line}},
    }
