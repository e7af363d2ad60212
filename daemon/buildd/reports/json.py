"""Writes the diagnostics as a JSON array, in the form of the protocol."""

from __future__ import annotations

import msgspec

from buildd.reports import ReportContent


def report(findings: ReportContent) -> str:
    """Returns what `buildd diagnostics --json` prints."""
    encoded = msgspec.json.encode(findings.diagnostics)
    return msgspec.json.format(encoded, indent=2).decode() + "\n"
