"""An array of the diagnostics as they are on the wire."""

from __future__ import annotations

import msgspec

from buildd.reports import ReportContent


def report(findings: ReportContent) -> str:
    """As `buildd diagnostics --json` prints them."""
    encoded = msgspec.json.encode(findings.diagnostics)
    return msgspec.json.format(encoded, indent=2).decode() + "\n"
